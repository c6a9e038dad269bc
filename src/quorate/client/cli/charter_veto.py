"""Cancel the newest version of a charter file at every signer that has not activated it, with one
administrator's SSH key.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from quorate.client.ceremony import alone, documents, http
from quorate.client.cli.output import Json, show
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import parse, verify_chain
from quorate.core.model.charter.chain import document_json
from quorate.core.model.veto import Veto


def command(
    charter_file: Annotated[
        Path, typer.Argument(metavar="CHARTER", help="The charter file whose newest version is vetoed.")
    ],
    key: Annotated[Path | None, typer.Option(help="SSH key of an administrator.")] = None,
    server: Annotated[str | None, typer.Option(help="Address of the server.")] = None,
    signer: Annotated[
        list[Path] | None, typer.Option(help="Folder of a running signer: past the server. May be repeated.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Keep the signed veto here, or send the one that is here.")
    ] = None,
    json_output: Json = False,
) -> None:
    *earlier, newest = documents.read_chain(charter_file)
    if not earlier:
        raise QuorateError("veto_root", "version 1 is accepted by its hash; there is nothing to veto")
    charter, proposal = verify_chain(earlier)[-1], parse(newest.body)

    def body(by: str) -> bytes:
        return Veto(charter.cluster, proposal.hash, by, int(time.time())).to_bytes()

    document = alone.signed("veto", labels.VETO, charter, key, file, body)
    veto = Veto.from_bytes(document.body)
    about = {"version": proposal.version, "hash": veto.charter.hex(), "by": veto.by}
    words = f"{veto.by} vetoed version {proposal.version}, hash {veto.charter.hex()}"
    if signer:
        alone.to_signers("veto", document, signer)
        folders = [str(folder) for folder in signer]
        show({**about, "signers": folders}, words, f"  cancelled at {', '.join(folders)}")
    elif server is not None or file is None:
        answer = http.call(server or http.LOCAL, "/quorate/v1/vetoes", document_json(document, "veto"))
        show({**about, **answer}, words)
    else:
        show({**about, "file": str(file)}, f"{words}: in {file}")
