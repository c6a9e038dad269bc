"""A draft over recorded requests: what would be decided otherwise, and nothing else."""

from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy_types import Policy, Requirement, Window
from quorate.core.policy.simulate import simulate
from tests.core.policy.builders import OWN, SHOP, STRANGER, allow, pays, refuse, wants
from tests.core.policy.test_cases import CHAIN, NOW_S, item, read


def record(verdict: str, *items: dict[str, Any], id: str = "", **decided: Any) -> dict[str, Any]:
    context = {"whitelist": [SHOP], "own_addresses": [OWN]}
    return {
        "id": id,
        "chain": CHAIN,
        "context": context,
        "items": list(items) or [item(pays())],
        "decided": {"verdict": verdict, **decided},
    }


def changed(policy: Policy, *records: dict[str, Any]) -> dict[str, Any]:
    return simulate(policy, records, read, 1000 * NOW_S).to_json()


SHOPS = Policy((allow("shops", destinations=("whitelist",)),))


def test_nothing_changes() -> None:
    answer = changed(SHOPS, record("allow"), record("refuse", item(pays(1, STRANGER))))
    assert answer == {"records": 2, "unchanged": 2, "changed": []}


def test_what_changes_is_listed_with_its_reason() -> None:
    stranger = record("allow", item(pays(1, STRANGER)), id="payout-7")
    answer = changed(SHOPS, record("allow"), stranger, record("refuse", id="payout-8"))
    assert (answer["records"], answer["unchanged"]) == (3, 1)
    assert answer["changed"] == [
        {
            "record": 2,
            "id": "payout-7",
            "was": "allow",
            "would_be": "refuse",
            "reason_class": "unknown_destination",
            "items": [],
            "rules": [""],
        },
        {
            "record": 3,
            "id": "payout-8",
            "was": "refuse",
            "would_be": "allow",
            "reason_class": "",
            "items": [],
            "rules": ["shops"],
        },
    ]


def test_which_way() -> None:
    policy = Policy((wants(Requirement(threshold=1)),))
    simulation = simulate(policy, [record("allow"), record("refuse")], read, 0)
    assert [found.loosens for found in simulation.differences] == [False, True]
    assert {found.now.verdict for found in simulation.differences} == {"approvals"}


def test_items_that_differ_although_the_whole_does_not() -> None:
    items = [item(pays(1, STRANGER)), item(pays()), item(pays(1, STRANGER))]
    was = [{"verdict": "refuse"}, {"verdict": "refuse"}, {"verdict": "allow"}]
    (difference,) = changed(SHOPS, record("refuse", *items, items=was))["changed"]
    assert (difference["was"], difference["would_be"], difference["items"]) == ("refuse", "refuse", [1, 2])
    was = [{"verdict": "refuse"}, {"verdict": "allow"}, {"verdict": "refuse"}]
    assert changed(SHOPS, record("refuse", *items, items=was))["changed"] == []
    context = [item(expected_verdict="not_applicable"), item(pays())]
    was = [{"verdict": "not_applicable"}, {"verdict": "allow"}]
    assert changed(SHOPS, record("allow", *context, items=was))["changed"] == []


def test_what_the_draft_lets_through_counts_in_later_records() -> None:
    policy = Policy((allow(assets=("native",), window=Window(60, 20, ())),))
    records = [record("allow", item(pays(10), at=NOW_S + seconds)) for seconds in (0, 0, 1, 62)]
    answer = changed(policy, *records)
    assert [(found["record"], found["reason_class"]) for found in answer["changed"]] == [(3, "velocity")]
    assert changed(Policy((refuse(),)), *records)["unchanged"] == 0


@pytest.mark.parametrize(
    "broken",
    [
        1,
        {},
        {**record("allow"), "decided": {}},
        record("maybe"),
        record("allow", items={}),
        record("allow", items=[1]),
        record("allow", items=[{"verdict": "maybe"}]),
        record("allow", items=[]) | {"items": []},
        record("allow", items=[{"verdict": "allow"}] * 2),
    ],
)
def test_a_broken_record_is_named(broken: Any) -> None:
    with pytest.raises(QuorateError) as error:
        simulate(SHOPS, [record("allow"), broken], read, 0)
    assert error.value.code == "bad_request"
    assert error.value.message.startswith("record 2: ")
