"""The decoder against every evm-tx vector, and against bytes that must not decode or must be blind."""

from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.evm.decode import decode
from quorate.core.chains.evm.digest import digest
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Effect
from tests.core.vectors import evm_items, own

TO = bytes.fromhex("d02b54ae5d4ef62128ba8ce5fed563c86eb30ebd")
TOKEN = bytes.fromhex("a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
CALL = bytes.fromhex("a9059cbb") + bytes(12) + TO + (2500).to_bytes(32, "big")


def unsigned(**changes: Any) -> bytes:
    """A canonical EIP-1559 transaction, some of its fields replaced."""
    fields = {
        "chain_id": 1,
        "nonce": 7,
        "max_priority": 1,
        "max_fee": 30,
        "gas": 21000,
        "to": TO,
        "value": 5,
        "data": b"",
        "access_list": [],
    }
    return b"\x02" + rlp.encode(list({**fields, **changes}.values()))


def test_every_vector() -> None:
    """Fields of all types; the transfer that the vector expects and nothing else, or blind with a reason."""
    counts = {"plain": 0, "blind": 0}
    for name, item in evm_items():
        data = bytes.fromhex(item["bytes"][2:])
        assert "0x" + digest(data).hex() == item["digest"]["value"], name
        transaction, expected = decode(data), item["expected"]["effects"]
        check_fields(transaction, item["decoded"])
        fee = next(effect["max_amount"] for effect in expected if effect["type"] == "fee")
        assert str(transaction.fee) == fee, name
        if transaction.blind:
            assert (transaction.effects, bool(transaction.reason)) == ((), True)
            counts["blind"] += 1
        else:
            assert plain(transaction.effects) == plain_expected(expected), name
            counts["plain"] += 1
    assert counts == {"plain": 10, "blind": 26}


def plain(effects: tuple[Effect, ...]) -> set[tuple[str, str | None, str, str]]:
    return {(effect.type, effect.token, effect.to, str(effect.amount)) for effect in effects}


def plain_expected(effects: list[dict[str, Any]]) -> set[tuple[str, str | None, str, str]]:
    return {
        (
            effect["type"],
            None if effect["asset"] == "native" else effect["asset"],
            effect["to"],
            effect["amount"],
        )
        for effect in effects
        if effect["type"] != "fee"
    }


def check_fields(transaction: Any, decoded: dict[str, Any]) -> None:
    highest = decoded.get("maxFeePerGas", decoded.get("gasPrice"))
    assert (transaction.kind, str(transaction.chain_id)) == (decoded["type"], decoded["chainId"])
    assert (str(transaction.gas), str(transaction.max_fee)) == (decoded["gas"], highest)
    assert transaction.to == decoded["to"]
    assert transaction.data == bytes.fromhex(decoded.get("data", "0x")[2:])
    assert str(transaction.nonce) == decoded.get("nonce", "0")
    assert str(transaction.value) == decoded.get("value", "0")


def test_vectors_that_decode_without_a_blind_spot() -> None:
    """Plain transfers must not be blind: they are what the first version signs."""
    wanted = {"legacy-native", "legacy-zero-nonce-no-data", "1559-native", "1559-erc20", "1559-huge-amount"}
    cases = {case["id"]: case["items"][0] for case in own("good/evm.json")["cases"]}
    assert all(not decode(bytes.fromhex(cases[name]["bytes"][2:])).blind for name in wanted)


def test_effects() -> None:
    to, token = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
    native = decode(unsigned())
    assert (native.effects, native.fee, native.blind) == ((Effect("native_transfer", to, 5),), 630_000, False)
    erc20 = decode(unsigned(to=TOKEN, value=0, data=CALL))
    assert (erc20.effects, erc20.blind) == ((Effect("token_transfer", to, 2500, token),), False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to": b"", "data": b"\x60"}, "contract_creation"),
        ({"to": b""}, "contract_creation"),
        ({"access_list": [[TOKEN, []]]}, "access_list"),
        ({"access_list": [[TOKEN, [bytes(32)]]], "to": TOKEN, "value": 0, "data": CALL}, "access_list"),
        ({"data": b"\x00"}, "unknown_call"),
        ({"data": b"hello"}, "unknown_call"),
        ({"to": TOKEN, "value": 1, "data": CALL}, "value_with_call"),
        ({"to": TOKEN, "value": 0, "data": CALL + b"\x00"}, "not_abi"),
        ({"to": TOKEN, "value": 0, "data": CALL[:-1]}, "not_abi"),
        ({"to": TOKEN, "value": 0, "data": CALL[:4]}, "not_abi"),
        ({"to": TOKEN, "value": 0, "data": CALL[:4] + b"\x01" + CALL[5:]}, "not_abi"),  # dirty padding
        ({"to": TOKEN, "value": 0, "data": CALL[:15] + b"\x01" + CALL[16:]}, "not_abi"),
        ({"to": TOKEN, "value": 0, "data": bytes.fromhex("23b872dd") + CALL[4:]}, "unknown_call"),
    ],
)
def test_blind(changes: dict[str, Any], reason: str) -> None:
    transaction = decode(unsigned(**changes))
    assert (transaction.blind, transaction.reason, transaction.effects) == (True, reason, ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02",
        b"\x01" + unsigned()[1:],  # nine fields where eight are expected
        b"\x03" + unsigned()[1:],
        b"\x04" + unsigned()[1:],
        b"\x7f" + unsigned()[1:],
        unsigned()[1:],  # nine fields, but the last two are no empty signature
        unsigned(chain_id=0),
        unsigned(to=TO[:19]),
        unsigned(to=TO + b"\x00"),
        unsigned(nonce=2**64 - 1),
        unsigned(gas=2**64),
        unsigned(value=2**256),
        unsigned(max_fee=2**256),
        unsigned(max_priority=31),
        unsigned(nonce=b"\x00"),
        unsigned(value=b"\x00\x01"),
        unsigned(value=[]),
        unsigned(data=[]),
        unsigned(access_list=b""),
        unsigned(access_list=[[TO]]),
        unsigned(access_list=[[TO[:19], []]]),
        unsigned(access_list=[[TO, [bytes(31)]]]),
        b"\x02" + rlp.encode([1, 7, 1, 30, 21000, TO, 5, b""]),
        b"\x02" + rlp.encode([1, 7, 1, 30, 21000, TO, 5, b"", [], 0, b"r", b"s"]),  # signed already
        rlp.encode([7, 30, 21000, TO, 5, b"", 1, b"\x01", b""]),
        rlp.encode([7, 30, 21000, TO, 5, b""]),  # without chain id: valid on every chain
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        decode(data)
    assert error.value.code == "malformed_transaction"


@pytest.mark.parametrize("extra", [b"\x00", b"\xc0", unsigned()])
def test_trailing_bytes(extra: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        decode(unsigned() + extra)
    assert error.value.code == "trailing_bytes"


@settings(max_examples=400)
@given(st.integers(0, 5000), st.integers(1, 255), st.booleans())
def test_a_changed_byte_never_keeps_the_meaning(at: int, xor: int, token: bool) -> None:
    """One changed byte: refused, or some field differs; no transaction has two encodings."""
    original = unsigned(to=TOKEN, value=0, data=CALL) if token else unsigned()
    changed = bytearray(original)
    changed[at % len(changed)] ^= xor
    try:
        transaction = decode(bytes(changed))
    except QuorateError:
        return
    assert transaction != decode(original)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    for candidate in (data, b"\x02" + data):
        assert outcome(candidate) in ("decoded", "malformed_transaction", "trailing_bytes")


def outcome(data: bytes) -> str:
    try:
        decode(data)
    except QuorateError as error:
        return error.code
    return "decoded"
