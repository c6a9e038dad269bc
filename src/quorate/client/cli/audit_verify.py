"""Verify a signer's audit log offline, from a folder and the charter alone. Names the first bad entry.
Exit 0 valid, 1 invalid.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from quorate.client.ceremony import documents
from quorate.client.cli.output import Json, Verdict, show
from quorate.core.audit.verify import Report, verify_directory_files
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter

CHECKPOINT: Final = "checkpoint"
MOST_READS: Final = 10


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The audit folder of a signer, or a copy of it.")
    ],
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter file: it names the log keys.")],
    signer: Annotated[
        str | None, typer.Option(help="Signer whose log it must be. Default: the one it says it is.")
    ] = None,
    json_output: Json = False,
) -> None:
    if not folder.is_dir():
        raise QuorateError("file_missing", f"{folder} is no folder")
    charter = documents.read_verified(charter_file)[-1]
    report = _verified(folder, charter, signer or _claimed(folder))
    show(_document(report), *_lines(report))
    if not report.ok:
        raise Verdict


def _verified(folder: Path, charter: Charter, signer: str) -> Report:
    """A signer that runs replaces its checkpoint, and removes partial files that a newer one does not need:
    what is missing because of that is no fault, and all is read again.
    """
    for _ in range(MOST_READS):
        note = _read(folder, CHECKPOINT)
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        report = verify_directory_files(lambda name: _read(folder, name), charter, signer, names=names)
        if report.ok or _read(folder, CHECKPOINT) == note:
            break
    return report


def _read(folder: Path, name: str) -> bytes | None:
    try:
        return (folder / name).read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None


def _claimed(folder: Path) -> str:
    """The signer in the first line of the checkpoint; that it is true, the log key proves."""
    note = _read(folder, CHECKPOINT)
    if note is None:
        raise QuorateError(
            "no_checkpoint",
            f"{folder} holds no checkpoint",
            "caller",
            "is this an audit folder? or give --signer",
        )
    return note.split(b"\n", 1)[0].decode(errors="replace").rsplit("/", 1)[-1]


def _document(report: Report) -> dict[str, Any]:
    fault = report.fault
    return {
        "outcome": "valid" if report.ok else "invalid",
        "origin": report.origin,
        "size": report.size,
        "root": report.root.hex(),
        "fault": fault
        and {"file": fault.path, "entry": fault.entry, "code": fault.code, "message": fault.message},
        "unchecked": list(report.unchecked),
    }


def _lines(report: Report) -> list[str]:
    if report.fault is None:
        newer = [f"  not covered by the checkpoint: {name}" for name in report.unchecked]
        return [f"VALID  {report.origin}: {report.size} entries, root {report.root.hex()}", *newer]
    entry = "" if report.fault.entry is None else f"entry {report.fault.entry}, "
    return [
        f"INVALID  {report.origin}",
        f"  first bad: {entry}{report.fault.path}: {report.fault.message} ({report.fault.code})",
    ]
