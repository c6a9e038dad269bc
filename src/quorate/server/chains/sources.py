"""The sources of one chain, asked in order of preference until one answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar
from urllib.parse import urlsplit

from quorate.core.errors import QuorateError

ROUNDS: Final = 2
"""How often all sources are tried before a read fails."""
PAUSE: Final = 0.1
"""Seconds after the first round; after each further one as much more."""
T = TypeVar("T")

log = logging.getLogger(__name__)


class Sources:
    """`identify(url)` raises QuorateError chain_id for a source of another chain; each is asked once, before
    its first use."""

    def __init__(self, chain: str, urls: Sequence[str], identify: Callable[[str], Awaitable[None]]) -> None:
        self._chain = chain
        self._urls = tuple(urls)
        self._identify = identify
        self._checked: set[str] = set()

    async def check(self) -> None:
        """Raises QuorateError chain_id when a source that answers is of another chain."""
        for url in self._urls:
            try:
                await self._check_source(url)
            except QuorateError as failure:
                if failure.code == "chain_id":
                    raise
                log.warning("%s at %s: %s", self._chain, place(url), failure)

    async def read(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """The first answer. A refusal (chain_error) is one; after any other failure the next is asked."""
        failure = self._none()
        for attempt in range(ROUNDS):
            for url in self._urls:
                try:
                    await self._check_source(url)
                    return await ask(url)
                except QuorateError as error:
                    if error.code == "chain_error":
                        raise
                    failure = error
            await asyncio.sleep(PAUSE * (attempt + 1))
        raise failure

    async def hand_over(
        self, send: Callable[[str], Awaitable[None]], has: Callable[[str], Awaitable[bool]]
    ) -> None:
        """Until one source takes it, or has it: it may have been sent by an earlier run of this server.

        Raises the last source's error when none does.
        """
        failure = self._none()
        for url in self._urls:
            try:
                await self._check_source(url)
                return await send(url)
            except QuorateError as error:
                failure = error
            if url in self._checked and await _whether(has, url):
                return
        raise failure

    async def _check_source(self, url: str) -> None:
        if url not in self._checked:
            await self._identify(url)
            self._checked.add(url)

    def _none(self) -> QuorateError:
        return QuorateError("chain_unreachable", f"{self._chain} has no nodes", "transport")


def place(url: str) -> str:
    """Host and port of a URL: user, path and query may hold the keys of an account with a provider."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return "an URL that is none"


def of_another_chain(chain: str, url: str, answer: object) -> QuorateError:
    return QuorateError(
        "chain_id",
        f"the node at {place(url)} is of chain {str(answer)[:80]}, not of {chain}",
        "caller",
        "correct server.json",
    )


async def _whether(has: Callable[[str], Awaitable[bool]], url: str) -> bool:
    try:
        return await has(url)
    except QuorateError:
        return False
