"""Leaves the demo's chain and cluster running, with all that the story did to them, until Ctrl-C."""

import contextlib
import signal
from pathlib import Path

from quorate.client.demo import snippet
from quorate.client.demo.stage import Stage
from quorate.client.demo.story import Story
from quorate.core.errors import QuorateError


def play(folder: Path) -> None:
    """Raises QuorateError no_demo before the story was told."""
    if not (folder / "cluster/charter.json").exists():
        raise QuorateError("no_demo", f"{folder} holds no demo", "caller", "make demo")
    story = Story()
    with Stage(folder, fresh=False) as stage:
        stage.start_cluster()
        story.plain(f"serving {stage.dev['api']['base_path']}; end with Ctrl-C\n")
        snippet.show(story, stage, running=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
