"""Policy sources: amounts in whole units, and everything that must not pass as a policy."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.charter.policy import read_policy
from quorate.core.policy.parse import policy_from_yaml
from tests.core.intents import ASSETS

SOURCE = """
rules:
  - name: small-eth            # people read this file
    requesters: [user-1]
    operations: [TRANSFER]
    sources: [0, "17"]
    destinations: [own_account, "whitelist:shop", own_account:3]
    assets: [ETH]
    max_amount: 10.5 ETH
    window: {seconds: 86400, max: "100 ETH", per: [requester, source]}
    verdict: allow
  - {name: raw, operations: [RAW], raw_on_asset_path: false, verdict: allow}
  - {name: dust, assets: [USDC], max_amount: 1000, verdict: refuse}
"""

CANONICAL = {
    "rules": [
        {
            "name": "small-eth",
            "requesters": ["user-1"],
            "operations": ["TRANSFER"],
            "sources": ["0", "17"],
            "destinations": ["own_account", "whitelist:shop", "own_account:3"],
            "assets": ["ETH"],
            "max_amount": "10500000000000000000",
            "window": {"seconds": 86400, "max": "100000000000000000000", "per": ["requester", "source"]},
            "verdict": "allow",
        },
        {"name": "raw", "operations": ["RAW"], "raw_on_asset_path": False, "verdict": "allow"},
        {"name": "dust", "assets": ["USDC"], "max_amount": "1000", "verdict": "refuse"},
    ]
}


def test_source_to_canonical() -> None:
    policy = policy_from_yaml(SOURCE, ASSETS)
    assert policy == CANONICAL
    assert [rule.name for rule in read_policy(policy, "policy").rules] == ["small-eth", "raw", "dust"]
    assert canonical.decode(canonical.encode(policy)) == policy


def test_the_canonical_form_is_its_own_source() -> None:
    assert policy_from_yaml(json.dumps(CANONICAL), ASSETS) == CANONICAL


def test_a_method_may_be_written_as_its_signature() -> None:
    rule = "{name: a, operations: [CONTRACT_CALL], methods: [%s], verdict: allow}"
    for text in ("stake(uint256)", "stake(uint256 amount)", "0xa694fc3a"):
        source = f"rules: [{rule % text}]"
        policy = policy_from_yaml(source, ASSETS)
        assert policy["rules"][0]["methods"] == ["0xa694fc3a"], text  # type: ignore[index]
    for text in ("stake(uint)", "stake", "(uint256)", "stake(uint256"):
        with pytest.raises(QuorateError) as caught:
            policy_from_yaml(f"rules: [{rule % text}]", ASSETS)
        assert caught.value.code == "wrong_type"


def test_no_rules_is_a_policy() -> None:
    assert policy_from_yaml("rules: []", ASSETS) == {"rules": []}


def one(field: str) -> str:
    return "rules: [{name: a, verdict: allow, " + field + "}]"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.000000000000000001 ETH", "1"),
        ("1 ETH", "1000000000000000000"),
        ("01.50 ETH", "1500000000000000000"),
        ("0 ETH", "0"),
        ("115792089237316195423570985008687907853269984665640564039457 ETH", None),
        (
            "115792089237316195423570985008687907853269984665640564039457.584007913129639935 ETH",
            str(2**256 - 1),
        ),
        ("115792089237316195423570985008687907853269984665640564039457.584007913129639936 ETH", "wrong_type"),
        ("1.0000000000000000001 ETH", "wrong_type"),
        ("1 USDC", "wrong_type"),
        ("1 eth", "wrong_type"),
        ("1ETH", "wrong_type"),
        ("1  ETH", "wrong_type"),
        ("1 ETH ", None),
        (".5 ETH", "wrong_type"),
        ("5. ETH", "wrong_type"),
        ("1e3 ETH", "wrong_type"),
        ("-1 ETH", "wrong_type"),
        ("1_000 ETH", "wrong_type"),
        ('"1,000 ETH"', "wrong_type"),
        ("١ ETH", "wrong_type"),
        ("1.5", "wrong_type"),
        ("1e18", "wrong_type"),
        ("0x10", "wrong_type"),
        ("010", "wrong_type"),
        ("-1", "wrong_type"),
        ("1_000", "wrong_type"),
        ("115792089237316195423570985008687907853269984665640564039457584007913129639936", "wrong_type"),
        ("9" * 5000, "wrong_type"),
    ],
)
def test_amounts(text: str, wanted: str | None) -> None:
    source = one(f"assets: [ETH], max_amount: {text}")
    if wanted == "wrong_type":
        with pytest.raises(QuorateError) as error:
            policy_from_yaml(source, ASSETS)
        assert error.value.code == "wrong_type"
        return
    rules = policy_from_yaml(source, ASSETS)["rules"]
    assert isinstance(rules, list)
    assert wanted is None or rules[0]["max_amount"] == wanted


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "bad_policy"),
        ("rules", "wrong_type"),
        ("[]", "wrong_type"),
        ("rules:", "bad_policy"),
        ("rules: 1", "wrong_type"),
        ("rules: [1]", "wrong_type"),
        ("rules: []\nextra: 1", "unknown_member"),
        ("rules: []\nrules: []", "bad_policy"),
        ("rules: []\n---\nrules: []", "bad_policy"),
        ("rules: [", "bad_policy"),
        ("rules: [&a {name: a, verdict: allow}, *a]", "bad_policy"),
        ("rules: [{name: a, verdict: allow, <<: {}}]", "bad_policy"),
        ("rules: !!python/object:os.system []", "bad_policy"),
        ("rules: !x []", "bad_policy"),
        ("rules: [{name: a}]", "missing_member"),
        ("rules: [{verdict: allow}]", "missing_member"),
        ("rules: [{name: a, verdict: maybe}]", "wrong_type"),
        ("rules: [{name: A, verdict: allow}]", "identifier"),
        ("rules: [{name: a, verdict: allow}, {name: a, verdict: refuse}]", "wrong_type"),
        (one("max_ammount: 1"), "unknown_member"),
        (one("verdict: refuse"), "bad_policy"),
        (one("requesters: user-1"), "wrong_type"),
        (one("requesters: []"), "wrong_type"),
        (one("requesters: [a, a]"), "wrong_type"),
        (one("requesters: ~"), "bad_policy"),
        (one("requesters: [~]"), "bad_policy"),
        (one("operations: [BURN]"), "wrong_type"),
        (one("sources: [00]"), "identifier"),
        (one("sources: [-1]"), "identifier"),
        (one("destinations: [anywhere]"), "wrong_type"),
        (one("destinations: ['one_time:x']"), "wrong_type"),
        (one("destinations: ['whitelist:']"), "identifier"),
        (one("assets: [BTC]"), "wrong_type"),
        (one("max_amount: 1"), "wrong_type"),
        (one("assets: [ETH, USDC], max_amount: 1"), "wrong_type"),
        (one("window: {seconds: 60, max: 1, per: []}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 60, max: 1}"), "missing_member"),
        (one("assets: [ETH], window: {seconds: 0, max: 1, per: []}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 1d, max: 1, per: []}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 60.0, max: 1, per: []}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 60, max: 1 USDC, per: []}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 60, max: 1, per: [asset]}"), "wrong_type"),
        (one("assets: [ETH], window: {seconds: 60, max: 1, per: [source, source]}"), "wrong_type"),
        (one("raw_on_asset_path: yes"), "wrong_type"),
        (one("raw_on_asset_path: True"), "wrong_type"),
        (one("requesters: [[[[[[[[[[a]]]]]]]]]]"), "bad_policy"),
        ("rules: [" + "[" * 3000 + "]" * 3000 + "]", "bad_policy"),
        ("x" * ((1 << 20) + 1), "bad_policy"),
        ("rules: [\x00]", "bad_policy"),
    ],
)
def test_what_is_no_policy(source: str, code: str) -> None:
    with pytest.raises(QuorateError) as error:
        policy_from_yaml(source, ASSETS)
    assert error.value.code == code


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    for source in (text, "rules: " + text, one("requesters: " + text)):
        try:
            read_policy(policy_from_yaml(source, ASSETS), "policy")
        except QuorateError:
            continue
