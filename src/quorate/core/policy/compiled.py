"""A policy made ready to decide: each rule as the checks it has, in the order of the table of fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from quorate.core.errors import TraceLine
from quorate.core.model.charter.policy_fields import NAMES
from quorate.core.model.charter.policy_types import REFUSE, FeeLimit, Limit, Policy, Rule
from quorate.core.policy.act import Act
from quorate.core.policy.addresses import normal
from quorate.core.policy.case import Case, Predicate
from quorate.core.policy.match import Subjects, lifted, predicate, subjects
from quorate.core.policy.prohibitions import Hit

_KEPT: Final = 32
"""Compiled policies that are kept: the charter's, and a few drafts."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """`checks` in order; each with the line of the trace for the case that it fails."""

    rule: Rule
    checks: tuple[tuple[Predicate, TraceLine], ...]

    def mismatch(self, act: Act, case: Case) -> TraceLine | None:
        """The first field that does not match; None when the rule matches."""
        for check, line in self.checks:
            if not check(act, case):
                return line
        return None


@dataclass(frozen=True, slots=True)
class Compiled:
    """`lifts` is what any rule that may allow lifts; `lists` says which lists hold an address or a message
    type.
    """

    policy: Policy
    rules: tuple[CompiledRule, ...]
    lifts: Subjects
    raw_lifted: bool
    lists: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, Limit]
    fee_limits: Mapping[str, FeeLimit]

    def is_lifted(self, hit: Hit) -> bool:
        return lifted(hit, self.lifts)


@lru_cache(maxsize=_KEPT)
def compiled(policy: Policy) -> Compiled:
    """The same policy object is compiled once."""
    allowing = [rule for rule in policy.rules if rule.verdict != REFUSE]
    return Compiled(
        policy=policy,
        rules=tuple(CompiledRule(rule, _checks(rule, policy)) for rule in policy.rules),
        lifts=subjects([lift for rule in allowing for lift in rule.lifts or ()], policy),
        raw_lifted=any(rule.raw_on_asset_path and "RAW" in (rule.operations or ()) for rule in allowing),
        lists=_inverted({name: [normal(text) for text in texts] for name, texts in policy.lists.items()}),
        limits={limit.asset: limit for limit in policy.limits},
        fee_limits={limit.chain: limit for limit in policy.fee_limits},
    )


def _checks(rule: Rule, policy: Policy) -> tuple[tuple[Predicate, TraceLine], ...]:
    made = ((name, predicate(name, rule, policy)) for name in NAMES)
    return tuple((check, TraceLine(rule.name, name)) for name, check in made if check is not None)


def _inverted(named: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    """An entry -> the names it stands under."""
    found: dict[str, tuple[str, ...]] = {}
    for name, entries in named.items():
        for entry in dict.fromkeys(entries):
            found[entry] = (*found.get(entry, ()), name)
    return found
