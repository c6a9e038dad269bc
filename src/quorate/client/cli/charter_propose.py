"""Make the next version of a charter from a draft, and say in words what it changes and what of it loosens.
It is unsigned: `charter sign` comes next.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, draft, files
from quorate.client.cli.output import Json, show
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument, dump_chain
from quorate.core.model.charter.diff import Change, changes


def command(
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter in force.")],
    draft_file: Annotated[Path, typer.Option("--draft", help="What only people can decide, in YAML.")],
    out: Annotated[Path, typer.Option(help="The charter file to write: all versions and the new one.")],
    signer: Annotated[
        list[Path] | None, typer.Option(help="enrolment.json of a signer whose keys change; then of all.")
    ] = None,
    server: Annotated[
        Path | None, typer.Option(help="enrolment.json of the server, if its certificate changes.")
    ] = None,
    json_output: Json = False,
) -> None:
    earlier, before = documents.read_chain(charter_file), documents.read_verified(charter_file)[-1]
    after = draft.build(draft_file, signer or [], server, before)
    found = changes(before, after)
    if not found:
        raise QuorateError("no_change", f"the draft says what version {before.version} says already")
    files.write(out, dump_chain((*earlier, SignedDocument(after.body, ()))))
    loosens = any(change.loosens for change in found)
    show(
        {
            "charter": str(out),
            "version": after.version,
            "hash": after.hash.hex(),
            "changes": [{"words": change.words, "loosens": change.loosens} for change in found],
            "loosens": loosens,
            "timelock": before.timelock if loosens else 0,
        },
        f"charter version {after.version} of cluster {after.cluster} in {out}",
        f"  hash  {after.hash.hex()}",
        *(_line(change) for change in found),
        f"  {_wait(before, loosens)}",
        f"  next: quorate charter sign {out} --key KEY, by {before.administrator_quorum} administrators of "
        f"version {before.version}",
    )


def _line(change: Change) -> str:
    return f"  {'LOOSENS' if change.loosens else 'tightens'}  {change.words}"


def _wait(before: Charter, loosens: bool) -> str:
    if not loosens or not before.timelock:
        return "it takes effect at each signer at once"
    return (
        f"it loosens: each signer waits {before.timelock} s from when it first sees the signed version; "
        "until then one administrator can veto it"
    )
