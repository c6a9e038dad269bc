"""A cluster at a glance, as the server tells it; with --dir, one signer as it tells itself through its own
socket.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
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
_APART: Final = ("signers", "freezes", "proposals", "pending", "documents")


def command(
    server: Server = http.LOCAL,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of a running signer.")] = None,
    json_output: Json = False,
) -> None:
    if folder is not None:
        state = judge.ask(folder, {"do": "status"})
        about = {name: value for name, value in state.items() if name not in _APART}
        lines = [*_frozen(state["freezes"]), *_waiting(state["pending"])]
        show(state, *_lines(about), *lines, *_documents(state.get("documents", [])))
    else:
        state = http.call(server, "/quorate/v1/status")
        about = {name: value for name, value in state.items() if name not in _APART}
        freezes = state["freezes"]
        lines = [*_frozen(freezes["in_force"]), *_effective(freezes), *_proposed(state["proposals"])]
        lines += _pinned(state.get("documents", []), [signer["id"] for signer in state["signers"]])
        show(state, *_lines(about), *lines, "", *_table(state["signers"]))


def _frozen(freezes: list[dict[str, Any]]) -> list[str]:
    return [
        f"{'FROZEN':<16}{freeze['scope']} {freeze['subject'] or ''}".rstrip()
        + f", by {freeze['by']}, {freeze['id']}"
        for freeze in freezes
    ]


def _effective(state: dict[str, Any]) -> list[str]:
    if not state["in_force"]:
        return []
    word = "effective" if state["effective"] else "NOT EFFECTIVE YET"
    names = ", ".join(state["acknowledged"]) or "nobody"
    return [f"{'freezes':<16}acknowledged by {names}; {state['needed']} needed: {word}"]


def _waiting(pending: list[dict[str, Any]]) -> list[str]:
    return [
        f"{'proposed':<16}version {each['version']}, {each['hash'][:16]}..., "
        + (f"vetoed by {each['vetoed_by']}" if each["vetoed_by"] else f"from {_date(each['due_ms'])}")
        for each in pending
    ]


def _documents(documents: list[dict[str, Any]]) -> list[str]:
    """As a signer has them: how many calls it reads by each, or why none."""
    return [
        _document(each, each["problem"].upper() if each["problem"] else f"{each['calls']} calls")
        for each in documents
    ]


def _pinned(documents: list[dict[str, Any]], signers: list[str]) -> list[str]:
    """As the server tells it: who has which."""
    found = []
    for each in documents:
        missing = [signer for signer in signers if signer not in each["held_by"]]
        state = f"MISSING at {', '.join(missing)}" if missing else "at all signers"
        found.append(_document(each, state if each["held"] else f"{state}, MISSING at the server"))
    return found


def _document(each: dict[str, Any], state: str) -> str:
    return f"{'document':<16}{each['chain']} {each['contract']}, {each['hash'][:16]}...: {state}"


def _proposed(proposals: list[dict[str, Any]]) -> list[str]:
    return [
        f"{'proposed':<16}version {each['version']}, {each['hash'][:16]}..., "
        + (f"vetoed by {each['vetoed_by']}" if each["vetoed_by"] else _dates(each["waiting_at"]))
        for each in proposals
    ]


def _dates(waiting: dict[str, dict[str, Any]]) -> str:
    dates = (f"{signer} from {_date(state['due_ms'])}" for signer, state in waiting.items())
    return ", ".join(dates) or "no signer has it yet"


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


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
