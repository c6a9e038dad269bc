"""How every command speaks: one JSON document or lines for people on stdout, progress and errors on
stderr, four exit codes.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Final, TypeVar

import typer

from quorate.core.errors import QuorateError, Refused

T = TypeVar("T")


class Exit(IntEnum):
    """0 done, allowed, valid; 1 a verdict against it; 2 bad input; 3 could not be done now."""

    DONE = 0
    REFUSED = 1
    BAD_INPUT = 2
    NOT_NOW = 3


@dataclass
class _Mode:
    json: bool = False


_mode: Final = _Mode()


def _choose(value: bool) -> bool:
    _mode.json = _mode.json or value
    return value


Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout.", callback=_choose, is_eager=True)
]


Server = Annotated[str, typer.Option(help="Address of the server.")]


class Verdict(Exception):
    """Ends a command with exit code 1 after its answer was shown: refused or invalid, and not a failure."""


def begin() -> None:
    """A new command, which has not asked for JSON yet."""
    _mode.json = False


def show(document: Mapping[str, Any], *lines: str) -> None:
    """Prints the answer: `document` with --json, otherwise `lines`."""
    if _mode.json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write("".join(line + "\n" for line in lines))
    sys.stdout.flush()


def note(line: str) -> None:
    """A line about what happens meanwhile; never part of the answer."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def as_document(error: QuorateError) -> dict[str, str]:
    """The `error` member of an answer."""
    return {"code": error.code, "message": error.message, "whose": error.whose, "hint": error.hint}


def exit_code(error: QuorateError) -> Exit:
    """Verdicts are 1, what the caller can mend is 2, everything else is 3."""
    if isinstance(error, Refused):
        return Exit.REFUSED
    return Exit.BAD_INPUT if error.whose == "caller" else Exit.NOT_NOW


def fail(error: QuorateError) -> Exit:
    """Prints an error in the form that was asked for, and returns the exit code."""
    if _mode.json:
        sys.stdout.write(json.dumps({"error": as_document(error)}, indent=2) + "\n")
    else:
        hint = f" — {error.hint}" if error.hint else ""
        note(f"error[{error.code}] {error.whose}: {error.message}{hint}")
    return exit_code(error)


def judged(decide: Callable[[], T], document: Mapping[str, Any], what: str) -> T:
    """The result of a verification; its failure is a verdict: prints `outcome: invalid` with the reason
    and ends with exit code 1.
    """
    try:
        return decide()
    except QuorateError as error:
        show(
            {**document, "outcome": "invalid", "error": as_document(error)},
            f"INVALID  {what}",
            f"  {error.code}: {error.message}",
            *([f"  {error.hint}"] if error.hint else []),
        )
        raise Verdict from None


def hex_hash(text: str, where: str) -> bytes:
    """32 bytes in hexadecimal.

    Raises QuorateError bad_hash.
    """
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        raise QuorateError("bad_hash", f"{where} takes 64 hexadecimal digits")
    return value
