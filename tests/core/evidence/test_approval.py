"""Statements: each check by itself, and what counts of many. That nothing but the exact bytes verifies is a
property.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.errors import Refused
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.model import canonical, labels
from quorate.core.model.charter import Charter, parse
from quorate.core.model.statement import APPROVE, REJECT, SignedStatement, Statement, from_json, to_json
from tests.core.examples import VECTORS, body
from tests.core.spec.generate.encode import sshsig

NOW = 1_764_000_000
INTENT = bytes(range(32))
CHARTER: Charter = parse(
    body(next(e for e in VECTORS["charter"]["valid"] if e["name"] == VECTORS["statement-signed"]["charter"]))
)


def statement(**changes: Any) -> Statement:
    whole = Statement(CHARTER.cluster, CHARTER.hash, INTENT, APPROVE, "dana", 1, NOW, NOW + 600)
    return replace(whole, **changes)


def sign(said: Statement, key: str = "dana/ssh", label: str = labels.STATEMENT) -> SignedStatement:
    return SignedStatement(said.to_bytes(), sshsig(key, label, said.to_bytes(), fido="fido" in key))


def verify(signed: SignedStatement, now: int = NOW, intent: bytes = INTENT) -> Approval:
    return approval.verify(signed, CHARTER, intent, now)


def refused_by(signed: SignedStatement, **where: Any) -> str:
    with pytest.raises(Refused) as caught:
        verify(signed, **where)
    return caught.value.check


def test_what_a_verified_statement_says() -> None:
    said = verify(sign(statement(round=7)))
    assert (said.approver, said.groups, said.verdict, said.round) == (
        "dana",
        ("treasury", "payers"),
        APPROVE,
        7,
    )
    assert (said.issued_at, said.expires_at, said.is_veto) == (NOW, NOW + 600, False)
    assert verify(sign(statement(approver="erin", verdict=REJECT), "erin/fido")).is_veto


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"cluster": "00" * 16}, "statement_cluster"),
        ({"charter": bytes(32)}, "statement_charter"),
        ({"intent": bytes(32)}, "statement_intent"),
        ({"approver": "nobody"}, "statement_approver"),
        ({"approver": "alice"}, "statement_approver"),
        ({"approver": "erin"}, "statement_signature"),
        ({"issued_at": NOW + 6}, "statement_time"),
        ({"issued_at": NOW - 600, "expires_at": NOW}, "statement_time"),
        ({"expires_at": NOW + 86_401}, "statement_form"),
        ({"round": 0}, "statement_form"),
        ({"verdict": "maybe"}, "statement_form"),
    ],
)
def test_each_check_refuses_what_it_is_for(changes: dict[str, Any], check: str) -> None:
    assert refused_by(sign(statement(**changes))) == check


def test_keys_labels_and_bodies_are_not_interchangeable() -> None:
    good = statement()
    for signed in (
        sign(good, "mallory/ssh"),
        sign(good, label=labels.ORDER),
        replace(sign(good), body=statement(verdict=REJECT).to_bytes()),
        replace(sign(good), armor=sign(statement(round=2)).armor),
        replace(sign(good), armor=""),
    ):
        assert refused_by(signed) == "statement_signature"
    assert refused_by(SignedStatement(b"{}", "")) == "statement_form"
    assert refused_by(replace(sign(good), body=good.to_bytes() + b" ")) == "statement_form"


def test_the_readers_clock_decides() -> None:
    signed = sign(statement())
    for now in (NOW - CHARTER.skew, NOW, NOW + 599):
        verify(signed, now=now)
    for now in (NOW - CHARTER.skew - 1, NOW + 600, NOW + 10**6):
        assert refused_by(signed, now=now) == "statement_time"


@given(st.binary(min_size=32, max_size=32))
def test_an_approval_of_one_intent_is_none_of_another(other: bytes) -> None:
    if other != INTENT:
        assert refused_by(sign(statement()), intent=other) == "statement_intent"


@settings(max_examples=300)
@given(st.data())
def test_a_changed_byte_of_the_body_never_verifies(data: st.DataObject) -> None:
    signed = sign(statement())
    at = data.draw(st.integers(0, len(signed.body) - 1))
    value = data.draw(st.integers(0, 255))
    changed = signed.body[:at] + bytes([value]) + signed.body[at + 1 :]
    if changed != signed.body:
        assert refused_by(replace(signed, body=changed)).startswith("statement_")


@given(
    st.builds(
        Statement,
        cluster=st.binary(min_size=16, max_size=16).map(bytes.hex),
        charter=st.binary(min_size=32, max_size=32),
        intent=st.binary(min_size=32, max_size=32),
        verdict=st.sampled_from([APPROVE, REJECT]),
        approver=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
        round=st.integers(1, canonical.MAX_INTEGER),
        issued_at=st.integers(0, 2**40),
        expires_at=st.just(0),
    ),
    st.integers(1, 86_400),
)
def test_bytes_and_file_form_round_trip(said: Statement, lifetime: int) -> None:
    said = replace(said, expires_at=said.issued_at + lifetime)
    assert Statement.from_bytes(said.to_bytes()) == said
    signed = SignedStatement(said.to_bytes(), "armor")
    assert from_json(to_json(signed)) == signed


SAID = st.builds(
    Approval,
    approver=st.sampled_from(["dana", "erin", "frank"]),
    groups=st.just(()),
    verdict=st.sampled_from([APPROVE, REJECT]),
    round=st.integers(1, 4),
    issued_at=st.integers(0, 9),
    expires_at=st.integers(10, 20),
    signed=st.just(SignedStatement(b"", "")),
)


@given(st.lists(SAID), st.randoms())
def test_each_approver_counts_once_and_a_rejection_is_never_outvoted(
    said: list[Approval], random: Any
) -> None:
    counting = approval.newest(said)
    assert [c.approver for c in counting] == sorted({s.approver for s in said})
    for found in counting:
        own = [s for s in said if s.approver == found.approver]
        assert found.is_veto == any(s.is_veto for s in own)
        assert found.round == max(s.round for s in own if s.is_veto == found.is_veto)
    random.shuffle(said)
    shuffled = approval.newest(said)
    assert [(c.approver, c.round, c.verdict) for c in shuffled] == [
        (c.approver, c.round, c.verdict) for c in counting
    ]
    if any(s.is_veto for s in said):
        with pytest.raises(Refused, match="rejected by"):
            approval.not_vetoed(counting)
    else:
        approval.not_vetoed(counting)
