"""Which client speaks to which kind of source."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import httpx2

from quorate.core.model.charter import Chain
from quorate.server.chains.bitcoin_core import CoreClient
from quorate.server.chains.bitcoin_esplora import EsploraClient
from quorate.server.chains.evm_client import EvmClient
from quorate.server.chains.interface import ChainClient
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
