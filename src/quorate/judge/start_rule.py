"""The start rule (docs/spec/peer-state.md): after a start this signer asks the others what they know of it,
and answers when they ask.

The keeper decides from the answers. Here the question is repeated, under the keeper's nonce, until it may
vote or was refused.
"""

import asyncio
from contextlib import suppress
from typing import Final

from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.clock import Clock
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.outbox import Outbox
from quorate.judge.state import SignerState, Start

ASK_EVERY: Final = 1.0
"""Seconds between two questions while too few others answered."""


class StartRule:
    def __init__(
        self, state: SignerState, keeper: KeeperClient, outbox: Outbox, clock: Clock, journal: Journal
    ) -> None:
        self._state = state
        self._keeper = keeper
        self._outbox = outbox
        self._clock = clock
        self._journal = journal
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        while True:
            if self._must_ask():
                self._outbox(link_pb2.ToServer(peer_query=self._query()))
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_EVERY if self._must_ask() else None):
                    await self._wanted.wait()

    def wake(self) -> None:
        """Asks now: another signer or the server has come."""
        self._wanted.set()

    async def refresh(self) -> None:
        """Reads the keeper's own view: after a charter was accepted, or this signer was readmitted."""
        reply = await self._keeper.ask(keeper_pb2.ToKeeper(status=keeper_pb2.Status()))
        self._now(Start.of(reply.status.start))

    async def hear(self, answer: link_pb2.PeerAnswer) -> None:
        """Raises QuorateError with the keeper's check where it does not accept the answer."""
        if answer.about != self._state.id:
            return
        state = keeper_pb2.Signed(body=answer.state.body, signature=answer.state.signature)
        reply = await self._keeper.ask(keeper_pb2.ToKeeper(hear_peer=keeper_pb2.HearPeer(state=state)))
        self._now(Start.of(reply.start_state))

    async def answer(self, query: link_pb2.PeerQuery) -> None:
        """Says what this signer knows of another one. A signer answers before it may vote itself."""
        about = getattr(query, "from")
        if about == self._state.id or not self._state.charters:
            return
        request = keeper_pb2.AnswerPeer(
            about=about, nonce=query.nonce, incarnation=query.incarnation, time_ms=self._clock()
        )
        state = (await self._keeper.ask(keeper_pb2.ToKeeper(answer_peer=request))).peer_state
        answer = link_pb2.PeerAnswer(
            about=about, state=link_pb2.Signed(body=state.body, signature=state.signature)
        )
        setattr(answer, "from", self._state.id)
        self._outbox(link_pb2.ToServer(peer_answer=answer))

    def ready(self) -> link_pb2.Ready:
        start = self._state.start
        return link_pb2.Ready(
            may_vote=start.may_vote, heard=start.heard, needed=start.needed, refusal=start.refusal
        )

    def _must_ask(self) -> bool:
        start = self._state.start
        return bool(self._state.charters) and not start.may_vote and not start.refusal

    def _query(self) -> link_pb2.PeerQuery:
        query = link_pb2.PeerQuery(nonce=self._state.start_nonce, incarnation=self._state.incarnation)
        setattr(query, "from", self._state.id)
        return query

    def _now(self, start: Start) -> None:
        if start == self._state.start:
            return
        self._state.start = start
        self._journal(
            "start_rule",
            may_vote=start.may_vote,
            heard=len(start.heard),
            needed=start.needed,
            refusal=start.refusal,
        )
        self._outbox(link_pb2.ToServer(ready=self.ready()))
        self.wake()
