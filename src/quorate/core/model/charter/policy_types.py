"""The policy of a charter as data: rules, and the lists, groups and limits beside them (docs/spec/policy.md).

Amounts are unbounded integers of the smallest unit. What a policy decides is quorate.core.policy's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

ALLOW: Final = "allow"
REFUSE: Final = "refuse"
APPROVALS: Final = "approvals"
VERDICTS: Final = (ALLOW, REFUSE, APPROVALS)


@dataclass(frozen=True, slots=True)
class Window:
    """A rolling limit: `max` within `seconds`, summed over the same asset and the same values of `per`."""

    seconds: int
    max: int
    per: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """From minute `start` of a UTC day up to but not including minute `end`, on `days` (0 is Monday)."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """Who must have approved: a leaf counts distinct approvers, a node combines others.

    A leaf has `threshold` of `approvers`, of `group`, or of anybody. The requester counts only where
    `requester_may_approve`.
    """

    threshold: int = 0
    group: str | None = None
    approvers: tuple[str, ...] | None = None
    requester_may_approve: bool = False
    all_of: tuple["Requirement", ...] = ()
    any_of: tuple["Requirement", ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """An absolute prohibition, and exactly what it is lifted for: subjects of docs/spec/policy.md, or
    `list:<name>`.
    """

    prohibition: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy rule. None: the field was left out (docs/spec/policy.md says what that matches)."""

    name: str
    verdict: str
    requesters: tuple[str, ...] | None = None
    requester_groups: tuple[str, ...] | None = None
    operations: tuple[str, ...] | None = None
    raw_on_asset_path: bool | None = None
    sources: tuple[str, ...] | None = None
    keys: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    chains: tuple[str, ...] | None = None
    assets: tuple[str, ...] | None = None
    destinations: tuple[str, ...] | None = None
    contracts: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    messages: tuple[str, ...] | None = None
    lifts: tuple[Lift, ...] | None = None
    external_id: bool | None = None
    hours: tuple[Hours, ...] | None = None
    new_destination_delay: int | None = None
    max_fee: int | None = None
    max_ratio_to_deposit: str | None = None
    min_amount: int | None = None
    first_use_max_amount: int | None = None
    max_amount: int | None = None
    window: Window | None = None
    approvals: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """What no rule exceeds, for one asset: in one transaction, and within a rolling window."""

    asset: str
    per_tx: int | None
    seconds: int | None
    max: int | None


@dataclass(frozen=True, slots=True)
class FeeLimit:
    """Largest total fee of one transaction, in the native coin of `chain` (`evm:1`, or `evm` for all)."""

    chain: str
    max: int


@dataclass(frozen=True)
class Policy:
    """Ordered rules and what they refer to. Hashed once: a policy is the key under which it is compiled."""

    rules: tuple[Rule, ...]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    fee_limits: tuple[FeeLimit, ...] = ()
    new_destination_delay: int = 0
    gap_limit: int = 1000
    approvals: Requirement | None = None

    def looks_at(self, field: str) -> bool:
        """Whether any rule has this field."""
        return any(getattr(rule, field) is not None for rule in self.rules)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        limits = (self.limits, self.fee_limits, self.new_destination_delay, self.gap_limit, self.approvals)
        return hash((self.rules, tuple(sorted(self.lists.items())), limits))
