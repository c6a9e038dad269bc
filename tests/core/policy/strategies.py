"""Random policies and requests over a small world, so that fields often match and often just do not."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from quorate.core.chains.effects import effect
from quorate.core.model.charter.policy_types import Hours, Lift, Policy, Requirement, Rule, Window
from quorate.core.policy import Evidence, TallyView
from quorate.core.policy.addresses import normal
from tests.core.policy.builders import (
    ME,
    NOW,
    OWN,
    REQUEST,
    SHOP,
    STRANGER,
    TOKEN,
    approval_of,
    fee,
    line,
    no,
    pays,
    pays_token,
    yes,
)

SPENDER_LIFT = Lift("approval_to_unknown_spender", ("list:spenders",))
CALL_LIFT = Lift("blind", (f"{TOKEN} 0x2e1a7d4d",))


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def subsets(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


AMOUNTS = some(0, 5, 9, 10, 11, 20, 10**40)
LEAVES = st.builds(
    Requirement,
    threshold=some(1, 2),
    group=some(None, "ops", "board"),
    requester_may_approve=st.booleans(),
) | some(Requirement(threshold=1, approvers=("a", "b")), Requirement(threshold=2, approvers=("a", "b", "c")))
REQUIREMENTS = st.recursive(
    LEAVES,
    lambda parts: st.lists(parts, min_size=1, max_size=2).flatmap(
        lambda found: some(Requirement(all_of=tuple(found)), Requirement(any_of=tuple(found)))
    ),
    max_leaves=3,
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "requesters": subsets(ME, "user-2"),
    "requester_groups": subsets("ops", "board"),
    "operations": subsets("TRANSFER", "APPROVE", "CONTRACT_CALL", "REVOKE", "RAW", "OTHER"),
    "raw_on_asset_path": st.booleans(),
    "sources": subsets("0", "1"),
    "keys": subsets("root-ecdsa", "cold"),
    "paths": subsets("44", "44/60", "84", "1729"),
    "chains": subsets("evm", "evm:1", "evm:10"),
    "assets": some(("ETH",), ("USDC",)),
    "destinations": subsets("own_account", "whitelist", "whitelist:shop", "one_time", "list:spenders"),
    "contracts": subsets(TOKEN, STRANGER, "list:spenders"),
    "methods": subsets("0x2e1a7d4d", "0xd0e30db0"),
    "messages": subsets("Mail", "Mail@Ether Mail", "personal_text"),
    "lifts": st.lists(some(SPENDER_LIFT, CALL_LIFT), min_size=1, max_size=2, unique=True).map(tuple),
    "external_id": st.booleans(),
    "hours": some((Hours((4,), 0, 1440),), (Hours((0, 4), 480, 500),), (Hours((5,), 0, 1440),)),
    "new_destination_delay": some(30, 60, 90),
    "max_fee": AMOUNTS,
    "max_ratio_to_deposit": some("1", "1.01"),
    "min_amount": AMOUNTS,
    "first_use_max_amount": AMOUNTS,
    "max_amount": AMOUNTS,
    "window": st.builds(Window, some(30, 60), AMOUNTS, some((), ("requester",), ("source", "destination"))),
}
LIMITING = ("min_amount", "first_use_max_amount", "max_amount", "window")


VERDICTS = ("allow", "refuse", "approvals")


@st.composite
def rules(draw: st.DrawFn, *, verdicts: tuple[str, ...] = VERDICTS, most: int = 4) -> Rule:
    """Few fields each, so that rules meet; amounts only with the one asset they need."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=most, unique=True))
    fields = {field: draw(FIELDS[field]) for field in names}
    if set(names) & set(LIMITING) and "assets" not in fields:
        fields["assets"] = draw(FIELDS["assets"])
    verdict = draw(st.sampled_from(verdicts))
    if verdict == "approvals":
        fields["approvals"] = draw(REQUIREMENTS)
    return Rule("r", verdict, **fields)


@st.composite
def policies(draw: st.DrawFn, most: int = 4) -> Policy:
    found = draw(st.lists(rules(most=most), max_size=5))
    return Policy(
        tuple(replace(rule, name=f"r{number}") for number, rule in enumerate(found)),
        lists={"spenders": draw(st.lists(some(STRANGER, TOKEN), max_size=2, unique=True).map(tuple))},
        approvals=draw(st.none() | REQUIREMENTS) if draw(some(True, False, False)) else None,
    )


PAYEES = some(OWN, SHOP, STRANGER)
EFFECTS = st.one_of(
    st.builds(pays, AMOUNTS, PAYEES),
    st.builds(pays_token, AMOUNTS, PAYEES),
    st.builds(approval_of, some(OWN, STRANGER), AMOUNTS.map(str)),
    st.builds(fee, AMOUNTS),
    st.just(effect("contract_call", to=TOKEN, selector="0x2e1a7d4d", blind=False, value="5")),
    st.just(effect("contract_call", to=TOKEN, selector="0x2e1a7d4d", blind=True)),
    st.just(
        effect("contract_call", to=TOKEN, selector="0x2e1a7d4d", blind=False, value="5", stated_by="abi")
    ),
    st.just(effect("message", kind="typed_data", primary_type="Mail", domain={"name": "Ether Mail"})),
    st.just(effect("message", kind="personal", text="hello")),
    st.just(effect("memo", text="invoice 17")),
    st.just(effect("blind", reason="raw_digest")),
)
REQUESTS = st.builds(
    lambda **members: replace(REQUEST, **members),
    source=some("0", "1"),
    external_id=some(None, "1"),
    chain=some("evm:1", "evm:10"),
    paths=some(((44, 60, 0, 0, 0),), ((84, 0),), ((1729, 0),)),
)
EVIDENCE = st.builds(
    Evidence,
    some(ME, "user-2", None),
    st.lists(some(yes("a", "ops"), yes("b", "ops", "board"), yes(ME, "ops"), no("c")), max_size=3).map(tuple),
    some(frozenset(), frozenset({"ops"}), frozenset({"ops", "board"})),
)
TALLIES = st.builds(
    TallyView,
    st.lists(st.builds(line, st.integers(1, 4), AMOUNTS, some(0, 30_000, 60_000, 90_000)), max_size=4),
    some(frozenset(), frozenset({normal(SHOP)})),
    some({}, {normal(STRANGER): NOW - 60_000}, {normal(SHOP): NOW - 60_000}),
)
PROVEN = st.builds(
    Evidence,
    st.just(ME),
    st.lists(some(yes("a", "ops"), yes("b", "ops", "board"), yes(ME, "ops")), max_size=3).map(tuple),
    some(frozenset(), frozenset({"ops"})),
)
PAYMENTS = st.lists(
    st.builds(pays, AMOUNTS, PAYEES) | st.builds(pays_token, AMOUNTS, PAYEES), min_size=1, max_size=2
)
PAID = st.tuples(PAYMENTS, REQUESTS, PROVEN, TALLIES)
"""Cases that a policy of few fields often allows, or wants approvals for."""
CASES = st.tuples(st.lists(EFFECTS, min_size=1, max_size=3), REQUESTS, EVIDENCE, TALLIES)
