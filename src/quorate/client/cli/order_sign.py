"""Make an order, or add an administrator's signature to one. A quorum of the charter's administrators
makes it valid.
"""

import secrets
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from quorate.client.ceremony import documents, files
from quorate.client.cli.output import Json, show
from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.charter import Charter, SignedDocument

_LONGEST: Final = 86_400


def command(
    order_file: Annotated[
        Path, typer.Argument(metavar="ORDER", help="The order file; made when it does not exist.")
    ],
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter in force.")],
    key: Annotated[Path, typer.Option(help="SSH key of an administrator.")],
    key_create: Annotated[
        str | None, typer.Option(metavar="KEY", help="New order: create this key of the charter.")
    ] = None,
    readmit: Annotated[
        str | None, typer.Option(metavar="SIGNER", help="New order: this signer may vote again.")
    ] = None,
    incarnation: Annotated[
        int | None, typer.Option(help="Incarnation that the readmitted signer runs now (its `status`).")
    ] = None,
    lifetime: Annotated[
        int, typer.Option(help="Seconds the order stays valid.", min=60, max=_LONGEST)
    ] = 3600,
    json_output: Json = False,
) -> None:
    charter = documents.read_verified(charter_file)[-1]
    if order_file.exists():
        if key_create or readmit:
            raise QuorateError(
                "file_exists",
                f"{order_file} holds an order already",
                "caller",
                "leave the options out to add a signature",
            )
        order = documents.read_order(order_file)
    else:
        order = SignedDocument(
            canonical.encode(_new(charter, key_create, readmit, incarnation, lifetime)), ()
        )
    signed, administrator = documents.add_signature(order, labels.ORDER, key, charter.administrators)
    files.write_json(order_file, documents.order_file(signed))
    count, needed = len(signed.signatures), charter.administrator_quorum
    show(
        {**documents.order_file(signed), "administrator": administrator, "count": count, "needed": needed},
        f"{administrator} signed the order in {order_file}: {count} of {needed} signatures",
    )


def _new(
    charter: Charter, key: str | None, signer: str | None, incarnation: int | None, lifetime: int
) -> dict[str, object]:
    """The members of docs/spec/order.md."""
    if (key is None) == (signer is None):
        raise QuorateError("order_kind", "a new order needs --key-create or --readmit")
    if key is not None and charter.key(key) is None:
        raise QuorateError("no_such_key", f"the charter names no key {key}")
    if signer is not None and (charter.signer(signer) is None or incarnation is None):
        raise QuorateError("no_such_signer", "--readmit takes a signer of the charter, with --incarnation")
    now = int(time.time())
    return {
        "cluster": charter.cluster,
        "charter": charter.hash.hex(),
        "id": secrets.token_hex(16),
        "kind": "readmit" if key is None else "key-create",
        "key": key,
        "signer": signer,
        "incarnation": incarnation if signer is not None else None,
        "created_at": now,
        "expires_at": now + lifetime,
    }
