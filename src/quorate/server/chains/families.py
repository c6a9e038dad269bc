"""Which client speaks to a chain, by its family and, where a family has several, by the kind of source.

EVM chains tell their number; the others are known by their genesis, which `networks` has for public networks.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import httpx2

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains.bitcoin_core import CoreClient
from quorate.server.chains.bitcoin_esplora import EsploraClient
from quorate.server.chains.evm_client import EvmClient
from quorate.server.chains.interface import ChainClient
from quorate.server.chains.networks import GENESIS
from quorate.server.chains.solana_client import SolanaClient
from quorate.server.chains.tron_http import TronClient


class OpenByGenesis(Protocol):
    def __call__(
        self, chain: Chain, urls: Sequence[str], http: httpx2.AsyncClient, *, genesis: str
    ) -> ChainClient: ...


EVM: Final[Callable[[Chain, Sequence[str], httpx2.AsyncClient], ChainClient]] = EvmClient
BY_GENESIS: Final[Mapping[str, OpenByGenesis]] = {
    "bitcoin-core": CoreClient,
    "bitcoin-esplora": EsploraClient,
    "solana": SolanaClient,
    "tron": TronClient,
}
ESPLORA: Final = "esplora+"
"""Prefix of the URL of an Esplora source; a Bitcoin source without it is a Core node."""


def open_client(
    chain: Chain, urls: Sequence[str], http: httpx2.AsyncClient, genesis: str | None = None
) -> ChainClient:
    """`genesis` is for networks of one's own. Raises QuorateError chain_genesis, chain_source."""
    if chain.family == "evm":
        return EVM(chain, urls, http)
    known = genesis or GENESIS.get((chain.family, chain.network))
    if known is None:
        raise QuorateError(
            "chain_genesis", f"the genesis of {chain.id} is not known", "caller", "name it in server.json"
        )
    kind, places = _kind(chain, urls)
    return BY_GENESIS[kind](chain, places, http, genesis=known)


def _kind(chain: Chain, urls: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if chain.family != "bitcoin":
        return chain.family, tuple(urls)
    esplora = [url.startswith(ESPLORA) for url in urls]
    if any(esplora) and not all(esplora):
        raise QuorateError("chain_source", f"the sources of {chain.id} are of two kinds", "caller")
    return ("bitcoin-esplora" if all(esplora) else "bitcoin-core"), tuple(
        url.removeprefix(ESPLORA) for url in urls
    )
