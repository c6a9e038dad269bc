"""A one-minute story on one machine: every step is checked, and a wrong one ends it with the reason. `museum`
judges the recorded thefts again and needs no cluster.
"""

import signal
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.cli.output import Exit, Json, note
from quorate.core.errors import QuorateError


def command(
    chapter: Annotated[
        str,
        typer.Argument(help="main; approvals; museum: recorded thefts; serve: leave the cluster running."),
    ] = "main",
    folder: Annotated[
        Path, typer.Option("--dir", help="Folder of chain and cluster; made anew by `main` and `approvals`.")
    ] = Path("demo"),
    json_output: Json = False,
) -> None:
    from quorate.client.demo import approvals_chapter, main_chapter, museum_chapter, serve
    from quorate.client.demo.story import Wrong

    chapters = {
        "main": main_chapter.play,
        "approvals": approvals_chapter.play,
        "museum": museum_chapter.play,
        "serve": serve.play,
    }
    if chapter not in chapters:
        raise QuorateError(
            "no_such_chapter", f"there is no chapter {chapter}", "caller", f"one of: {', '.join(chapters)}"
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        chapters[chapter](folder)
    except Wrong as wrong:
        note(f"error[demo] state: {wrong}")
        raise typer.Exit(Exit.NOT_NOW) from None
