"""Vote, tally entry and certificates beyond the worked bytes."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.model import records, tally
from quorate.core.model.intent import Intent, Item
from quorate.core.model.records import Head, SignedCertificate, TallyEntry, Vote
from tests.core.examples import VECTORS, body, charter, example, refusal

VOTE = Vote.from_bytes(body(example("vote", "ECDSA")))
U64 = st.integers(0, 2**64 - 1)
HASHES = st.binary(min_size=32, max_size=32)
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True)
PATHS = st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=10).map(tuple)


@st.composite
def votes(draw: st.DrawFn) -> Vote:
    members = tuple(draw(st.lists(IDS, min_size=1, max_size=4, unique=True)))
    schemes = draw(st.lists(st.integers(0, 2), min_size=1, max_size=4))
    message = {0: HASHES, 1: st.binary(min_size=1, max_size=99), 2: HASHES}
    return Vote(
        cluster=draw(st.binary(min_size=16, max_size=16)).hex(),
        charter_hash=draw(HASHES),
        freeze_count=draw(U64),
        freeze_hash=draw(HASHES),
        key=draw(IDS),
        epoch=draw(st.integers(0, 2**32 - 1)),
        intent_hash=draw(HASHES),
        attempt_hash=draw(HASHES),
        items=tuple(Item(scheme, draw(PATHS), draw(message[scheme])) for scheme in schemes),
        members=members,
        session=draw(U64),
        voter=draw(st.sampled_from(members)),
        incarnation=draw(st.integers(0, 2**32 - 1)),
        time_ms=draw(U64),
        randomness=tuple(bytes((32, 64, 66)[scheme]) for scheme in schemes),
        heads=tuple(Head(id, draw(U64), draw(HASHES)) for id in draw(st.lists(IDS, max_size=3, unique=True))),
    )


@given(votes())
def test_vote_round_trip(vote: Vote) -> None:
    data = vote.to_bytes()
    assert Vote.from_bytes(data) == vote
    assert data.startswith(vote.shared_bytes)


@given(votes(), st.data())
def test_a_changed_vote_is_refused_or_another_vote(vote: Vote, data: st.DataObject) -> None:
    original = vote.to_bytes()
    at = data.draw(st.integers(0, len(original) - 1))
    mutated = original[:at] + bytes([original[at] ^ data.draw(st.integers(1, 255))]) + original[at + 1 :]
    error = refusal(Vote.from_bytes, mutated)
    if error is None:
        assert Vote.from_bytes(mutated).to_bytes() == mutated
        assert Vote.from_bytes(mutated) != vote
    else:
        assert error.code == "vote_form"


def test_own_fields_are_no_part_of_the_session() -> None:
    own = {"voter": "signer-3", "incarnation": 9, "time_ms": 1, "randomness": (bytes(32),), "heads": ()}
    shared = {
        "cluster": "00" * 16, "charter_hash": bytes(32), "freeze_count": 1, "freeze_hash": bytes(32),
        "key": "other",
        "epoch": 2, "intent_hash": bytes(32), "attempt_hash": bytes(32), "items": (VOTE.items[0],) * 2,
        "members": ("signer-1", "signer-2"), "session": 10,
    }  # fmt: skip
    assert own.keys() | shared.keys() == {field.name for field in dataclasses.fields(Vote)}
    for name, value in own.items():
        assert dataclasses.replace(VOTE, **{name: value}).session_id == VOTE.session_id  # type: ignore[arg-type]
    sessions = {dataclasses.replace(VOTE, **{name: value}).session_id for name, value in shared.items()}  # type: ignore[arg-type]
    assert len(sessions | {VOTE.session_id}) == len(shared) + 1


@given(
    U64.filter(bool),
    HASHES.filter(any),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.integers(0, 2**256 - 1),
)
def test_tally_round_trip(count: int, previous: bytes, text: str, amount: int) -> None:
    entry = TallyEntry(
        cluster="ab" * 16, signer="s", count=count, previous_head=previous if count > 1 else tally.NO_HEAD,
        intent_hash=bytes(32), attempt_hash=bytes(32), time_ms=5, user="u", operation="TRANSFER", source=text,
        destination=text, asset=text, amount=amount, expires_at=6,
    )  # fmt: skip
    assert TallyEntry.from_bytes(entry.to_bytes()) == entry


def test_what_an_intent_puts_into_an_entry() -> None:
    entry = TallyEntry.from_bytes(body(example("tally", "first")))
    transfer = Intent.from_bytes(body(example("intent", "token transfer")))
    expected = (
        entry.user,
        entry.operation,
        entry.source,
        entry.destination,
        entry.asset,
        entry.amount,
        entry.expires_at,
    )
    assert tally.fields(transfer) == expected
    raw = Intent.from_bytes(body(example("intent", "RAW Ed25519")))
    assert tally.fields(raw) == (raw.user, "RAW", "", "", "", 0, raw.expires_at)


def proof() -> SignedCertificate:
    entry = VECTORS["certificates"]["valid"][0]
    return SignedCertificate(body(entry), {s: bytes.fromhex(v) for s, v in entry["signatures"].items()})


@given(st.data())
def test_a_changed_certificate_is_never_accepted(data: st.DataObject) -> None:
    original = proof()
    at = data.draw(st.integers(0, len(original.body) - 1))
    changed = (
        original.body[:at]
        + bytes([original.body[at] ^ data.draw(st.integers(1, 255))])
        + original.body[at + 1 :]
    )
    with pytest.raises(QuorateError):
        records.verify_certificate(SignedCertificate(changed, original.signatures), [charter()])


def test_a_wrong_signature_names_its_signer() -> None:
    entry = next(e for e in VECTORS["certificates"]["invalid"] if e["name"] == "one signature by another key")
    wrong = SignedCertificate(body(entry), {s: bytes.fromhex(v) for s, v in entry["signatures"].items()})
    with pytest.raises(QuorateError) as caught:
        records.verify_certificate(wrong, [charter()])
    assert (caught.value.whose, caught.value.culprits) == ("peer", ("signer-2",))


@pytest.mark.parametrize(
    "value",
    [
        [], {}, {"certificate": {}}, {"certificate": {}, "signatures": []},
        {"certificate": 1.5, "signatures": {}},
        {"certificate": {}, "signatures": {"S": "00"}},
        {"certificate": {}, "signatures": {"s": "00" * 63}},
    ],
)  # fmt: skip
def test_proofs_of_another_form(value: object) -> None:
    assert refusal(SignedCertificate.from_json, value) is not None
