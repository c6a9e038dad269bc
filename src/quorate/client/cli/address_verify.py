"""Prove a deposit address offline: derive it from the key certificate that every signer of the charter
signed.

Exit 0 when ADDRESS is the address of the account, 1 when it is not, or when the proof does not hold.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files, orders
from quorate.client.cli.output import Json, judged, show
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError


def command(
    address: Annotated[str, typer.Argument(help="The address to prove.")],
    charter_file: Annotated[
        Path, typer.Option("--charter", help="The charter file: the only thing that is trusted here.")
    ],
    proof: Annotated[Path, typer.Option(help="The `proof` of an address answer, or a key certificate.")],
    account: Annotated[str, typer.Option(help="Vault account id.")],
    asset: Annotated[str, typer.Option(help="Asset id.")],
    index: Annotated[int, typer.Option(help="Address index.", min=0)] = 0,
    json_output: Json = False,
) -> None:
    charters = documents.read_verified(charter_file)
    signed = files.read_json(proof)
    about = {"address": address, "account": account, "asset": asset, "index": index}

    def decide() -> tuple[str, str]:
        certificate = orders.verified(signed, charters)
        derived = fireblocks.deposit_addresses(
            charters[-1], {certificate.key: certificate}, asset, account, index
        )
        kind = next((kind for kind, text in derived.items() if text == address), None)
        if kind is None:
            message = f"the account's address is {' or '.join(derived.values())}"
            raise QuorateError("address_mismatch", message, "peer", "send nothing to the other one")
        return certificate.key, kind

    key, kind = judged(decide, about, address)
    named = {"kind": kind} if kind else {}
    show(
        {**about, "outcome": "valid", "key": key, **named},
        f"VALID  {address}",
        f"  address {index} of account {account}, {asset}{f' ({kind})' if kind else ''}; every signer of the "
        f"charter certified key {key}",
    )
