"""Verify a chain of charter versions: signatures, order, and every rule of docs/spec/charter.md. Exit 0
valid, 1 invalid.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents
from quorate.client.cli.charter_show import pins
from quorate.client.cli.output import Json, hex_hash, judged, show
from quorate.core.model.charter import verify_chain


def command(
    charter_file: Annotated[Path, typer.Argument(metavar="CHARTER", help="The charter file.")],
    hash: Annotated[str | None, typer.Option("--hash", help="Hash that version 1 must have.")] = None,
    json_output: Json = False,
) -> None:
    root = hex_hash(hash, "--hash") if hash else None
    chain = documents.read_chain(charter_file)
    charters = judged(
        lambda: verify_chain(chain, root_hash=root), {"charter": str(charter_file)}, str(charter_file)
    )
    show(
        {
            "outcome": "valid",
            "charter": str(charter_file),
            "cluster": charters[0].cluster,
            "mode": charters[0].mode,
            "versions": [{"version": c.version, "hash": c.hash.hex()} for c in charters],
            "documents": [
                {"chain": pin.chain, "contract": pin.contract, "hash": pin.hash.hex()}
                for pin in charters[-1].annotations
            ],
        },
        f"VALID  cluster {charters[0].cluster}, {charters[0].mode}",
        *(f"  version {c.version}  {c.hash.hex()}" for c in charters),
        *pins(charters[-1]),
    )
