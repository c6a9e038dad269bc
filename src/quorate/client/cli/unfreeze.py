"""Lift freezes, by an order that a quorum of administrators signed: see `order sign --unfreeze`."""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, http, orders
from quorate.client.cli.output import Json, Server, show
from quorate.core.errors import QuorateError


def command(
    order_file: Annotated[Path, typer.Argument(metavar="ORDER", help="The signed order of kind unfreeze.")],
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the signers.")] = 120,
    server: Server = http.LOCAL,
    json_output: Json = False,
) -> None:
    order = documents.order_file(documents.read_order(order_file))
    if order["order"].get("kind") != "unfreeze":
        raise QuorateError("order_kind", "this order lifts no freeze", "caller", "see `quorate order submit`")
    state = orders.run(server, order, timeout)
    left = http.call(server, "/quorate/v1/freezes")["in_force"]
    show(
        {**state, "in_force": left},
        f"lifted: {', '.join(state['freezes'])}",
        *(f"  still frozen: {freeze['scope']} {freeze['subject'] or ''}".rstrip() for freeze in left),
    )
