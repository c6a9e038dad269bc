"""What the policy is asked, what stands behind it, what it looks back on, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from quorate.core.errors import QuorateError, TraceLine
from quorate.core.model.charter.policy_types import ALLOW, APPROVALS, REFUSE, Requirement
from quorate.core.model.intent import RAW, TRANSFER, Effect, Intent
from quorate.core.policy.addresses import AddressBook

__all__ = [
    "ALLOW",
    "APPROVALS",
    "REFUSE",
    "Approval",
    "Decision",
    "Deposit",
    "Evidence",
    "PolicyRequest",
    "TallyLine",
    "TallyView",
    "from_intent",
]

APPROVE: Final = "approve"
REJECT: Final = "reject"


@dataclass(frozen=True, slots=True)
class Deposit:
    """A proven deposit that a mint answers: smallest unit, and how many decimals the asset has."""

    asset: str
    amount: int
    decimals: int


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """One request, as rules see it beside its effects.

    `source` is a vault account, `paths` are the signing paths below the root key, `chain` is `evm:1` and the
    like; empty texts where there is none. `assets` names the chain's own asset texts (`native`, a contract)
    as the charter does. `asset` is what a RAW request says it is about. `intent_hash` keeps a request that
    was reserved before from being counted against a window twice.

    Raises QuorateError policy_request for RAW without paths: no rule is asked about half a request.
    """

    operation: str = TRANSFER
    source: str | None = None
    key: str = ""
    paths: tuple[tuple[int, ...], ...] = ()
    chain: str = ""
    asset: str | None = None
    external_id: str | None = None
    intent_hash: bytes = b""
    book: AddressBook = field(default_factory=AddressBook)
    assets: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
    deposit: Deposit | None = None

    def __post_init__(self) -> None:
        if self.operation == RAW and not self.paths:
            raise QuorateError("policy_request", "RAW has at least one path", "bug")


@dataclass(frozen=True, slots=True)
class Approval:
    """One verified statement of an approver: `verdict` is approve or reject; Unix milliseconds."""

    approver: str
    groups: tuple[str, ...]
    verdict: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who is proven to have asked (None: nobody), and whose statements about exactly this intent verified.

    Groups, here and of an approval, are those that the charter puts the person in.
    """

    requester: str | None
    approvals: tuple[Approval, ...] = ()
    groups: frozenset[str] = frozenset()


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
class TallyView:
    """The union over all signers, in any order, doubles included.

    `lines` reach back as far as the longest window. `used` are addresses that ever received something that
    was let through; `known_ms` says since when an address is known (Unix milliseconds), where that is known.
    Both hold addresses as `addresses.normal` writes them.
    """

    lines: Sequence[TallyLine] = ()
    used: frozenset[str] = frozenset()
    known_ms: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and what led to it.

    `rule` is what decided: a rule's name, an absolute prohibition, a limit, or empty when nothing matched.
    `trace` names each rule that did not match and the first of its fields that did not. `needs` is what
    approvals are missing, where the verdict is `approvals`.
    """

    verdict: str
    rule: str
    reason_class: str
    trace: tuple[TraceLine, ...]
    needs: tuple[Requirement, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.verdict == ALLOW


def from_intent(intent: Intent, assets: Mapping[str, str], book: AddressBook) -> PolicyRequest:
    """The request of an intent whose mapping the asker derived itself. `assets` names contracts of the
    intent's chain; `book` holds whom the asker knows.
    """
    return PolicyRequest(
        operation=intent.operation,
        source=intent.source.vault_account,
        key=intent.key,
        paths=tuple(m.path for m in intent.messages) if intent.signs_messages else (intent.path,),
        chain=intent.chain or "",
        asset=intent.asset,
        external_id=intent.external_id,
        intent_hash=intent.hash,
        book=book,
        assets=assets,
    )


def effects_of(intent: Intent) -> tuple[Mapping[str, object], ...]:
    """What a transfer is asked to do. Of a call or a message an intent says nothing of the kind."""
    return in_words(intent.effects)


def in_words(effects: Sequence[Effect]) -> tuple[Mapping[str, object], ...]:
    """Effects as intents have them, in the vocabulary of decoders (core/chains/effects.py)."""
    return tuple(
        {
            "type": e.type,
            "asset": e.token or "native",
            "to": e.to,
            "amount": str(e.amount),
            **({"standard": "erc20"} if e.token else {}),
        }
        for e in effects
    )
