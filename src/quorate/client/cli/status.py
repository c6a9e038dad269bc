"""A cluster at a glance, as the server tells it; with --dir, one signer as it tells itself through its own
socket.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from quorate.client.ceremony import http, judge
from quorate.client.cli.output import Json, Server, show

_COLUMNS: Final = (
    "id",
    "attached",
    "may_vote",
    "heard",
    "incarnation",
    "isolation",
    "seal",
    "charter",
    "refusal",
)


def command(
    server: Server = http.LOCAL,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of a running signer.")] = None,
    json_output: Json = False,
) -> None:
    if folder is not None:
        state = judge.ask(folder, {"do": "status"})
        show(state, *_lines(state))
    else:
        state = http.call(server, "/quorate/v1/status")
        about = {name: value for name, value in state.items() if name != "signers"}
        show(state, *_lines(about), "", *_table(state["signers"]))


def _lines(state: Mapping[str, Any]) -> list[str]:
    return [f"{name:<16}{_text(value)}" for name, value in state.items() if name != "ok"]


def _table(signers: list[dict[str, Any]]) -> list[str]:
    rows = [_COLUMNS, *(tuple(_text(signer.get(name)) for name in _COLUMNS) for signer in signers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _text(value: object) -> str:
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None | "" | []:
            return "-"
        case {"version": version, "hash": hash}:
            return f"version {version}, {str(hash)[:16]}..."
        case dict():
            return ", ".join(f"{name} {_text(member)}" for name, member in value.items())
        case list():
            return ", ".join(_text(member) for member in value)
        case _:
            return str(value)
