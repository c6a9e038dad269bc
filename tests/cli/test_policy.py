"""`quorate policy`: check, explain, simulate and diff, from files, with the exit codes that people script."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.core.vectors import OWN, ROOT

EXCHANGE = ROOT / "examples/policies/exchange.yaml"
POISONING = OWN / "incidents/address-poisoning-2024-wbtc.json"


def good(name: str) -> dict[str, Any]:
    cases = json.loads((OWN / "good/evm.json").read_text())["cases"]
    return next(case for case in cases if case["id"] == name)


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_the_example_policy_is_valid_without_a_charter(run: Run) -> None:
    answer = run("policy", "check", EXCHANGE, "--json")
    assert (answer.code, answer.json["outcome"]) == (0, "valid")
    assert len(answer.json["policy"]["rules"]) == 9
    assert "not compared with a charter" in run("policy", "check", EXCHANGE).out


def test_an_incident_is_refused_from_its_bytes(run: Run) -> None:
    answer = run("policy", "explain", "--policy", EXCHANGE, "--request", POISONING, "--json")
    assert answer.code == 1
    assert (answer.json["verdict"], answer.json["reason_class"]) == ("refuse", "lookalike_destination")
    first, context = answer.json["items"]
    assert (first["rule"], context["verdict"]) == ("prohibition:lookalike_destination", "not_applicable")
    assert {"rule", "first_mismatch"} == set(first["trace"][0])


@pytest.mark.parametrize("name", ["legacy-native", "1559-native", "1559-erc20", "legacy-zero-nonce-no-data"])
def test_a_payment_is_allowed_from_its_bytes(run: Run, tmp_path: Path, name: str) -> None:
    request = written(tmp_path / "request.json", good(name))
    answer = run("policy", "explain", "--policy", EXCHANGE, "--request", request, "--json")
    assert answer.code == 0, answer
    assert answer.json == {
        "verdict": "allow",
        "reason_class": "",
        "items": [{"verdict": "allow", "reason_class": "", "rule": "payouts", "trace": []}],
    }
    assert (
        "allowed by rule payouts" in run("policy", "explain", "--policy", EXCHANGE, "--request", request).out
    )


def test_missing_approvals_are_a_verdict(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("rules: [{name: two, verdict: approvals, approvals: {threshold: 2, group: ops}}]")
    request = written(tmp_path / "request.json", good("1559-native"))
    answer = run("policy", "explain", "--policy", policy, "--request", request, "--json")
    assert (answer.code, answer.json["verdict"]) == (1, "approvals")
    assert answer.json["items"][0]["needs"] == ["2 of group ops"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("[]", "not_json"),
        ("{", "not_json"),
        ("{}", "bad_request"),
        ('{"items": [{"format": "morse", "bytes": ""}]}', "format"),
        ('{"items": [{"format": "evm-tx", "bytes": ""}], "context": {"whitelist": 1}}', "bad_request"),
    ],
)
def test_bad_requests(run: Run, tmp_path: Path, request_: str, code: str) -> None:
    path = tmp_path / "request.json"
    path.write_text(request_)
    answer = run("policy", "explain", "--policy", EXCHANGE, "--request", path, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, code)


def test_bad_policies_are_bad_input_where_they_are_not_the_question(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("rules: [{name: a}]")
    answer = run("policy", "explain", "--policy", policy, "--request", POISONING, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "missing_member")
    assert run("policy", "check", policy).code == 1
    assert run("policy", "diff", policy, tmp_path / "none.yaml").code == 2
    policy.write_bytes(b"\xff")
    assert run("policy", "check", policy).code == 2


def test_a_simulation(run: Run, tmp_path: Path) -> None:
    allowed = {**good("1559-native"), "decided": {"verdict": "allow"}}
    refused = {**good("1559-erc20"), "decided": {"verdict": "refuse"}}
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps(allowed) + "\n\n" + json.dumps(refused) + "\n")
    answer = run("policy", "simulate", EXCHANGE, records, "--json")
    assert answer.code == 0, answer
    assert (answer.json["records"], answer.json["unchanged"]) == (2, 1)
    (change,) = answer.json["changed"]
    assert (change["id"], change["was"], change["would_be"]) == ("1559-erc20", "refuse", "allow")
    out = run("policy", "simulate", EXCHANGE, records).out
    assert out.splitlines()[0] == "1 of 2 requests would be decided otherwise"
    records.write_text("{\n")
    assert run("policy", "simulate", EXCHANGE, records).code == 2


def test_a_difference(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(
        EXCHANGE.read_text().replace("[own_account, whitelist]", "[own_account, whitelist, one_time]", 1)
    )
    answer = run("policy", "diff", EXCHANGE, other, "--json")
    assert (answer.code, answer.json["loosens"]) == (0, True)
    (change,) = answer.json["changes"]
    assert change == {
        "place": "rule payouts: destinations",
        "loosens": True,
        "tightens": False,
        "words": "own_account, whitelist -> own_account, whitelist, one_time",
    }
    # what the rule no longer catches passes its delay of new destinations by
    back = run("policy", "diff", other, EXCHANGE)
    assert "(loosens and tightens)" in back.out
    assert run("policy", "diff", other, other).out == "no changes\n"
