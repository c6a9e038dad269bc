"""Whether earlier bytes of a request expired without effect: the one thing that signers ask chains about.

A charter names the sources of a chain by labels, and this signer's own configuration says where they are. Two
of them must establish it, each for itself; anything else establishes nothing, and the earlier bytes stand.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from quorate.core.chains.solana import clusters
from quorate.core.chains.solana.expired import WAIT_S
from quorate.core.chains.tron import networks
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Attempt
from quorate.judge.checks.case import Case
from quorate.judge.clock import Clock
from quorate.judge.journal import Journal
from quorate.judge.log import Log
from quorate.judge.sources import solana, tron
from quorate.judge.sources.exchange import Source
from quorate.judge.store.store import Store

ENOUGH: Final = 2
"""Sources that agree."""
PATIENCE_S: Final = 60.0
"""For all questions about one set of bytes."""
PAUSE_MS: Final = 10_000
"""Before the same is asked again, whatever the server wants meanwhile."""
GENESIS: Final[Mapping[str, Mapping[str, str]]] = {"tron": networks.GENESIS, "solana": clusters.GENESIS}
"""Of public networks; those of one's own are known by this signer's configuration."""


class Expiry:
    def __init__(
        self,
        store: Store,
        log: Log,
        clock: Clock,
        journal: Journal,
        urls: Mapping[str, str],
        genesis: Mapping[str, str],
    ) -> None:
        """`urls` by label; `genesis` by the chain's id."""
        self._store = store
        self._log = log
        self._clock = clock
        self._journal = journal
        self._urls = urls
        self._genesis = genesis
        self._asked_ms: dict[bytes, int] = {}
        self._turn = asyncio.Semaphore(4)

    async def settle(self, case: Case) -> bool:
        """Marks those of the earlier bytes that are gone. True when sources were asked: then time has passed,
        and whatever the case was made of may have changed.
        """
        if not case.earlier or (case.intent.chain or "").partition(":")[0] not in GENESIS:
            return False
        sources, genesis = self._sources(case.charter, case.chain.id), self._genesis_of(case.chain.id)
        ripe = all(self._may_be_gone(case, earlier) for earlier in case.earlier)
        if not ripe or genesis is None or len(sources) < ENOUGH or not self._may_ask(case.earlier):
            return False
        async with self._turn:
            for earlier in case.earlier:
                agreed = await self._agreed(case, earlier, sources, genesis)
                if len(agreed) < ENOUGH:
                    break
                self._mark(earlier, agreed)
        return True

    def _sources(self, charter: Charter, chain: str) -> tuple[Source, ...]:
        """A label without a place is no source."""
        labels = [label for named in charter.rpc_sources if named.chain == chain for label in named.labels]
        return tuple(Source(label, self._urls[label]) for label in labels if label in self._urls)

    def _genesis_of(self, chain: str) -> str | None:
        family, _, network = chain.partition(":")
        return GENESIS[family].get(network) or self._genesis.get(chain)

    def _may_be_gone(self, case: Case, earlier: Attempt) -> bool:
        """By what this signer knows itself. What does more than a transfer may live by other rules than its
        expiration or blockhash (a durable nonce), and is never gone.
        """
        known_ms = self._store.attempts.known_since(earlier)
        try:
            reading = case.read(earlier)
        except QuorateError:
            return False
        if known_ms is None or reading.blind or reading.form or reading.others:
            return False
        now_ms = self._clock()
        if reading.ends_s is not None:
            return now_ms > 1000 * reading.ends_s
        return now_ms >= known_ms + 1000 * WAIT_S

    def _may_ask(self, earlier: Sequence[Attempt]) -> bool:
        now = self._clock()
        self._asked_ms = {key: at for key, at in self._asked_ms.items() if 0 <= now - at < PAUSE_MS}
        if any(attempt.hash in self._asked_ms for attempt in earlier):
            return False
        self._asked_ms.update((attempt.hash, now) for attempt in earlier)
        return True

    async def _agreed(
        self, case: Case, earlier: Attempt, sources: Sequence[Source], genesis: str
    ) -> tuple[str, ...]:
        """Labels of the sources that establish it."""
        asked = [self._establishes(case, earlier, source, genesis) for source in sources]
        answers = await asyncio.gather(*asked)
        return tuple(source.label for source, yes in zip(sources, answers, strict=True) if yes)

    async def _establishes(self, case: Case, earlier: Attempt, source: Source, genesis: str) -> bool:
        """Never raises for what a source does."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self._ask(case, earlier, source, genesis)
        except (QuorateError, TimeoutError) as failure:
            code = failure.code if isinstance(failure, QuorateError) else "timeout"
            self._journal("source_failed", source=source.label, code=code, detail=str(failure)[:200])
            return False
        self._journal("source_asked", source=source.label, attempt=earlier.hash.hex(), gone=answer)
        return answer

    async def _ask(self, case: Case, earlier: Attempt, source: Source, genesis: str) -> bool:
        is_tron = case.chain.family == "tron"
        found = await (tron if is_tron else solana).genesis(source)
        if found != genesis:
            raise QuorateError("source_network", "the source is of another network", "peer")
        if is_tron:
            return await tron.gone(source, earlier.data)
        known_ms = self._store.attempts.known_since(earlier) or self._clock()
        # nothing of a request is signed before there is one; the rest is for clocks that differ
        since_s = case.intent.created_at - WAIT_S
        return await solana.gone(source, earlier.data, known_s=known_ms // 1000, since_s=since_s)

    def _mark(self, earlier: Attempt, agreed: Sequence[str]) -> None:
        data = {"intent": earlier.intent.hex(), "attempt": earlier.hash.hex(), "sources": list(agreed)}
        with self._store.db.unit():
            self._store.attempts.mark_gone(earlier)
            self._log.append("attempt_gone", data, self._clock())
