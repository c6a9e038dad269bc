"""Sign the newest version of a charter with an administrator's SSH key: a key file, or a public key whose
private half an agent holds.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files
from quorate.client.cli.output import Json, show
from quorate.core.model import labels
from quorate.core.model.charter import dump_chain, parse


def command(
    charter_file: Annotated[
        Path, typer.Argument(metavar="CHARTER", help="The charter file; the signature is added to it.")
    ],
    key: Annotated[Path, typer.Option(help="SSH key of an administrator.")],
    json_output: Json = False,
) -> None:
    *earlier, newest = documents.read_chain(charter_file)
    charter = parse(newest.body)
    judges_of_it = parse(earlier[-1].body) if earlier else charter
    signed, administrator = documents.add_signature(newest, labels.CHARTER, key, judges_of_it.administrators)
    files.write(charter_file, dump_chain((*earlier, signed)))
    needed = judges_of_it.administrator_quorum if earlier else len(charter.administrators)
    show(
        {
            "charter": str(charter_file),
            "version": charter.version,
            "hash": charter.hash.hex(),
            "administrator": administrator,
            "signatures": len(signed.signatures),
            "needed": needed,
        },
        f"{administrator} signed version {charter.version}: {len(signed.signatures)} of {needed} signatures",
        f"  hash  {charter.hash.hex()}",
    )
