"""Make the folder of a server: its link key and certificate, its configuration and DIR/enrolment.json for
`charter new --server`.
"""

from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import files, link
from quorate.client.cli.output import Json, show
from quorate.core.errors import QuorateError


def command(
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the server.")],
    http: Annotated[str, typer.Option(help="HOST:PORT of the HTTP API.")] = "127.0.0.1:8080",
    listen: Annotated[str, typer.Option("--link", help="HOST:PORT that signers dial.")] = "127.0.0.1:8443",
    chain: Annotated[
        list[str] | None,
        typer.Option(help="CHAIN=URL of a node, e.g. evm:1=http://10.0.0.9:8545; Esplora: esplora+URL"),
    ] = None,
    json_output: Json = False,
) -> None:
    files.make_folder(folder)
    certificate = link.make(folder, link.SERVER_NAME)
    configuration = {
        "http": _endpoint(http),
        "link": _endpoint(listen),
        "chains": {name: [url] for name, url in map(_node, chain or [])},
    }
    files.write_json(folder / "server.json", configuration, mode=0o600)
    enrolment = {"link_certificate": certificate, "link": listen}
    files.write_json(folder / "enrolment.json", enrolment)
    fingerprint = link.fingerprint(certificate)
    show(
        {**enrolment, "fingerprint": fingerprint, "enrolment": str(folder / "enrolment.json")},
        f"server in {folder}",
        f"  link certificate  {fingerprint}",
        f"  next: quorate charter new --server {folder / 'enrolment.json'} ...",
    )


def _endpoint(text: str) -> dict[str, object]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise QuorateError("endpoint", f"{text} is not HOST:PORT")
    return {"host": host.strip("[]"), "port": int(port)}


def _node(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not equals or not url.removeprefix("esplora+").startswith(("http://", "https://")):
        raise QuorateError("chain", f"{text} is not CHAIN=URL")
    return name, url
