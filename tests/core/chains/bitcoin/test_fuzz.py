"""Any bytes are decoded or refused with a code; what is accepted has one encoding."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.bitcoin import psbt
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.chains.bitcoin.transaction import read_previous, read_unsigned
from quorate.core.chains.effects import VOCABULARY, Decoded
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import NETWORK, item_bytes, join, psbt_items, split, wallet
from tests.core.chains.bitcoin.test_signed import KINDS, built, coins, holding, signed

BUILT = built(coins(*KINDS), 60_000, holding("p2tr", 5, 1))
SEEDS = [BUILT.psbt, *(item_bytes(item) for _, _, item in psbt_items())]
WALLETS = (None, wallet())


def decoded(data: bytes) -> Decoded | None:
    """What the decoder says with and without wallet; both read the same bytes or refuse them alike."""
    answers: list[Any] = []
    for ours in WALLETS:
        try:
            answers.append(decode_psbt(data, ours, NETWORK))
        except QuorateError as error:
            answers.append(error.code)
    if isinstance(answers[0], str):
        assert answers[0] == answers[1]
        return None
    for answer in answers:
        assert all(set(VOCABULARY[effect["type"]]) <= effect.keys() for effect in answer.effects)
        assert answer.to_json()["blind"] is answer.blind
    with_wallet: Decoded = answers[1]
    return with_wallet


def signable(data: bytes) -> bool:
    try:
        return bool(to_sign(data, wallet(), NETWORK).inputs)
    except QuorateError:
        return False


@settings(max_examples=300)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, magic: bool) -> None:
    decoded(b"psbt\xff" + data if magic else data)


@settings(max_examples=300)
@given(st.data())
def test_damaged_psbts(data: st.DataObject) -> None:
    """A run of bytes replaced: by other bytes, more, fewer or none."""
    seed = data.draw(st.sampled_from(SEEDS))
    start = data.draw(st.integers(0, len(seed) - 1))
    end = data.draw(st.integers(start, min(len(seed), start + 8)))
    changed = seed[:start] + data.draw(st.binary(max_size=8)) + seed[end:]
    if decoded(changed) is not None:
        assert join(split(changed)) == changed


records = st.dictionaries(
    st.builds(
        lambda kind, key: bytes([kind]) + key,
        st.sampled_from([*range(0x1A), 0xF0, 0xFB, 0xFC]),
        st.one_of(st.just(b""), st.binary(max_size=4), st.sampled_from([bytes(32), b"\x02" * 33, bytes(78)])),
    ),
    st.one_of(st.binary(max_size=12), st.sampled_from([bytes(4), bytes(8), bytes(36), bytes(64), bytes(9)])),
    max_size=4,
)


@settings(max_examples=300)
@given(st.data())
def test_odd_fields(data: st.DataObject) -> None:
    """Well-formed maps with any fields in them: what is accepted still says the same of the outputs."""
    seed = data.draw(st.sampled_from(SEEDS))
    maps = split(seed)
    place = data.draw(st.integers(0, len(maps) - 1))
    for key, value in data.draw(records).items():
        maps[place].setdefault(key, value)
    changed = join(maps)
    answer = decoded(changed)
    if answer is not None:
        assert psbt.read(changed).transaction == psbt.read(seed).transaction
        moved = [
            effect for effect in answer.effects if effect["type"] in ("native_transfer", "change", "data")
        ]
        first = decode_psbt(seed, wallet(), NETWORK)
        assert moved == [e for e in first.effects if e["type"] in ("native_transfer", "change", "data")]


@settings(max_examples=200)
@given(st.integers(0, len(BUILT.psbt) - 1), st.integers(1, 255))
def test_one_flipped_byte_is_refused_or_shows(place: int, mask: int) -> None:
    """What can still be signed is the same transaction of the same amounts, or has other digests."""
    seed = BUILT.psbt
    changed = seed[:place] + bytes([seed[place] ^ mask]) + seed[place + 1 :]
    if signable(changed):
        before, after = (to_sign(data, wallet(), NETWORK) for data in (seed, changed))
        same = psbt.read(seed).transaction == psbt.read(changed).transaction
        same &= [i.amount for i in before.inputs] == [i.amount for i in after.inputs]
        assert ([i.digest for i in before.inputs] == [i.digest for i in after.inputs]) is same


@given(st.binary(max_size=200))
def test_any_transaction(data: bytes) -> None:
    for read in (read_unsigned, read_previous):
        try:
            tx = read(data)
        except QuorateError:
            continue
        assert len(tx.txid) == 32


def test_a_finished_transaction_is_a_previous_one() -> None:
    raw, txid = signed(BUILT)
    tx = read_previous(raw)
    assert tx.txid[::-1].hex() == txid
    assert len(tx.inputs) == len(KINDS)
    with pytest.raises(QuorateError):
        read_unsigned(raw)
