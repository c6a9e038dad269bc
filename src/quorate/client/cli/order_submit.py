"""Send an order to the signers through the server, and wait until it took effect."""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, http, orders
from quorate.client.cli.output import Json, Server, show


def command(
    order_file: Annotated[Path, typer.Argument(metavar="ORDER", help="The signed order.")],
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the signers.")] = 120,
    server: Server = http.LOCAL,
    json_output: Json = False,
) -> None:
    state = orders.run(server, documents.order_file(documents.read_order(order_file)), timeout)
    show(state, f"order {state['id']}: {state['status']}")
