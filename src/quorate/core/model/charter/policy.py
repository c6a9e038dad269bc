"""The policy of a charter, read (docs/spec/policy.md). What it decides is quorate.core.policy's."""

from collections.abc import Mapping
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.core.model.charter import policy_forms as form
from quorate.core.model.charter import policy_readers as read
from quorate.core.model.charter.policy_fields import FIELDS, NAMES
from quorate.core.model.charter.policy_types import APPROVALS, VERDICTS, FeeLimit, Limit, Policy, Rule
from quorate.core.model.members import Members, bad

MEMBERS: Final = (
    "lists",
    "limits",
    "fee_limits",
    "new_destination_delay",
    "gap_limit",
    "approvals",
)
"""What a policy may hold beside its rules."""
MAX_GAP: Final = (1 << 31) - 1


def read_policy(value: object, where: str) -> Policy:
    """Raises QuorateError: unknown_member, missing_member, wrong_type, identifier, charter_rule_asset,
    policy_reference (a list that the policy does not have).
    """
    m = Members(value, where, ("rules",), MEMBERS)
    policy = Policy(
        rules=m.array("rules", _rule, longest=4096),
        lists=_lists(m) if "lists" in m else {},
        limits=m.array("limits", _limit) if "limits" in m else (),
        fee_limits=m.array("fee_limits", _fee_limit) if "fee_limits" in m else (),
        new_destination_delay=(
            m.integer("new_destination_delay", 0, form.MAX_WINDOW) if "new_destination_delay" in m else 0
        ),
        gap_limit=m.integer("gap_limit", 1, MAX_GAP) if "gap_limit" in m else 1000,
        approvals=read.requirement(m.raw("approvals"), m.at("approvals")) if "approvals" in m else None,
    )
    _check_unique(m, policy)
    _check_references(policy)
    return policy


def _rule(value: object, where: str) -> Rule:
    m = Members(value, where, ("name", "verdict"), (*NAMES, "approvals"))
    name, verdict = m.identifier("name"), m.one_of("verdict", VERDICTS)
    if (verdict == APPROVALS) != ("approvals" in m):
        raise bad(where, "approvals belongs to verdict approvals, and to no other")
    fields = {
        field.name: field.read(m.raw(field.name), m.at(field.name)) for field in FIELDS if field.name in m
    }
    if "approvals" in m:
        fields["approvals"] = read.requirement(m.raw("approvals"), m.at("approvals"))
    rule = Rule(name, verdict, **fields)
    if any(field.one_asset and field.name in m for field in FIELDS) and len(rule.assets or ()) != 1:
        raise QuorateError(
            "charter_rule_asset",
            f"rule {rule.name} limits an amount, so it must name exactly one asset",
            "caller",
            "write one rule per asset",
        )
    return rule


def _lists(m: Members) -> Mapping[str, tuple[str, ...]]:
    """`{name: [entry, ..]}`; a list may be empty."""
    value = m.raw("lists")
    if not isinstance(value, dict):
        raise m.bad("lists", "an object is expected")
    return {
        read.list_name(name, m.at("lists")): members.array(
            entries, f"{m.at('lists')}.{name}", members.printable
        )
        for name, entries in value.items()
    }


def _limit(value: object, where: str) -> Limit:
    m = Members(value, where, ("asset",), ("per_tx", "rolling"))
    if "per_tx" not in m and "rolling" not in m:
        raise bad(where, "per_tx or rolling is expected")
    rolling = Members(m.raw("rolling"), m.at("rolling"), ("seconds", "max")) if "rolling" in m else None
    return Limit(
        asset=m.name_id("asset"),
        per_tx=m.amount("per_tx") if "per_tx" in m else None,
        seconds=rolling.integer("seconds", 1, form.MAX_WINDOW) if rolling else None,
        max=rolling.amount("max") if rolling else None,
    )


def _fee_limit(value: object, where: str) -> FeeLimit:
    m = Members(value, where, ("chain", "max"))
    return FeeLimit(read.chain(m.raw("chain"), m.at("chain")), m.amount("max"))


def _check_unique(m: Members, policy: Policy) -> None:
    """One limit for an asset, one fee limit for a chain: two would leave open which one is meant."""
    for name, keys in (
        ("limits", [limit.asset for limit in policy.limits]),
        ("fee_limits", [limit.chain for limit in policy.fee_limits]),
    ):
        if len(set(keys)) != len(keys):
            raise m.bad(name, "an entry occurs twice")


def _check_references(policy: Policy) -> None:
    for rule in policy.rules:
        for name in _lists_of(rule):
            if name not in policy.lists:
                raise QuorateError(
                    "policy_reference",
                    f"rule {rule.name} names list {name}, which the policy does not have",
                    "caller",
                    "add it, even if it is empty",
                )


def _lists_of(rule: Rule) -> list[str]:
    texts = [*(rule.destinations or ()), *(rule.contracts or ()), *(rule.messages or ())]
    texts += [subject for lift in rule.lifts or () for subject in lift.subjects]
    return [text.removeprefix("list:") for text in texts if text.startswith("list:")]
