"""The sensible exchange policy against every recorded theft and every benign case: what the vectors expect.

The decoded effects are the vectors' own, so that this is about the policy; nothing else of `expected` is read
by what decides.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.effects import Decoded
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.charter.policy_types import Policy
from quorate.core.policy.cases import explain
from quorate.core.policy.parse import policy_from_yaml
from tests.core.vectors import OWN, ROOT

NOW = 1_790_000_000_000
INCIDENTS = sorted((OWN / "incidents").glob("*.json"))
GOOD = ("bitcoin-p2wsh", "bitcoin-psbt", "evm", "solana", "tron")
Case = Mapping[str, Any]


@cache
def exchange() -> Policy:
    text = (ROOT / "examples/policies/exchange.yaml").read_text()
    return read_policy(policy_from_yaml(text, None), "policy")


def stated(format: str, data: str, context: Case, item: Case) -> Decoded:
    """What the vectors say that the bytes do."""
    chain = {} if format == "raw-digest" else context["chain"]
    return Decoded(format, chain, tuple(item["expected"]["effects"]), ())


EXPECTATIONS = {
    "id", "name", "reason_class", "also_acceptable", "expected_verdict", "what_happened", "fidelity",
}  # fmt: skip
HINTS = {"lookalike_of", "per_item"}


def blindfolded(case: Case) -> dict[str, Any]:
    """Without everything that says what is expected, or by which name the case is known."""
    return {
        **_without(case, EXPECTATIONS),
        "context": _without(case["context"], HINTS),
        "items": [
            _without(item, EXPECTATIONS) if item.get("expected_verdict") != "not_applicable" else item
            for item in case["items"]
        ],
    }


def _without(value: Case, names: set[str]) -> dict[str, Any]:
    return {name: held for name, held in value.items() if name not in names}


def good_cases() -> list[Case]:
    return [case for name in GOOD for case in json.loads((OWN / f"good/{name}.json").read_text())["cases"]]


def test_every_vector_is_there() -> None:
    incidents = [json.loads(path.read_text()) for path in INCIDENTS]
    assert (len(incidents), sum(len(case["items"]) for case in incidents)) == (24, 57)
    assert (len(good_cases()), sum(len(case["items"]) for case in good_cases())) == (44, 45)


@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem)
def test_incidents_are_refused(path: Path) -> None:
    case = json.loads(path.read_text())
    explanation = explain(exchange(), blindfolded(case), stated, NOW)
    assert explanation.verdict == case["expected_verdict"] == "refuse"
    assert len(explanation.items) == len(case["items"])
    for item, got in zip(case["items"], explanation.items, strict=True):
        verdict = item.get("expected_verdict", case["expected_verdict"])
        assert (got.verdict if got else "not_applicable") == verdict
        if got is not None and verdict == "refuse":
            wanted = {case["reason_class"], *case["also_acceptable"], item.get("reason_class")}
            assert got.reason_class in wanted, (got.reason_class, got.rule)


@pytest.mark.parametrize("case", good_cases(), ids=lambda case: case["id"])
def test_benign_cases_are_allowed(case: Case) -> None:
    explanation = explain(exchange(), blindfolded(case), stated, NOW)
    assert explanation.verdict == case["expected_verdict"] == "allow", explanation.to_json()
    assert all(item and item.allowed for item in explanation.items)


def test_sequences_are_refused_as_they_say() -> None:
    """Velocity: each item by itself, with the reason that the incident gives it."""
    case = json.loads((OWN / "incidents/coindcx-2025-test-then-drain.json").read_text())
    explanation = explain(exchange(), case, stated, NOW)
    told = {entry["item"]: entry for entry in case["context"]["per_item"]}
    assert len(told) == len(explanation.items) == 7
    for number, item in enumerate(explanation.items):
        assert item is not None
        assert item.verdict == told[number]["verdict"]
        assert item.reason_class in told[number]["reason"].split(" or ")


def test_velocity_alone() -> None:
    """The same thief at a destination that counts as known: the limits stop him at the third transfer, and
    what went out before counts.
    """
    case = json.loads((OWN / "incidents/coindcx-2025-test-then-drain.json").read_text())
    context = case["context"]
    context["whitelist"] = list(context.pop("first_seen"))
    del context["new_destination_delay_seconds"]
    answers = explain(exchange(), {**case, "requested": {}}, stated, NOW).items
    assert [item.verdict for item in answers if item] == ["allow"] * 2 + ["refuse"] * 5
    assert {item.reason_class for item in answers[2:] if item} == {"velocity"}

    context["limits"][0].pop("per_tx")
    answers = explain(exchange(), {**case, "requested": {}}, stated, NOW).items
    assert [item.verdict for item in answers if item] == ["allow"] * 3 + ["refuse"] * 4


@pytest.mark.parametrize("case", good_cases(), ids=lambda case: case["id"])
def test_a_benign_case_without_its_requester_is_refused(case: Case) -> None:
    items = [{**item, "evidence": {"requester": {"present": False}}} for item in case["items"]]
    explanation = explain(exchange(), {**case, "items": items}, stated, NOW)
    assert (explanation.verdict, explanation.reason_class) == ("refuse", "missing_evidence")


@pytest.mark.parametrize("case", good_cases(), ids=lambda case: case["id"])
def test_a_benign_case_without_its_context_is_refused_where_it_gives_something_away(case: Case) -> None:
    """The lists are what allows: without them only what needs none stays allowed."""
    explanation = explain(exchange(), {**case, "context": {}}, stated, NOW)
    needs_none = case["id"] == "1559-approve-revoke"
    assert explanation.verdict == ("allow" if needs_none else "refuse"), explanation.to_json()
