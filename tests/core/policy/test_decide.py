"""What the rules of the first charters decide about intents: first match, RAW, windows and reasons."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError, TraceLine
from quorate.core.model.charter import Policy, Rule, Window
from quorate.core.model.charter.policy_fields import NAMES as FIELDS
from quorate.core.model.intent import Destination, Intent
from quorate.core.policy import (
    AddressBook,
    Decision,
    Evidence,
    PolicyRequest,
    TallyLine,
    TallyView,
    decide,
    effects_of,
    explain,
    from_intent,
)
from tests.core.intents import ASSETS, TO, raw, transfer
from tests.core.policy.builders import allow, refuse

NOW = 1_800_000_000_000
HUGE = 2**256 - 1
SHOP = Destination("whitelist", "shop", TO)
REQUEST = transfer(10)
RAW_BRANCH = raw((1729, 0, 1))
ON_ASSET_PATH = raw((1729, 0, 1), (44, 60, 0, 0, 0))


def ask(intent: Intent, *rules: Rule, tally: tuple[TallyLine, ...] = ()) -> Decision:
    evidence, view = Evidence(intent.user), TallyView(tally)
    return decide(Policy(rules), asked(intent), effects_of(intent), evidence, view, NOW)


def asked(intent: Intent) -> PolicyRequest:
    """As somebody sees it who knows of no address but the intent's own destination."""
    to = intent.destination
    known = {} if to is None or to.type == "one_time" else {to.address: to.id}
    own = to is not None and to.type == "own_account"
    book = AddressBook(own=known) if own else AddressBook(whitelist=known)
    return from_intent(intent, {asset.contract or "native": asset.id for asset in ASSETS}, book)


def line(number: int, amount: int, age_ms: int = 0, **fields: Any) -> TallyLine:
    base = TallyLine(number.to_bytes(32, "big"), "user-1", "0", TO, "ETH", amount, NOW - age_ms)
    return replace(base, **fields)


# ---- one field at a time


@pytest.mark.parametrize(
    ("fields", "mismatch"),
    [
        ({"requesters": ("user-1",)}, ""),
        ({"requesters": ("user-2",)}, "requesters"),
        ({"operations": ("TRANSFER", "RAW")}, ""),
        ({"operations": ("RAW",)}, "operations"),
        ({"sources": ("0", "7")}, ""),
        ({"sources": ("00",)}, "sources"),
        ({"assets": ("ETH",)}, ""),
        ({"assets": ("USDC",)}, "assets"),
        ({"destinations": ("whitelist",)}, ""),
        ({"destinations": ("one_time", "whitelist:shop")}, ""),
        ({"destinations": ("whitelist:shop2",)}, "destinations"),
        ({"destinations": ("own_account", "one_time")}, "destinations"),
        ({"destinations": ("own_account:shop",)}, "destinations"),
        ({"max_amount": 10}, ""),
        ({"max_amount": 9}, "max_amount"),
        ({"max_amount": 0}, "max_amount"),
        ({"window": Window(60, 10, ())}, ""),
        ({"window": Window(60, 9, ())}, "window"),
        ({"raw_on_asset_path": True}, ""),
        ({"raw_on_asset_path": False}, ""),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("verdict", ["allow", "refuse"])
def test_each_field(fields: dict[str, Any], mismatch: str, verdict: str) -> None:
    decision = ask(REQUEST, Rule("only", verdict, **fields))
    assert decision.trace == ((TraceLine("only", mismatch),) if mismatch else ())
    assert decision.allowed == (verdict == "allow" and not mismatch)


def test_one_time_destinations_have_no_id() -> None:
    request = replace(REQUEST, destination=Destination("one_time", None, TO))
    assert ask(request, allow(destinations=("one_time",))).allowed
    assert not ask(request, allow(destinations=("one_time:None", "whitelist"))).allowed


def test_own_accounts() -> None:
    request = replace(REQUEST, destination=Destination("own_account", "3", TO))
    assert ask(request, allow(destinations=("own_account:3",))).allowed
    assert not ask(request, allow(destinations=("own_account:2",))).allowed


def test_first_match_decides() -> None:
    far, near = allow("far", assets=("USDC",)), allow("near", max_amount=10, assets=("ETH",))
    decision = ask(REQUEST, far, near, refuse())
    assert decision == Decision("allow", "near", "", (TraceLine("far", "assets"),))
    decision = ask(REQUEST, far, refuse("stop"), near)
    assert decision == Decision("refuse", "stop", "prohibited", (TraceLine("far", "assets"),))


# ---- RAW


@pytest.mark.parametrize(
    ("request_", "rules", "rule", "reason"),
    [
        (RAW_BRANCH, (allow(),), "", "raw_digest"),
        (RAW_BRANCH, (allow("raw", operations=("RAW",)),), "raw", ""),
        (RAW_BRANCH, (allow(operations=("RAW",), requesters=("user-2",)),), "", "raw_digest"),
        (RAW_BRANCH, (allow(operations=("RAW",), assets=("ETH",)),), "", "raw_digest"),
        (RAW_BRANCH, (allow(operations=("RAW",), destinations=("whitelist",)),), "", "raw_digest"),
        (RAW_BRANCH, (refuse(), allow("raw", operations=("RAW",))), "raw", ""),
        (RAW_BRANCH, (refuse("no", operations=("RAW",)), allow(operations=("RAW",))), "no", "prohibited"),
        (ON_ASSET_PATH, (), "raw_on_asset_path", "prohibited"),
        (ON_ASSET_PATH, (allow(operations=("RAW",)),), "raw_on_asset_path", "prohibited"),
        (
            ON_ASSET_PATH,
            (allow(operations=("RAW",), raw_on_asset_path=False),),
            "raw_on_asset_path",
            "prohibited",
        ),
        (ON_ASSET_PATH, (allow(raw_on_asset_path=True),), "raw_on_asset_path", "prohibited"),
        (
            ON_ASSET_PATH,
            (refuse(operations=("RAW",), raw_on_asset_path=True),),
            "raw_on_asset_path",
            "prohibited",
        ),
        (ON_ASSET_PATH, (allow("raw", operations=("RAW",), raw_on_asset_path=True),), "raw", ""),
        (
            ON_ASSET_PATH,
            (
                allow("narrow", operations=("RAW",)),
                allow("wide", operations=("RAW",), raw_on_asset_path=True),
            ),
            "wide",
            "",
        ),
        (
            ON_ASSET_PATH,
            (refuse("no", operations=("RAW",)), allow(operations=("RAW",), raw_on_asset_path=True)),
            "no",
            "prohibited",
        ),
        (
            ON_ASSET_PATH,
            (allow(operations=("RAW",), raw_on_asset_path=True, requesters=("user-2",)),),
            "",
            "raw_digest",
        ),
    ],
)
def test_raw(request_: Intent, rules: tuple[Rule, ...], rule: str, reason: str) -> None:
    decision = ask(request_, *rules)
    assert (decision.rule, decision.reason_class, decision.allowed) == (rule, reason, not reason)


@pytest.mark.parametrize("purpose", [0, 43, 44, 49, 84, 86, 1728, 1730])
def test_every_purpose_but_the_raw_branch_counts_as_asset_path(purpose: int) -> None:
    assert ask(raw((purpose, 0)), allow(operations=("RAW",))).rule == "raw_on_asset_path"


def test_a_prohibition_still_tells_what_each_rule_missed() -> None:
    rules = (allow("one", requesters=("user-2",)), allow("two", operations=("RAW",)))
    trace = ask(ON_ASSET_PATH, *rules).trace
    assert trace == (TraceLine("one", "requesters"), TraceLine("two", "raw_on_asset_path"))


# ---- windows


def window(maximum: int, *per: str, seconds: int = 60) -> Rule:
    return allow("window", assets=("ETH",), window=Window(seconds, maximum, per))


@pytest.mark.parametrize(
    ("age_ms", "counts"),
    [(0, True), (59_999, True), (60_000, True), (60_001, False), (-5_000, True), (10**15, False)],
)
def test_border_in_time(age_ms: int, counts: bool) -> None:
    """An entry exactly `seconds` old counts, and so does one that another signer's clock dated ahead."""
    tally = (line(1, 5, age_ms),)
    assert ask(REQUEST, window(14), tally=tally).allowed is not counts
    assert ask(REQUEST, window(15), tally=tally).allowed


@given(st.lists(st.integers(0, HUGE), max_size=8), st.integers(-1, 1))
def test_border_in_amount(amounts: list[int], difference: int) -> None:
    """Exact to one unit, however large."""
    tally = tuple(line(number, amount) for number, amount in enumerate(amounts, 1))
    decision = ask(REQUEST, window(sum(amounts) + 10 + difference), tally=tally)
    assert decision.allowed == (difference >= 0)
    assert decision.reason_class == ("" if difference >= 0 else "velocity")


@pytest.mark.parametrize(
    ("per", "other", "counts"),
    [
        ((), {}, True),
        ((), {"user": "user-2", "source": "1", "destination": "0x"}, True),
        ((), {"asset": "USDC"}, False),
        (("requester",), {"user": "user-2"}, False),
        (("requester",), {"source": "1", "destination": "0x"}, True),
        (("source",), {"source": "1"}, False),
        (("source",), {"user": "user-2"}, True),
        (("destination",), {"destination": "0x"}, False),
        (("destination",), {"source": "1"}, True),
        (("requester", "source", "destination"), {}, True),
        (("requester", "source", "destination"), {"source": "1"}, False),
    ],
)
def test_what_counts_together(per: tuple[str, ...], other: dict[str, str], counts: bool) -> None:
    assert ask(REQUEST, window(10, *per), tally=(line(1, 1, **other),)).allowed is not counts


def test_the_same_intent_at_several_signers_counts_once() -> None:
    tally = (line(1, 5), line(1, 5, 1_000), line(1, 5, 3_000), line(2, 5))
    assert ask(REQUEST, window(20), tally=tally).allowed
    assert not ask(REQUEST, window(19), tally=tally).allowed


def test_no_signer_can_make_an_entry_of_another_age_or_shrink() -> None:
    honest = line(1, 5)
    for lie in (line(1, 5, 10**9), line(1, 0), line(1, 5, asset="USDC"), line(1, 5, user="user-2")):
        for tally in ((honest, lie), (lie, honest)):
            assert not ask(REQUEST, window(14, "requester"), tally=tally).allowed


def test_an_own_reservation_does_not_count_twice() -> None:
    """A second session of the same intent is judged as the first was."""
    assert ask(REQUEST, window(10), tally=(line(1, 10, intent_hash=REQUEST.hash),)).allowed


@given(st.permutations([line(i % 4, i, i * 9_000) for i in range(10)]), st.integers(10, 40))
def test_the_order_of_the_tally_is_of_no_matter(tally: list[TallyLine], maximum: int) -> None:
    ordered = tuple(sorted(tally, key=lambda entry: entry.amount))
    assert ask(REQUEST, window(maximum), tally=tuple(tally)) == ask(REQUEST, window(maximum), tally=ordered)


# ---- reasons


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ((), "no_rule_matched"),
        ((allow(requesters=("user-2",)),), "no_rule_matched"),
        ((allow(assets=("USDC",)),), "no_rule_matched"),
        ((allow(sources=("1",)),), "no_rule_matched"),
        ((allow(destinations=("one_time",)),), "unknown_destination"),
        ((allow(assets=("ETH",), max_amount=9),), "amount_limit"),
        ((window(9),), "velocity"),
        ((allow(assets=("USDC",)), allow(destinations=("own_account",))), "unknown_destination"),
        ((allow(assets=("ETH",), max_amount=9), allow(destinations=("own_account",))), "amount_limit"),
        ((window(9), allow(assets=("ETH",), max_amount=9)), "velocity"),
        ((refuse(assets=("ETH",), max_amount=9),), "no_rule_matched"),
        ((refuse(),), "prohibited"),
    ],
)
def test_reason_class(rules: tuple[Rule, ...], reason: str) -> None:
    assert ask(REQUEST, *rules).reason_class == reason


def test_explanation() -> None:
    decision = ask(REQUEST, allow("small", assets=("ETH",), max_amount=9), allow("tokens", assets=("USDC",)))
    assert explain.lines(decision) == [
        "refused (amount_limit): no rule matched",
        "  rule small: max_amount: the amount is above max_amount",
        "  rule tokens: assets: the asset is not listed",
    ]
    assert explain.lines(ask(REQUEST, allow("any"))) == ["allowed by rule any"]
    assert explain.lines(ask(REQUEST, refuse("stop"))) == ["refused (prohibited): rule stop"]
    assert explain.lines(ask(ON_ASSET_PATH)) == [
        "refused (prohibited): absolute prohibition raw_on_asset_path"
    ]
    assert set(explain._WORDS) == set(FIELDS)


# ---- half requests


def test_raw_without_a_path_is_no_request() -> None:
    with pytest.raises(QuorateError) as error:
        replace(asked(RAW_BRANCH), paths=())
    assert error.value.code == "policy_request"


# ---- what must hold for every policy

maybe = st.none()
some = {
    "requesters": st.sampled_from([("user-1",), ("user-2",)]),
    "operations": st.sampled_from([("TRANSFER",), ("RAW",), ("TRANSFER", "RAW")]),
    "sources": st.sampled_from([("0",), ("1",)]),
    "destinations": st.sampled_from([("whitelist",), ("whitelist:shop",), ("own_account",)]),
    "assets": st.sampled_from([("ETH",), ("USDC",)]),
    "max_amount": st.sampled_from([0, 9, 10, HUGE]),
    "window": st.builds(
        Window,
        st.sampled_from([1, 60]),
        st.sampled_from([0, 10, 20, HUGE]),
        st.sampled_from([(), ("requester",), ("source", "destination")]),
    ),
    "raw_on_asset_path": st.booleans(),
}
fields = st.fixed_dictionaries({name: maybe | strategy for name, strategy in some.items()})
rules = st.builds(
    lambda verdict, fields: Rule("r", verdict, **fields), st.sampled_from(["allow", "refuse"]), fields
)
requests = st.sampled_from([REQUEST, RAW_BRANCH, ON_ASSET_PATH, transfer(HUGE)])
tallies = st.lists(
    st.builds(
        line, st.integers(1, 4), st.sampled_from([0, 1, 10, HUGE]), st.sampled_from([0, 1_000, 60_000, 10**9])
    ),
    max_size=6,
).map(tuple)


@given(requests, tallies)
def test_an_empty_policy_allows_nothing(request_: Intent, tally: tuple[TallyLine, ...]) -> None:
    assert not ask(request_, tally=tally).allowed


@given(st.lists(rules, max_size=5), fields, st.integers(0, 5), requests, tallies)
def test_another_refuse_rule_never_allows_more(
    policy: list[Rule], extra: dict[str, Any], at: int, request_: Intent, tally: tuple[TallyLine, ...]
) -> None:
    stricter = [*policy[:at], refuse("extra", **extra), *policy[at:]]
    if ask(request_, *stricter, tally=tally).allowed:
        assert ask(request_, *policy, tally=tally).allowed


@given(st.lists(rules, max_size=5), requests, tallies, tallies)
def test_more_in_the_tally_never_allows_more_without_refuse_windows(
    policy: list[Rule], request_: Intent, tally: tuple[TallyLine, ...], more: tuple[TallyLine, ...]
) -> None:
    plain = [rule for rule in policy if rule.verdict == "allow"]
    if ask(request_, *plain, tally=tally + more).allowed:
        assert ask(request_, *plain, tally=tally).allowed


@given(st.lists(rules, max_size=5), requests, tallies)
def test_every_decision_is_accounted_for(
    policy: list[Rule], request_: Intent, tally: tuple[TallyLine, ...]
) -> None:
    """A verdict, its reason, and for each rule before the deciding one the first field that did not match."""
    named = [replace(rule, name=f"r{i}") for i, rule in enumerate(policy)]
    decision = ask(request_, *named, tally=tally)
    assert (decision.reason_class == "") == decision.allowed
    assert all(entry.first_mismatch in FIELDS for entry in decision.trace)
    if decision.rule == "raw_on_asset_path":
        return
    passed = [rule.name for rule in named]
    if decision.rule:
        passed = passed[: passed.index(decision.rule)]
    assert [entry.rule for entry in decision.trace] == passed
    assert decision == ask(request_, *named, tally=tally)


@given(st.lists(rules, max_size=5))
def test_raw_on_an_asset_path_is_only_ever_allowed_by_a_rule_that_says_so(policy: list[Rule]) -> None:
    named = {f"r{i}": replace(rule, name=f"r{i}") for i, rule in enumerate(policy)}
    decision = ask(ON_ASSET_PATH, *named.values())
    if decision.allowed:
        rule = named[decision.rule]
        assert rule.raw_on_asset_path
        assert "RAW" in (rule.operations or ())
