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
from quorate.core.model import labels
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.records import KEY_CREATE, READMIT, UNFREEZE, Order

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
    unfreeze: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="New order: lift this freeze. May be repeated.")
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
        if key_create or readmit or unfreeze:
            raise QuorateError(
                "file_exists",
                f"{order_file} holds an order already",
                "caller",
                "leave the options out to add a signature",
            )
        order = documents.read_order(order_file)
    else:
        order = SignedDocument(_new(charter, key_create, readmit, incarnation, unfreeze, lifetime), ())
    signed, administrator = documents.add_signature(order, labels.ORDER, key, charter.administrators)
    files.write_json(order_file, documents.order_file(signed))
    count, needed = len(signed.signatures), charter.administrator_quorum
    show(
        {**documents.order_file(signed), "administrator": administrator, "count": count, "needed": needed},
        f"{administrator} signed the order in {order_file}: {count} of {needed} signatures",
    )


def _new(
    charter: Charter,
    key: str | None,
    signer: str | None,
    incarnation: int | None,
    freezes: list[str] | None,
    lifetime: int,
) -> bytes:
    """The canonical body of docs/spec/order.md. Raises QuorateError: order_kind, no_such_key, no_such_signer,
    and the codes of the form.
    """
    kinds = {KEY_CREATE: key is not None, READMIT: signer is not None, UNFREEZE: bool(freezes)}
    if sum(kinds.values()) != 1:
        raise QuorateError("order_kind", "a new order needs --key-create, --readmit or --unfreeze")
    if key is not None and charter.key(key) is None:
        raise QuorateError("no_such_key", f"the charter names no key {key}")
    if signer is not None and (charter.signer(signer) is None or incarnation is None):
        raise QuorateError("no_such_signer", "--readmit takes a signer of the charter, with --incarnation")
    now = int(time.time())
    order = Order(
        cluster=charter.cluster,
        charter=charter.hash,
        id=secrets.token_hex(16),
        kind=next(kind for kind, given in kinds.items() if given),
        key=key,
        signer=signer,
        incarnation=incarnation if signer is not None else None,
        created_at=now,
        expires_at=now + lifetime,
        freezes=tuple(sorted(set(freezes))) if freezes else None,
    )
    return Order.from_bytes(order.to_bytes()).to_bytes()
