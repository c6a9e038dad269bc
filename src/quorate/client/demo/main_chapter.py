"""The story of `make demo`: three signers, one server, a real chain."""

from pathlib import Path

from quorate.client.demo import snippet
from quorate.client.demo.parts import crash, liar, logs, opening, refusals, transfers
from quorate.client.demo.stage import Stage
from quorate.client.demo.story import Story
from quorate.client.demo.telling import Telling


def play(folder: Path) -> None:
    """Tells the story on a fresh stage.

    Raises Wrong at the first step that does not come out as told.
    """
    story = Story()
    story.title("Quorate: three signers, one server, a real chain")
    with Stage(folder, fresh=True) as stage:
        telling = Telling(stage, story)
        for part in (opening, transfers, refusals, liar, crash, logs):
            part.tell(telling)
        story.chapter("Your turn")
        with story.step("eight lines of Python, run as they are printed below"):
            snippet.check(story, stage)
        story.end()
        snippet.show(story, stage)
