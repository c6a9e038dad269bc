"""Documents that a charter pins for contracts: from files to signers, from a server to a person's tool."""

from pathlib import Path

from quorate.client.ceremony import files, http
from quorate.core.chains.evm.knowledge import documents
from quorate.core.chains.evm.knowledge.documents import Documents
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter

ROUTE = "/quorate/v1/documents"


def check(file: Path, charter: Charter) -> None:
    """That the file can be used wherever this version pins it. Raises QuorateError as `documents.read`."""
    content = files.read(file)
    for _, pin in documents.pinned([charter], content):
        documents.read(content, charter.chain(pin.chain), pin.contract)


def fetch(server: str, charter: Charter, chain: str) -> Documents:
    """What the version pins for this chain, from a server that may withhold it and cannot change it."""
    wanted = {pin.hash for pin in charter.annotations if pin.chain == chain}
    return documents.of_charter(charter, lambda hash: _from(server, hash) if hash in wanted else None)


def _from(server: str, hash: bytes) -> bytes | None:
    try:
        return bytes.fromhex(str(http.call(server, f"{ROUTE}/{hash.hex()}")["document"]))
    except (QuorateError, KeyError, ValueError):
        return None
