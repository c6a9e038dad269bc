"""A cluster at a glance, as the server tells it; with --dir, one signer as it tells itself through its own
socket.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import http, judge
from quorate.client.cli.output import Json, show
from quorate.core.errors import QuorateError


def command(
    server: Annotated[
        str | None, typer.Option(help="Address of the server, e.g. http://127.0.0.1:8080")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of a running signer.")] = None,
    json_output: Json = False,
) -> None:
    if folder is not None:
        state = judge.ask(folder, {"do": "status"})
        show(state, *_lines(state))
    elif server is not None:
        state = http.call(server, "/quorate/v1/status")
        show(
            state,
            *_lines({name: value for name, value in state.items() if name != "signers"}),
            *_signers(state),
        )
    else:
        raise QuorateError("usage", "give --server or --dir")


def _lines(state: dict[str, Any]) -> list[str]:
    return [f"{name:<16}{_text(value)}" for name, value in state.items() if name != "ok"]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(member)}" for name, member in value.items())
    if isinstance(value, list):
        return ", ".join(_text(member) for member in value) or "-"
    return (
        {True: "yes", False: "no", None: "-"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )


def _signers(state: dict[str, Any]) -> list[str]:
    return [f"signer {_text(signer)}" for signer in state.get("signers", [])]
