"""Make a charter version from a draft. It is complete but unsigned: `charter sign` comes next."""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, draft, files
from quorate.client.cli.output import Json, show
from quorate.core.model.charter import SignedDocument, dump_chain


def command(
    draft_file: Annotated[Path, typer.Option("--draft", help="What only people can decide, in YAML.")],
    out: Annotated[Path, typer.Option(help="The charter file to write.")],
    signer: Annotated[
        list[Path] | None, typer.Option(help="enrolment.json of a signer; in order of index.")
    ] = None,
    server: Annotated[Path | None, typer.Option(help="enrolment.json of the server.")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The charter file that the new version continues.")
    ] = None,
    json_output: Json = False,
) -> None:
    earlier = documents.read_chain(previous) if previous else ()
    last = documents.read_verified(previous)[-1] if previous else None
    charter = draft.build(draft_file, signer or [], server, last)
    files.write(out, dump_chain((*earlier, SignedDocument(charter.body, ()))))
    show(
        {
            "charter": str(out),
            "version": charter.version,
            "hash": charter.hash.hex(),
            "cluster": charter.cluster,
            "mode": charter.mode,
        },
        f"charter version {charter.version} of cluster {charter.cluster} ({charter.mode}) in {out}",
        f"  hash  {charter.hash.hex()}",
        f"  next: quorate charter sign {out} --key KEY, by "
        + (
            "every administrator"
            if last is None
            else f"{last.administrator_quorum} administrators of version {last.version}"
        ),
    )
