"""Give the documents that a charter pins for contracts (a JSON ABI or an ERC-7730 descriptor) to the signers,
through the server or through each signer's own socket. Nothing is signed: each signer compares the hash with
its charter. Until it has the document, calls of that contract stay blind and are refused.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import annotations, documents, http, judge
from quorate.client.ceremony.files import read
from quorate.client.cli.output import Exit, Json, show
from quorate.core.chains.evm.knowledge.documents import accepted, digest


def command(
    files: Annotated[list[Path], typer.Argument(metavar="DOCUMENT...", help="The files, byte for byte.")],
    charter_file: Annotated[Path, typer.Option("--charter", help="The charter whose newest version pins.")],
    server: Annotated[str | None, typer.Option(help="Address of the server.")] = None,
    signer: Annotated[
        list[Path] | None, typer.Option(help="Folder of a running signer: past the server. May be repeated.")
    ] = None,
    json_output: Json = False,
) -> None:
    charter = documents.read_verified(charter_file)[-1]
    contents = {file: read(file) for file in files}
    places = {file: accepted([charter], content) for file, content in contents.items()}
    told: list[dict[str, Any]] = []
    for file, content in contents.items():
        pins = places[file]
        contracts = [{"chain": pin.chain, "contract": pin.contract} for pin in pins]
        about = {"file": str(file), "hash": digest(content).hex(), "contracts": contracts}
        told.append({**about, "signers": _give(content, server, signer or [])})
    show({"documents": told}, *(line for each in told for line in _lines(each)))
    if not all(state == "held" for each in told for state in each["signers"].values()):
        raise typer.Exit(Exit.NOT_NOW)


def _give(content: bytes, server: str | None, folders: list[Path]) -> dict[str, str]:
    """Signer or its folder -> `held`, or why not."""
    found: dict[str, str] = {}
    for folder in folders:
        judge.ask(folder, {"do": "annotate", "document": content.hex()})
        found[str(folder)] = "held"
    if server is not None or not folders:
        answer = http.call(server or http.LOCAL, annotations.ROUTE, {"document": content.hex()})
        found |= answer["signers"]
    return found


def _lines(each: dict[str, Any]) -> list[str]:
    places = ", ".join(f"{place['chain']} {place['contract']}" for place in each["contracts"])
    return [
        f"{each['file']}: {places}",
        f"  sha256  {each['hash']}",
        *(f"  {signer}: {state}" for signer, state in each["signers"].items()),
        *([] if each["signers"] else ["  no signer is attached: the server keeps it for them"]),
    ]
