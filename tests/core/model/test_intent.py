"""Intent, attempt, and the items that are signed for them."""

import dataclasses

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.model.address import checksum, eip55
from quorate.core.model.intent import Attempt, Effect, Intent, Item, RawMessage, items, sort_effects
from tests.core.examples import body, example
from tests.core.spec.generate.world import OTHER, TOKEN_CONTRACT, WHITELISTED

TRANSFER = Intent.from_bytes(body(example("intent", "token transfer")))
RAW = Intent.from_bytes(body(example("intent", "RAW ECDSA")))
ROOT = (bytes(33), bytes(32))
"""Of no use to formats that sign with one key."""


def test_items_of_a_transaction() -> None:
    attempt = Attempt.from_bytes(body(example("attempt", "evm-tx")))
    assert items(TRANSFER, attempt, ROOT) == (Item(0, (44, 60, 0, 0, 0), keccak(attempt.data)),)


def test_items_of_raw() -> None:
    attempt = Attempt(RAW.hash, "raw", b"")
    assert items(RAW, attempt, ROOT) == tuple(
        Item(0, message.path, message.content) for message in RAW.messages
    )
    ed25519 = Intent.from_bytes(body(example("intent", "RAW Ed25519")))
    assert items(ed25519, Attempt(ed25519.hash, "raw", b""), ROOT) == (Item(1, (1729, 1, 5), b"Hallo"),)


@pytest.mark.parametrize(
    ("intent", "attempt"),
    [
        (TRANSFER, Attempt(RAW.hash, "evm-tx", b"\x02")),
        (TRANSFER, Attempt(TRANSFER.hash, "raw", b"")),
        (RAW, Attempt(RAW.hash, "evm-tx", b"\x02")),
    ],
    ids=["another intent", "raw for a TRANSFER", "evm-tx for RAW"],
)
def test_attempts_that_do_not_belong(intent: Intent, attempt: Attempt) -> None:
    with pytest.raises(QuorateError, match="attempt_mismatch"):
        items(intent, attempt, ROOT)


def test_each_member_of_an_intent_is_in_its_hash() -> None:
    changes: dict[str, object] = {
        "cluster": "00" * 16, "charter": bytes(32), "dialect": "other", "request_id": bytes(32),
        "user": "x",
        "external_id": None, "operation": "RAW",
        "source": dataclasses.replace(TRANSFER.source, vault_account="1"),
        "destination": None, "asset": "ETH", "amount": 1, "key": "k", "chain": "evm:1", "path": (44, 60),
        "effects": (), "messages": RAW.messages, "fee_ceiling": 1, "created_at": 1, "expires_at": 1,
        "data": b"\x00",
    }  # fmt: skip
    assert changes.keys() == {field.name for field in dataclasses.fields(Intent)}
    hashes = {dataclasses.replace(TRANSFER, **{name: value}).hash for name, value in changes.items()}  # type: ignore[arg-type]
    assert len(hashes | {TRANSFER.hash}) == len(changes) + 1


EFFECTS = st.builds(
    Effect,
    type=st.just("token_transfer"),
    to=st.sampled_from([OTHER, WHITELISTED]),
    amount=st.integers(0, 2**256 - 1),
    token=st.just(TOKEN_CONTRACT),
)


@given(st.lists(EFFECTS, min_size=1, max_size=5))
def test_the_order_of_effects_is_no_part_of_an_intent(effects: list[Effect]) -> None:
    there = dataclasses.replace(TRANSFER, effects=tuple(effects))
    back = dataclasses.replace(TRANSFER, effects=tuple(reversed(effects)))
    assert there.to_bytes() == back.to_bytes()
    assert Intent.from_bytes(there.to_bytes()).effects == tuple(sort_effects(tuple(effects)))


@given(
    st.lists(
        st.builds(
            RawMessage,
            content=st.binary(min_size=1, max_size=50),
            path=st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=10).map(tuple),
            scheme=st.just("ed25519"),
        ),
        min_size=1,
        max_size=16,
    )
)
def test_raw_round_trip(messages: list[RawMessage]) -> None:
    found = dataclasses.replace(RAW, messages=tuple(messages), key="main-eddsa")
    assert Intent.from_bytes(found.to_bytes()) == found


@pytest.mark.parametrize(
    "address",
    [  # the examples of EIP-55
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)  # fmt: skip
def test_eip55(address: str) -> None:
    assert checksum(address[2:]) == checksum(address[2:].lower()) == eip55(address, "here") == address
    swapped = (
        address[:-1] + address[-1].swapcase()
        if address[-1].isalpha()
        else address[:2] + address[2:].swapcase()
    )
    with pytest.raises(QuorateError, match="here: an EVM address"):
        eip55(swapped, "here")
