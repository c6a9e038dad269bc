"""The part that all clients share whose chain is known by its genesis hash."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import httpx2

from quorate.core.model.charter import Chain
from quorate.server.chains.sources import Sources, of_another_chain


class ByGenesis(ABC):
    """`genesis` is the hash of block 0 as the sources write it (see networks.py)."""

    def __init__(self, chain: Chain, urls: Sequence[str], http: httpx2.AsyncClient, *, genesis: str) -> None:
        self.chain = chain
        self._http = http
        self._genesis = genesis
        self._sources = Sources(chain.id, urls, self._identify)

    async def check(self) -> None:
        """Raises QuorateError chain_id when a source that answers is of another chain."""
        await self._sources.check()

    @abstractmethod
    async def _genesis_of(self, url: str) -> str:
        """What the source says. Raises QuorateError chain_unreachable, chain_error, chain_answer."""

    async def _identify(self, url: str) -> None:
        found = await self._genesis_of(url)
        if found != self._genesis:
            raise of_another_chain(self.chain.id, url, found)
