"""Carries every transaction on in the background, from wherever its row says it stands."""

import asyncio
import logging
from collections import defaultdict
from functools import partial
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import FINISHED, Status
from quorate.server.service import orphan, room
from quorate.server.service.admit_again import admit_again
from quorate.server.service.authorize import authorize
from quorate.server.service.broadcast import broadcast
from quorate.server.service.context import Context
from quorate.server.service.finish import complete_raw
from quorate.server.service.follow import follow
from quorate.server.service.raw import sign_raw
from quorate.server.service.replace import prepare, sign_pending
from quorate.server.service.transfer import attach_signature, sign_transfer
from quorate.server.service.wishes import Wish, Wishes
from quorate.server.store import transactions
from quorate.server.store.rows import Transaction, read_intent

LONGEST_PAUSE: Final = 10.0
TURN_S: Final = 2.0
"""How long a replacement waits for its account's turn."""
UNOPENED: Final = (Status.SUBMITTED, Status.PENDING_AUTHORIZATION, Status.QUEUED)
UNSIGNED: Final = (*UNOPENED, Status.PENDING_SIGNATURE)
SIGNED: Final = (Status.BROADCASTING, Status.CONFIRMING)
log = logging.getLogger(__name__)


class Runner:
    """One task a transaction. An account's transactions are signed one after the other; the rest runs side by
    side.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._wishes: defaultdict[str, Wishes] = defaultdict(Wishes)
        self._senders: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    def start(self, transaction: Transaction, intent: Intent, opened: tuple[str, ...] | None = None) -> None:
        """`opened`: members of the first session, whose number is durable already."""
        self._spawn(transaction, intent, opened)

    async def resume(self) -> int:
        """Takes up everything unfinished, with the same bytes; how many there were."""
        rows = await self._ctx.database.read(transactions.unfinished)
        for row in rows:
            self._spawn(row, read_intent(row.intent), None)
        return len(rows)

    def cancel(self, id: str) -> bool:
        """Asks for it; honoured only while no share can be out."""
        if id not in self._tasks:
            return False
        self._cancelled[id].set()
        return True

    async def replace(self, id: str, *, cancels: bool, ceiling: int | None = None) -> Transaction:
        """The row once other bytes of a signed transaction are durable: for a higher fee, at most `ceiling`
        in the smallest unit and within the request's own; or such that take it back. Signers are asked next.

        Raises QuorateError: not_replaceable (not signed, or over), replacement_pending, taken_back,
        fee_ceiling, chain_*.
        """
        row = await self._ctx.database.read(partial(transactions.get, id=id))
        if row is None or row.status not in SIGNED or id not in self._tasks:
            raise QuorateError(
                "not_replaceable",
                "only what is signed and neither mined nor over is replaced",
                "caller",
                "what is not signed yet is taken back by /cancel",
            )
        return await self._wishes[id].add(cancels, ceiling).stored

    async def settled(self, id: str) -> None:
        """Returns when nothing more happens to the transaction without new signers or blocks."""
        task = self._tasks.get(id)
        if task is not None:
            await asyncio.wait({task})

    async def stop(self) -> None:
        """Lets go of all; the next start resumes them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, transaction: Transaction, intent: Intent, opened: tuple[str, ...] | None) -> None:
        task = asyncio.create_task(self._run(transaction, intent, opened))
        self._tasks[transaction.id] = task
        task.add_done_callback(lambda _: self._forget(transaction.id))

    def _forget(self, id: str) -> None:
        self._tasks.pop(id, None)
        self._cancelled.pop(id, None)
        wishes = self._wishes.pop(id, None)
        if wishes is not None:
            wishes.refuse(QuorateError("not_replaceable", "the transaction is over", "caller"))

    async def _run(self, transaction: Transaction, intent: Intent, opened: tuple[str, ...] | None) -> None:
        """A failure of storage or a bug must not lose a request: its row is read again and carried on."""
        pause = 0.5
        while True:
            try:
                await self._carry(transaction, intent, opened)
                return
            except QuorateError as failure:
                log.error("%s: %s", transaction.id, failure)
            except Exception:
                log.exception("%s: unexpected", transaction.id)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)
            row = await self._ctx.database.read(partial(transactions.get, id=transaction.id))
            if row is None or row.status in FINISHED:
                return
            transaction, opened = row, None

    async def _carry(self, transaction: Transaction, intent: Intent, opened: tuple[str, ...] | None) -> None:
        ctx, cancelled = self._ctx, self._cancelled[transaction.id]
        if transaction.admissions == "{}":
            transaction = await admit_again(ctx, transaction)
        if transaction.status in UNSIGNED:
            transaction = await self._until_signed(transaction, intent, cancelled, opened)
        if transaction.status == Status.PENDING_SIGNATURE:
            transaction = await self._settle_orphan(transaction, intent)
        if transaction.status in SIGNED:
            await self._settle(transaction, intent)

    async def _settle(self, transaction: Transaction, intent: Intent) -> None:
        """To its end on the chain, with whatever takes its place meanwhile."""
        wishes = self._wishes[transaction.id]
        while transaction.status in SIGNED:
            if (wish := wishes.next()) is not None:
                transaction = await self._prepare(transaction, intent, wish)
            transaction = await sign_pending(self._ctx, transaction, intent, wishes.wanted)
            if transaction.status == Status.BROADCASTING:
                transaction = await broadcast(self._ctx, transaction, wishes.wanted)
            else:
                transaction = await follow(self._ctx, transaction, wishes.wanted)

    async def _prepare(self, transaction: Transaction, intent: Intent, wish: Wish) -> Transaction:
        """In the account's turn. A transfer whose turn it is may wait for signers as long as it lives, and
        the chain goes on: then whoever wishes is told to ask again.
        """
        turn = self._senders[(transaction.chain or "", transaction.sender or "")]
        try:
            async with asyncio.timeout(TURN_S):
                await turn.acquire()
        except TimeoutError:
            message = "another transaction of the account is being signed"
            wish.refuse(QuorateError("replacement_pending", message, "state", "ask again later"))
            return transaction
        try:
            return await prepare(self._ctx, transaction, intent, wish)
        finally:
            turn.release()

    async def _until_signed(
        self,
        transaction: Transaction,
        intent: Intent,
        cancelled: asyncio.Event,
        opened: tuple[str, ...] | None,
    ) -> Transaction:
        """Approvals, then signatures; again where signers want approvals that the server did not expect, or
        where bytes expired after a vote.
        """
        asked = False
        with self._ctx.desk.watch(transaction.intent_hash) as said:
            while True:
                if transaction.status in UNOPENED:
                    transaction = await authorize(self._ctx, transaction, intent, said, cancelled, wait=asked)
                    if transaction.status in FINISHED:
                        return transaction
                await room.wait(self._ctx, transaction, intent, cancelled)
                transaction = await self._sign(transaction, intent, cancelled, opened)
                if transaction.status not in (Status.PENDING_AUTHORIZATION, Status.QUEUED):
                    return transaction
                asked, opened = transaction.status == Status.PENDING_AUTHORIZATION, None

    async def _sign(
        self,
        transaction: Transaction,
        intent: Intent,
        cancelled: asyncio.Event,
        opened: tuple[str, ...] | None,
    ) -> Transaction:
        if intent.signs_messages:
            return await sign_raw(self._ctx, transaction, intent, cancelled, opened=opened)
        async with self._senders[(transaction.chain or "", transaction.sender or "")]:
            return await sign_transfer(self._ctx, transaction, intent, cancelled)

    async def _settle_orphan(self, transaction: Transaction, intent: Intent) -> Transaction:
        signing = await orphan.find_result(self._ctx, transaction, intent)
        if signing.outcome is None:
            return await orphan.close(self._ctx, signing.transaction)
        if intent.signs_messages:
            return await complete_raw(self._ctx, signing)
        return await attach_signature(self._ctx, signing)
