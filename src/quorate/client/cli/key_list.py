"""List the keys of a cluster. Every certificate is verified against the charter given here, not taken from
the server.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import documents, http, orders
from quorate.client.cli.output import Json, Server, show


def command(
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter file.")],
    server: Server = http.LOCAL,
    json_output: Json = False,
) -> None:
    charters = documents.read_verified(charter_file)
    proofs = http.call(server, "/quorate/v1/keys")["keys"]
    keys = [orders.verified(proof, charters) for proof in proofs]
    show(
        {"keys": proofs},
        *(
            f"{key.key:<20} {key.curve:<10} {key.threshold} of {len(key.signers)}  {key.public_key.hex()}"
            for key in keys
        ),
        *(["no keys yet"] if not keys else []),
    )
