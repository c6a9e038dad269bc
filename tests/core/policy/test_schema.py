"""The JSON Schema of docs/spec is the one made from the table of fields, and it agrees with the reader."""

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.policy_fields import FIELDS, NAMES
from quorate.core.model.charter.policy_types import Rule
from quorate.core.policy import schema
from quorate.core.policy.explain import _WORDS
from quorate.core.policy.parse import policy_from_yaml
from tests.core.policy.builders import SHOP, STRANGER, TOKEN
from tests.core.vectors import ROOT

VALIDATOR = Draft202012Validator(schema.document())
EXAMPLES: dict[str, Any] = {
    "requesters": ["user-1"],
    "requester_groups": ["ops"],
    "operations": ["TRANSFER", "STAKE"],
    "raw_on_asset_path": True,
    "sources": ["0", "17"],
    "keys": ["root-ecdsa"],
    "paths": ["44/60", "1729"],
    "chains": ["evm", "solana:mainnet-beta"],
    "assets": ["ETH"],
    "destinations": ["own_account", "own_account:3", "whitelist:shop", "one_time", "list:known"],
    "contracts": [TOKEN, "list:known", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"],
    "methods": ["0xa9059cbb", "0x9025a488bcd82af8"],
    "messages": ["Mail", "Mail@Ether Mail", "personal_text", "list:known"],
    "lifts": [{"prohibition": "delegatecall", "subjects": [STRANGER, "list:known"]}],
    "external_id": True,
    "hours": [{"days": ["mon", "fri"], "from": "08:00", "to": "24:00"}],
    "new_destination_delay": 86400,
    "max_fee": "1",
    "max_ratio_to_deposit": "1.01",
    "min_amount": "1",
    "first_use_max_amount": "0",
    "max_amount": str(2**256 - 1),
    "window": {"seconds": 86400, "max": "10", "per": ["requester", "destination"]},
}
BROKEN: dict[str, list[Any]] = {
    "requesters": [[], "user-1", [""], ["a", "a"], ["ü"]],
    "requester_groups": [["Ops"], [1]],
    "operations": [["BURN"], []],
    "raw_on_asset_path": ["true", 1],
    "sources": [["00"], ["-1"]],
    "keys": [["A"]],
    "paths": [["m/44"], ["044"], ["44/"]],
    "chains": [["EVM:1"], ["evm:"]],
    "assets": [["-x"], [""]],
    "destinations": [["anywhere"], ["one_time:x"], ["list"], ["whitelist:"], ["list:X"]],
    "contracts": [["0x12"], ["list:"]],
    "methods": [["a9059cbb"], ["0xA9059CBB"], ["0x"]],
    "messages": [[""], ["ü"]],
    "lifts": [
        [],
        [{"prohibition": "raw_digest", "subjects": ["x"]}],
        [{"prohibition": "mint", "subjects": []}],
    ],
    "external_id": ["yes"],
    "hours": [
        [],
        [{"days": [], "from": "08:00", "to": "09:00"}],
        [{"days": ["mon"], "from": "8:00", "to": "9:00"}],
    ],
    "new_destination_delay": [0, "60", 31_622_401],
    "max_fee": [1, "-1", "1.5", "01"],
    "max_ratio_to_deposit": [1.01, "1.", ".5", "1e3"],
    "min_amount": [1],
    "first_use_max_amount": ["x"],
    "max_amount": ["1" * 79, None],
    "window": [
        {"seconds": 0, "max": "1", "per": []},
        {"seconds": 1, "max": "1"},
        {"seconds": 1, "max": "1", "per": ["x"]},
    ],
}
APPROVALS: list[tuple[Any, bool]] = [
    ({"threshold": 2}, True),
    ({"threshold": 1, "group": "ops", "requester_may_approve": True}, True),
    ({"threshold": 1, "approvers": ["a", "b"]}, True),
    ({"all_of": [{"threshold": 1}, {"any_of": [{"threshold": 2, "group": "x"}]}]}, True),
    ({"threshold": 0}, False),
    ({}, False),
    ({"threshold": 1, "group": "ops", "approvers": ["a"]}, False),
    ({"all_of": []}, False),
    ({"all_of": [{"threshold": 1}], "any_of": [{"threshold": 1}]}, False),
    ({"threshold": 1, "who": "x"}, False),
    (2, False),
]
MEMBERS: list[tuple[dict[str, Any], bool]] = [
    ({"lists": {"known": [SHOP], "empty_list": []}}, True),
    ({"lists": {"Known": []}}, False),
    ({"lists": {"known": "x"}}, False),
    ({"limits": [{"asset": "ETH", "per_tx": "1", "rolling": {"seconds": 60, "max": "2"}}]}, True),
    ({"limits": [{"asset": "ETH"}]}, False),
    ({"limits": [{"asset": "ETH", "rolling": {"seconds": 60}}]}, False),
    ({"fee_limits": [{"chain": "evm", "max": "1"}]}, True),
    ({"fee_limits": [{"chain": "evm"}]}, False),
    ({"new_destination_delay": 0, "gap_limit": 20, "approvals": {"threshold": 1}}, True),
    ({"gap_limit": 0}, False),
    ({"new_destination_delay": -1}, False),
    ({"groups": {}}, False),
]


def accepted(policy: dict[str, Any]) -> bool:
    try:
        read_policy(policy, "policy")
    except QuorateError:
        return False
    return True


def one(verdict: str = "allow", **fields: Any) -> dict[str, Any]:
    """A policy of one rule, whose lists are there."""
    if any(field.one_asset and field.name in fields for field in FIELDS):
        fields = {"assets": ["ETH"], **fields}
    return {"rules": [{"name": "r", "verdict": verdict, **fields}], "lists": {"known": []}}


def test_the_document_is_the_tables() -> None:
    assert (ROOT / "docs/spec/policy.schema.json").read_text() == schema.text()
    assert meta.is_valid(schema.document())


def test_one_table_for_all() -> None:
    assert set(EXAMPLES) == set(BROKEN) == set(NAMES) == set(_WORDS)
    assert set(Rule.__slots__) == {"name", "verdict", "approvals", *NAMES}
    spec = (ROOT / "docs/spec/policy.md").read_text()
    assert all(f"| `{name}` |" in spec for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_field_as_it_should_be(name: str) -> None:
    policy = one(**{name: EXAMPLES[name]})
    assert accepted(policy)
    assert VALIDATOR.is_valid(policy)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in NAMES for value in BROKEN[name]])
def test_a_field_as_it_should_not_be(name: str, value: Any) -> None:
    policy = one(**{name: value})
    assert not accepted(policy)
    assert not VALIDATOR.is_valid(policy)


@pytest.mark.parametrize(("approvals", "good"), APPROVALS)
def test_approvals(approvals: Any, good: bool) -> None:
    for policy in (one("approvals", approvals=approvals), {"rules": [], "approvals": approvals}):
        assert accepted(policy) is VALIDATOR.is_valid(policy) is good
    policy = one(approvals=approvals)
    assert not accepted(policy)
    assert not VALIDATOR.is_valid(policy)


def test_a_verdict_needs_its_approvals() -> None:
    assert not accepted(one("approvals"))
    assert not VALIDATOR.is_valid(one("approvals"))


@pytest.mark.parametrize(("members", "good"), MEMBERS)
def test_members(members: dict[str, Any], good: bool) -> None:
    policy = {"rules": [], **members}
    assert accepted(policy) is VALIDATOR.is_valid(policy) is good


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (one(destinations=["list:other"]), "policy_reference"),
        (one(contracts=["list:other"]), "policy_reference"),
        (one(messages=["list:other"]), "policy_reference"),
        (one(lifts=[{"prohibition": "mint", "subjects": ["list:other"]}]), "policy_reference"),
        (one(contracts=[TOKEN.lower()]), "wrong_type"),
        (one(lifts=[{"prohibition": "delegatecall", "subjects": [TOKEN.lower()]}]), "wrong_type"),
        (one(min_amount="1", assets=["ETH", "USDC"]), "charter_rule_asset"),
        (one(hours=[{"days": ["mon"], "from": "09:00", "to": "09:00"}]), "wrong_type"),
        (one("approvals", approvals={"threshold": 2, "approvers": ["a"]}), "wrong_type"),
        ({"rules": [], "limits": [{"asset": "ETH", "per_tx": "1"}] * 2}, "wrong_type"),
        ({"rules": [], "fee_limits": [{"chain": "evm", "max": "1"}] * 2}, "wrong_type"),
    ],
)
def test_what_a_schema_cannot_say(policy: dict[str, Any], code: str) -> None:
    assert VALIDATOR.is_valid(policy)
    with pytest.raises(QuorateError) as error:
        read_policy(policy, "policy")
    assert error.value.code == code


def test_the_canonical_form_is_its_own_source() -> None:
    """Every field, written as YAML would have it: text for amounts, numbers and booleans."""
    rules = [
        {**one(**{name: EXAMPLES[name]})["rules"][0], "name": f"r{number}"}
        for number, name in enumerate(NAMES)
    ]
    rules.append({"name": "wants", "verdict": "approvals", "approvals": APPROVALS[3][0]})
    policy = {
        "rules": rules,
        "lists": {"known": [SHOP]},
        "limits": MEMBERS[3][0]["limits"],
        "fee_limits": MEMBERS[6][0]["fee_limits"],
        "new_destination_delay": 60,
        "gap_limit": 20,
        "approvals": APPROVALS[1][0],
    }
    assert policy_from_yaml(json.dumps(policy), None) == policy
    assert VALIDATOR.is_valid(policy)


@pytest.mark.parametrize("name", ["exchange"])
def test_example_policies(name: str) -> None:
    policy = policy_from_yaml((ROOT / f"examples/policies/{name}.yaml").read_text(), None)
    assert VALIDATOR.is_valid(policy)


def test_whole_units_need_a_charter() -> None:
    source = "rules: [{name: a, verdict: allow, assets: [ETH], max_amount: 1 ETH}]"
    with pytest.raises(QuorateError) as error:
        policy_from_yaml(source, None)
    assert (error.value.code, "decimals" in error.value.message) == ("wrong_type", True)
