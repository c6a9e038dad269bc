"""What the policy is asked, what it looks back on, and what it answers."""

from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError, TraceLine
from quorate.core.model.intent import OPERATIONS, RAW, TRANSFER, Destination, Intent

ALLOW: Final = "allow"
REFUSE: Final = "refuse"


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """One request, as rules see it. `source` is a vault account, `amount` is in the smallest unit of `asset`.

    A TRANSFER has destination, asset and amount; RAW has the paths of its messages and neither destination
    nor amount. `intent_hash` keeps a request that was reserved before from being counted against a window
    twice.

    Raises QuorateError policy_request for anything else: no rule is asked about half a request.
    """

    user: str
    operation: str
    source: str | None
    destination: Destination | None
    asset: str | None
    amount: int | None
    raw_paths: tuple[tuple[int, ...], ...]
    key: str
    intent_hash: bytes = b""

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise _incomplete(f"operation {self.operation} has no rules")
        if self.operation == TRANSFER and (
            None in (self.destination, self.asset, self.amount) or self.raw_paths
        ):
            raise _incomplete("a TRANSFER has destination, asset and amount, and no RAW paths")
        if self.operation == RAW and (
            not self.raw_paths or self.destination is not None or self.amount is not None
        ):
            raise _incomplete("RAW has paths, and neither destination nor amount")
        if self.amount is not None and self.amount < 0:
            raise _incomplete("an amount is not negative")


@dataclass(frozen=True, slots=True)
class TallyLine:
    """A signer's record of one intent it let through.

    `destination` is an address. The same intent may be in several signers' tallies.
    """

    intent_hash: bytes
    user: str
    source: str
    destination: str
    asset: str
    amount: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and what led to it.

    `rule` is what decided: a rule's name, an absolute prohibition, or empty when nothing matched. `trace`
    names each rule that did not match and the first of its fields that did not.
    """

    verdict: str
    rule: str
    reason_class: str
    trace: tuple[TraceLine, ...]

    @property
    def allowed(self) -> bool:
        return self.verdict == ALLOW


def from_intent(intent: Intent) -> PolicyRequest:
    """Raises QuorateError policy_request when the intent is no whole request."""
    return PolicyRequest(
        user=intent.user,
        operation=intent.operation,
        source=intent.source.vault_account,
        destination=intent.destination,
        asset=intent.asset,
        amount=intent.amount,
        raw_paths=tuple(message.path for message in intent.messages),
        key=intent.key,
        intent_hash=intent.hash,
    )


def _incomplete(message: str) -> QuorateError:
    return QuorateError("policy_request", message, "bug")
