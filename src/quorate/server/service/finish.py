"""The ends of a transaction other than a mined one: signatures of messages handed out, refusals, failures."""

from collections.abc import Sequence
from typing import Final

from quorate.core.faults import point
from quorate.core.model.lifecycle import Event, Status
from quorate.server import faults
from quorate.server.refusal import Refusal
from quorate.server.service.context import Context
from quorate.server.service.ledger import Step, messages
from quorate.server.service.sign import Signing, close_session
from quorate.server.store.rows import Transaction, dump

TOO_FEW: Final = "too few signers were ready until the request expired"
SHARE_OUT: Final = (
    "not signed, but a signer may have given its share: it is not called failed while it could take effect"
)


async def complete_raw(ctx: Context, signing: Signing) -> Transaction:
    """Stores the signatures; that is the end of RAW and of a typed message."""
    point(faults.RESULT_RECEIVED)
    finished = await save_result(ctx, signing, event=Event.MESSAGES_SIGNED)
    point(faults.FINISHED)
    return finished


async def save_result(
    ctx: Context, signing: Signing, *steps: Step, event: Event, **changes: object
) -> Transaction:
    """Makes a verified result durable, with whatever else its caller changes in the same commit.
    What was said while there was none no longer holds.
    """
    outcome = signing.outcome
    if outcome is None or outcome.result is None:
        raise ValueError("there is no result to save")
    transaction = signing.transaction
    stored = await ctx.ledger.save(
        transaction,
        close_session(transaction, outcome),
        *steps,
        event=event,
        sub_status="",
        system_messages="[]",
        result=dump([item.to_json() for item in outcome.result]),
        signed_by=dump(sorted(outcome.votes)),
        voted_us=outcome.voted_us,
        signed_us=outcome.signed_us,
        **changes,
    )
    ctx.ledger.stamps(stored)
    ctx.ledger.stamp_stored(stored)
    return stored


async def refuse(
    ctx: Context, transaction: Transaction, refusals: Sequence[Refusal], *steps: Step
) -> Transaction:
    """BLOCKED when the policy of a signer refused, REJECTED when it saw a person's rejection, FAILED when
    another check did; the row says who, which and why.
    """
    first = next((refusal for refusal in refusals if refusal.by_policy or refusal.by_person), refusals[0])
    lines = [line for refusal in refusals for line in refusal.lines()]
    return await ctx.ledger.save(
        transaction,
        *steps,
        event=_refusal(transaction, first),
        sub_status=first.summary,
        system_messages=messages("BLOCK", *lines),
    )


async def veto(ctx: Context, transaction: Transaction, by: Sequence[str], *steps: Step) -> Transaction:
    """REJECTED by the word of one approver or more."""
    names = ", ".join(by)
    return await ctx.ledger.save(
        transaction,
        *steps,
        event=Event.VETOED,
        sub_status=f"vetoed: rejected by {names}",
        system_messages=messages("BLOCK", f"rejected by {names}"),
    )


async def hold(
    ctx: Context, transaction: Transaction, refusals: Sequence[Refusal], *steps: Step
) -> Transaction:
    """No signature, yet a share may be out: it stays PENDING_SIGNATURE, with what is known, until
    it cannot take effect."""
    lines = [line for refusal in refusals for line in refusal.lines()] or [TOO_FEW]
    reason = refusals[0].summary if refusals else "expired"
    return await ctx.ledger.save(
        transaction, *steps, sub_status=reason, system_messages=messages("WARN", SHARE_OUT, *lines)
    )


async def fail(
    ctx: Context, transaction: Transaction, reason: str, explanation: str, *steps: Step
) -> Transaction:
    """`reason` is a stable word for programs, `explanation` a sentence for people."""
    text = messages("BLOCK", explanation)
    return await ctx.ledger.save(
        transaction, *steps, event=_failure(transaction), sub_status=reason, system_messages=text
    )


async def cancel(ctx: Context, transaction: Transaction, *steps: Step) -> Transaction:
    """Only while no share is out; a session that was open is taken back first."""
    if transaction.status == Status.PENDING_SIGNATURE:
        transaction = await ctx.ledger.save(transaction, event=Event.REQUEUED)
    return await ctx.ledger.save(
        transaction, *steps, event=Event.CANCELLED, sub_status="cancelled by an API user"
    )


def _refusal(transaction: Transaction, refusal: Refusal) -> Event:
    if refusal.by_person:
        return Event.VETOED
    return Event.REFUSED if refusal.by_policy else _failure(transaction)


def _failure(transaction: Transaction) -> Event:
    """Before any session it simply failed; afterwards it is dead, because its bytes can have no effect."""
    before = (Status.SUBMITTED, Status.PENDING_AUTHORIZATION, Status.QUEUED)
    return Event.FAILED if transaction.status in before else Event.DEAD
