"""The worked examples of docs/spec/policy.md: what stands there is what is answered."""

import json
import re

import pytest

from quorate.core.chains.decode import decode
from quorate.core.model import canonical
from quorate.core.model.charter.policy import read_policy
from quorate.core.policy.cases import explain
from quorate.core.policy.parse import policy_from_yaml
from quorate.core.policy.prohibitions import PROHIBITIONS
from quorate.core.policy.reasons import NEAREST
from tests.core.vectors import ROOT

PAGE = (ROOT / "docs/spec/policy.md").read_text()
(POLICY,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
REQUESTS = re.findall(r"```json request\n(.*?)```", PAGE, re.S)
ANSWERS = re.findall(r"```json answer\n(.*?)```", PAGE, re.S)


def test_every_example_is_there() -> None:
    assert len(REQUESTS) == len(ANSWERS) == 4


@pytest.mark.parametrize(("request_", "answer"), list(zip(REQUESTS, ANSWERS, strict=True)))
def test_a_worked_example(request_: str, answer: str) -> None:
    policy = read_policy(policy_from_yaml(POLICY, None), "policy")
    assert explain(policy, json.loads(request_), decode, 1_800_000_000_000).to_json() == json.loads(answer)


def test_the_worked_bytes() -> None:
    (shown,) = re.findall(r"```json canonical\n(.*?)\n```", PAGE, re.S)
    assert canonical.encode(policy_from_yaml(POLICY, None)).decode() == shown
    assert read_policy(json.loads(shown), "policy") == read_policy(policy_from_yaml(POLICY, None), "policy")


def test_every_prohibition_and_reason_is_on_the_page() -> None:
    for prohibition in PROHIBITIONS:
        assert f"`{prohibition.name}`" in PAGE
        assert f"`{prohibition.reason_class}`" in PAGE
    assert all(f"`{field}`" in PAGE and f"`{reason}`" in PAGE for field, reason in NEAREST)
