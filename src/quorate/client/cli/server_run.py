"""Run a server in the foreground, until SIGINT or SIGTERM."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import files
from quorate.client.cli.output import Json


def command(
    folder: Annotated[Path, typer.Option("--dir", help="Folder made by `server init`.")],
    json_output: Json = False,
) -> None:
    files.read(folder / "server.json")
    os.execv(sys.executable, [sys.executable, "-m", "quorate.server.main", "--dir", str(folder)])  # noqa: S606
