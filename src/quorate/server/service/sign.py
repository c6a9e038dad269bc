"""From bytes to a verified signature: session after session, each with its own set and a higher number,
always the same bytes.
"""

import asyncio
import itertools
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.engine import Connection

from quorate.core.faults import point
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import Event, Status
from quorate.server import clock, faults
from quorate.server.refusal import Refusal
from quorate.server.service.admit import from_text
from quorate.server.service.context import Context
from quorate.server.service.ledger import Step
from quorate.server.service.session import Outcome, Session
from quorate.server.store import transactions
from quorate.server.store.rows import Transaction, dump

PATIENCE: Final = 3
"""How many times a signer may fail to use what it was sent before that counts as its refusal."""
FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 1.0


Expired = Callable[[Transaction], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Signing:
    """How it ended: with a verified result in `outcome`; or without, for the reason in `refusals`;
    or expired or cancelled when there are none. `transaction.released` tells whether a share may be
    out nevertheless. `stale`: the bytes died before a share could be out."""

    transaction: Transaction
    outcome: Outcome | None
    refusals: tuple[Refusal, ...] = ()
    cancelled: bool = False
    stale: bool = False


def open_session(transaction: Transaction, members: tuple[str, ...]) -> tuple[int, Step]:
    """The next session number, and the step that makes it durable. It is never spent twice,
    whatever crashes."""
    number = transaction.session + 1
    session = transactions.Session(
        transaction_id=transaction.id,
        number=number,
        members=dump(members),
        outcome="open",
        votes="{}",
        refusals="[]",
        opened_us=clock.microseconds(),
    )
    return number, lambda connection: transactions.add_session(connection, session)


def close_session(transaction: Transaction, outcome: Outcome) -> Step:
    """The step that stores what became of the session."""
    changes = {
        "outcome": outcome.name,
        "votes": dump(
            {m: {"body": v.body.hex(), "signature": v.signature.hex()} for m, v in outcome.votes.items()}
        ),
        "refusals": dump([refusal.to_json() for refusal in outcome.refusals]),
    }

    def step(connection: Connection) -> None:
        transactions.change_session(connection, transaction.id, transaction.session, changes)

    return step


async def has_votes(ctx: Context, transaction: Transaction) -> bool:
    """Whether a signer is known to have voted for the bytes; it takes no others for this request. One whose
    vote was not heard refuses them itself.
    """
    sessions = await ctx.database.read(
        lambda connection: transactions.sessions_of(connection, transaction.id)
    )
    return any(session.votes != "{}" for session in sessions)


async def refused_by_all(ctx: Context, transaction: Transaction) -> bool:
    """Whether all members of all sessions since the last signature said no: then nobody voted in them."""
    sessions = await ctx.database.read(
        lambda connection: transactions.sessions_of(connection, transaction.id)
    )
    later = itertools.takewhile(lambda session: session.outcome != "done", reversed(sessions))
    return all(_nobody_voted(session) for session in later)


def _nobody_voted(session: transactions.Session) -> bool:
    refusers = {refusal["signer"] for refusal in json.loads(session.refusals)}
    return session.votes == "{}" and refusers >= set(json.loads(session.members))


async def sign(
    ctx: Context,
    transaction: Transaction,
    intent: Intent,
    *,
    opened: tuple[str, ...] | None,
    cancelled: asyncio.Event,
    expired: Expired | None = None,
    earlier: Sequence[bytes] = (),
    until: float = math.inf,
) -> Signing:
    """Tries sets of signers until one signs, all refuse, or the intent expires. `opened`: the members of the
    session whose number is durable already. `expired` is for bytes that die by time: it is asked before each
    further session. `earlier`: other bytes of the request, whose place these take. `until`: seconds of the
    event loop's clock after which no further session is begun."""
    verdicts: dict[str, Refusal] = {}
    difficulties: dict[str, int] = {}
    pause, members = FIRST_PAUSE, opened
    while True:
        if members is None:
            members = ctx.roster.choose(without=verdicts, prefer=from_text(transaction.admissions).keys())
            if cancelled.is_set() and not transaction.released:
                return Signing(transaction, None, cancelled=True)
            late = asyncio.get_running_loop().time() >= until
            if late or (members is None and _is_over(intent, verdicts)):
                return Signing(transaction, None, tuple(verdicts.values()))
            if expired is not None and not transaction.released and await expired(transaction):
                return Signing(transaction, None, tuple(verdicts.values()), stale=True)
            if members is None:
                await ctx.hub.change(LONGEST_PAUSE)
                continue
            number, step = open_session(transaction, members)
            transaction = await ctx.ledger.save(transaction, step, event=_opened(transaction), session=number)
        transaction, outcome = await run_session(ctx, transaction, intent, members, earlier)
        if outcome.result is not None:
            return Signing(transaction, outcome)
        transaction = await ctx.ledger.save(transaction, close_session(transaction, outcome))
        _learn(ctx, outcome, verdicts, difficulties)
        members = None
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)


async def run_session(
    ctx: Context,
    transaction: Transaction,
    intent: Intent,
    members: tuple[str, ...],
    earlier: Sequence[bytes] = (),
) -> tuple[Transaction, Outcome]:
    """One session, its number durable. The number of sessions in flight is bounded: a burst waits
    here, where no time-out runs."""
    point(faults.SESSION_STORED)
    session = Session(ctx, transaction, intent, members, earlier)
    async with ctx.sessions:
        outcome = await session.run()
    ctx.metrics.session(outcome.name)
    if outcome.result is not None:
        for member in members:
            ctx.roster.trust(member)
    return session.transaction, outcome


def _opened(transaction: Transaction) -> Event | None:
    """The first session is an event; later ones, and those of a replacement, change no status."""
    return Event.OPENED if transaction.status in (Status.SUBMITTED, Status.QUEUED) else None


def _is_over(intent: Intent, verdicts: dict[str, Refusal]) -> bool:
    """No set can be formed: because signers refused, or because time is up."""
    return bool(verdicts) or clock.seconds() >= intent.expires_at


def _learn(
    ctx: Context, outcome: Outcome, verdicts: dict[str, Refusal], difficulties: dict[str, int]
) -> None:
    """A verdict is final for its signer; a difficulty is not, until it recurs."""
    for signer in outcome.absent:
        ctx.roster.suspect(signer)
    for refusal in outcome.refusals:
        if refusal.lacks_entries:
            ctx.hub.tally.widen(refusal.signer)
        difficulties[refusal.signer] = difficulties.get(refusal.signer, 0) + 1
        if refusal.is_verdict or difficulties[refusal.signer] >= PATIENCE:
            verdicts[refusal.signer] = refusal
