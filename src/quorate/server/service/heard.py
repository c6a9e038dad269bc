"""What approvers said about a request, as far as it counts now."""

from quorate.core.errors import Refused
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.store import statements
from quorate.server.store.rows import Transaction


async def heard(ctx: Context, transaction: Transaction) -> tuple[Approval, ...]:
    """One statement of each approver. Those that signers would not take, because they expired or the charter
    changed, are left out; rejections stay.
    """
    charter, now = ctx.book.charter, clock.seconds()
    if not charter.approvers:
        return ()
    kept = await ctx.database.read(lambda c: statements.of_intent(c, transaction.intent_hash))
    found: list[Approval] = []
    for signed in kept:
        try:
            said = approval.trusted(signed, charter)
            at = said.issued_at if said.is_veto else now
            found.append(approval.verify(signed, charter, transaction.intent_hash, at))
        except Refused:
            continue
    return approval.newest(found)


def vetoes(approvals: tuple[Approval, ...]) -> list[str]:
    """Who rejected."""
    return [said.approver for said in approvals if said.is_veto]
