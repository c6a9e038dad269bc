"""Which TRON network a node is of: asked once, at the first start of a dev cluster."""

from quorate.client.ceremony import http
from quorate.core.chains.tron.networks import GENESIS, LOCALNET
from quorate.core.errors import QuorateError
from quorate.core.model.members import is_hex


def chain_of(url: str) -> tuple[str, str | None]:
    """The charter's name of the chain, and its genesis where that is none of the known ones.

    Raises QuorateError unreachable, http, chain.
    """
    genesis = http.call(url, "/wallet/getblockbynum", {"num": 0}, timeout=5).get("blockID")
    if not isinstance(genesis, str) or not is_hex(genesis, 32):
        raise QuorateError("chain", f"{url} does not tell the id of its block 0", "transport")
    known = next((name for name, id in GENESIS.items() if id == genesis), None)
    return (f"tron:{known}", None) if known else (f"tron:{LOCALNET}", genesis)
