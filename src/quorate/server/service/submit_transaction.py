"""POST /transactions: from a verified token to t admissions. What follows runs in the background."""

import uuid
from dataclasses import dataclass
from functools import partial

from sqlalchemy.engine import Connection

from quorate.core.dialects.fireblocks import account_address, to_intent
from quorate.core.errors import QuorateError
from quorate.core.evidence.token import Claims
from quorate.core.faults import point
from quorate.core.model.intent import Intent
from quorate.core.model.lifecycle import Event, Status
from quorate.server import clock, faults
from quorate.server.service.admit import Admissions
from quorate.server.service.admit_again import admit_soon, reject
from quorate.server.service.context import Context
from quorate.server.service.prediction import missing
from quorate.server.service.runner import Runner
from quorate.server.service.sign import open_session
from quorate.server.store import idempotency, transactions, vaults
from quorate.server.store.rows import Transaction


@dataclass(frozen=True, slots=True)
class Submission:
    """The requester's bytes as they came, the claims of the verified token, and the remarks that bind
    nothing.
    """

    claims: Claims
    uri: str
    body: bytes
    token: str
    received_us: int
    call: idempotency.Call | None
    note: str | None
    customer_ref_id: str | None


class TooFewAdmissions(QuorateError):
    """Fewer than t signers admitted the request: it is REJECTED. `found` holds what each of them said."""

    def __init__(self, found: Admissions, needed: int) -> None:
        message = f"{len(found.signed)} of {needed} needed signers admitted the request"
        super().__init__(
            "too_few_admissions", message, "state", "see the signers' refusals, or start more signers"
        )
        self.found = found


async def submit(ctx: Context, runner: Runner, submission: Submission) -> Transaction:
    """The admitted transaction. Raises Refused(check="intent"), QuorateError request_replayed, external_id,
    unknown_vault_account, key_missing; TooFewAdmissions.
    """
    charter = ctx.book.charter
    intent = to_intent(submission.body, submission.claims, charter, ctx.book.certificates)
    if intent.signs_messages and intent.key not in ctx.book.certificates:
        raise QuorateError(
            "key_missing",
            f"key {intent.key} has not been created yet",
            "state",
            f"quorate key create {intent.key}",
        )
    await _check_accounts(ctx, intent)
    row = _row(ctx, submission, intent)

    def store(connection: Connection) -> None:
        transactions.add(connection, row)
        idempotency.put(connection, submission.call, row.created_ms, transaction_id=row.id)

    await ctx.database.write(store)
    point(faults.ROW_STORED)
    chosen = ctx.roster.choose() if intent.signs_messages and not missing(ctx, intent, ()) else None
    found = await admit_soon(ctx, row, frozenset(chosen or ()))
    if len(found.signed) < charter.threshold:
        await reject(ctx, row, found)
        raise TooFewAdmissions(found, charter.threshold)
    point(faults.ADMITTED)
    admitted = await _save_admitted(ctx, row, found, chosen)
    point(faults.ADMISSIONS_STORED)
    runner.start(admitted, intent, chosen)
    return admitted


async def _save_admitted(
    ctx: Context, row: Transaction, found: Admissions, chosen: tuple[str, ...] | None
) -> Transaction:
    """Messages have nothing to build: where nobody must approve them, their first session is opened in the
    same commit.
    """
    changes = {"admissions": found.to_text(), "admitted_us": clock.microseconds()}
    if chosen is None:
        return await ctx.ledger.save(row, event=Event.ADMITTED, **changes)
    number, step = open_session(row, chosen)
    return await ctx.ledger.save(row, step, event=Event.OPENED, session=number, **changes)


async def _check_accounts(ctx: Context, intent: Intent) -> None:
    """The server's own bookkeeping: signers derive any account. It keeps typing errors from becoming
    transfers.
    """
    named = {intent.source.vault_account}
    if intent.destination is not None and intent.destination.type == "own_account":
        named.add(intent.destination.id)
    for account in sorted(name for name in named if name is not None):
        if await ctx.database.read(partial(vaults.get_account, id=int(account))) is None:
            message = f"vault account {account} does not exist"
            raise QuorateError("unknown_vault_account", message, "caller", "create it first")


def _row(ctx: Context, submission: Submission, intent: Intent) -> Transaction:
    source = intent.source.vault_account
    sender = None
    if not intent.signs_messages and intent.asset is not None and source is not None:
        sender = account_address(ctx.book.charter, ctx.book.certificates, intent.asset, source)
    now = clock.milliseconds()
    return Transaction(
        id=str(uuid.uuid4()),
        request_id=intent.request_id,
        intent_hash=intent.hash,
        user=intent.user,
        external_id=intent.external_id,
        operation=intent.operation,
        asset=intent.asset,
        source_account=source,
        destination_type=None if intent.destination is None else intent.destination.type,
        destination_id=None if intent.destination is None else intent.destination.id,
        note=submission.note,
        customer_ref_id=submission.customer_ref_id,
        status=str(Status.SUBMITTED),
        sub_status="",
        system_messages="[]",
        uri=submission.uri,
        body=submission.body,
        token=submission.token,
        intent=intent.to_bytes(),
        admissions="{}",
        session=0,
        released=False,
        attempt_bytes=None,
        chain=None if intent.signs_messages else intent.chain,
        sender=sender,
        nonce=None,
        result=None,
        signed_by=None,
        raw_transaction=None,
        transaction_hash=None,
        replaced_hash=None,
        block_height=None,
        block_hash=None,
        network_fee=None,
        confirmations=0,
        created_ms=now,
        updated_ms=now,
        received_us=submission.received_us,
        admitted_us=None,
        voted_us=None,
        signed_us=None,
        stored_us=None,
    )
