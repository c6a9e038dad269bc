"""The life of a transaction, in the statuses that Fireblocks clients know. What is not listed is refused.

The one rule behind the table: from the moment a share may be out (`released`, which the caller keeps
durably), a transaction goes on to a signature or ends by `DEAD`, because its bytes can no longer take
effect. It is never called refused, vetoed, waiting or cancelled again.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from quorate.core.errors import QuorateError


class Status(StrEnum):
    """`status` of the dialect."""

    SUBMITTED = "SUBMITTED"
    PENDING_AUTHORIZATION = "PENDING_AUTHORIZATION"
    QUEUED = "QUEUED"
    PENDING_SIGNATURE = "PENDING_SIGNATURE"
    BROADCASTING = "BROADCASTING"
    CONFIRMING = "CONFIRMING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    BLOCKED = "BLOCKED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


class Event(StrEnum):
    """What happened."""

    ADMITTED = "admitted"
    """At least t signers admitted the request; it waits for its turn."""
    ASKED = "asked"
    """The policy wants approvals that are not there yet."""
    APPROVED = "approved"
    """The approvals are there, as far as the server can tell: signers verify each for themselves."""
    OPENED = "opened"
    """Bytes are built and t signers are asked to vote on them."""
    REQUEUED = "requeued"
    """Too few signers were there, and nothing was released."""
    SIGNED = "signed"
    """A transaction for a chain is signed."""
    MESSAGES_SIGNED = "messages_signed"
    """RAW is signed; nothing is broadcast."""
    BROADCAST = "broadcast"
    """A node has taken it, or it was seen in a block."""
    REPLACED = "replaced"
    """Other bytes of it are signed, of which and the earlier ones one at most can take effect."""
    CONFIRMED = "confirmed"
    """Executed, as deep as wanted."""
    REFUSED = "refused"
    """Signers refused by check or policy."""
    VETOED = "vetoed"
    """A person said no."""
    CANCELLED = "cancelled"
    """The requester took it back before any session."""
    FAILED = "failed"
    """It cannot go on, and no session was opened since it was queued."""
    DEAD = "dead"
    """Its bytes can no longer take effect: reverted, replaced, expired, or no share was ever released."""


TRANSITIONS: Final[Mapping[Status, Mapping[Event, Status]]] = {
    Status.SUBMITTED: {
        Event.ADMITTED: Status.QUEUED,
        Event.OPENED: Status.PENDING_SIGNATURE,
        Event.REFUSED: Status.BLOCKED,
        Event.VETOED: Status.REJECTED,
        Event.CANCELLED: Status.CANCELLED,
        Event.FAILED: Status.FAILED,
    },
    Status.PENDING_AUTHORIZATION: {
        Event.APPROVED: Status.QUEUED,
        Event.REFUSED: Status.BLOCKED,
        Event.VETOED: Status.REJECTED,
        Event.CANCELLED: Status.CANCELLED,
        Event.FAILED: Status.FAILED,
    },
    Status.QUEUED: {
        Event.ASKED: Status.PENDING_AUTHORIZATION,
        Event.OPENED: Status.PENDING_SIGNATURE,
        Event.REFUSED: Status.BLOCKED,
        Event.VETOED: Status.REJECTED,
        Event.CANCELLED: Status.CANCELLED,
        Event.FAILED: Status.FAILED,
    },
    Status.PENDING_SIGNATURE: {
        Event.ASKED: Status.PENDING_AUTHORIZATION,
        Event.REQUEUED: Status.QUEUED,
        Event.SIGNED: Status.BROADCASTING,
        Event.MESSAGES_SIGNED: Status.COMPLETED,
        Event.REFUSED: Status.BLOCKED,
        Event.VETOED: Status.REJECTED,
        Event.DEAD: Status.FAILED,
    },
    Status.BROADCASTING: {
        Event.BROADCAST: Status.CONFIRMING,
        Event.REPLACED: Status.BROADCASTING,
        Event.CONFIRMED: Status.COMPLETED,
        Event.DEAD: Status.FAILED,
    },
    Status.CONFIRMING: {
        Event.REPLACED: Status.BROADCASTING,
        Event.CONFIRMED: Status.COMPLETED,
        Event.DEAD: Status.FAILED,
    },
    Status.COMPLETED: {},
    Status.CANCELLED: {},
    Status.BLOCKED: {},
    Status.REJECTED: {},
    Status.FAILED: {},
}

BEFORE_RELEASE: Final = frozenset(
    {
        Event.ASKED,
        Event.APPROVED,
        Event.REQUEUED,
        Event.REFUSED,
        Event.VETOED,
        Event.CANCELLED,
        Event.FAILED,
    }
)
"""What can happen only while no share may be out."""
FINISHED: Final = frozenset(status for status, events in TRANSITIONS.items() if not events)


def after(status: Status, event: Event, *, released: bool = False) -> Status:
    """The status that follows. Raises QuorateError transition for what the table does not list."""
    following = TRANSITIONS[status].get(event)
    if following is None or (released and event in BEFORE_RELEASE):
        raise _refused(f"{event} cannot happen to a transaction that is {status}", released)
    return following


def _refused(message: str, released: bool) -> QuorateError:
    reason = ", because a share may be out" if released else ""
    return QuorateError("transition", message + reason, "bug", "report this with the transaction's id")
