"""Have the signers create a key, by order. The key exists when every signer has signed its certificate."""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, files, http, orders
from quorate.client.cli.output import Json, Server, show
from quorate.core.errors import QuorateError


def command(
    order_file: Annotated[Path, typer.Argument(metavar="ORDER", help="The signed order of kind key-create.")],
    charter_file: Annotated[
        Path, typer.Option("--charter", help="The charter file, to verify the certificate against.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write the key certificate here.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the signers.")] = 120,
    server: Server = http.LOCAL,
    json_output: Json = False,
) -> None:
    order = documents.order_file(documents.read_order(order_file))
    if order["order"].get("kind") != "key-create":
        raise QuorateError("order_kind", "this order creates no key", "caller", "see `quorate order submit`")
    state = orders.run(server, order, timeout)
    certificate = orders.verified(state["certificate"], documents.read_verified(charter_file))
    if out:
        files.write_json(out, state["certificate"])
    show(
        state,
        f"key {certificate.key} exists, {certificate.curve}",
        f"  split among {len(certificate.signers)}, {certificate.threshold} sign",
        f"  public key  {certificate.public_key.hex()}",
        f"  certified by {', '.join(certificate.signers)}",
    )
