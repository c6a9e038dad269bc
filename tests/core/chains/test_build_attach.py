"""What is built decodes to the intent; what is attached is what eth-account recovers and broadcasts."""

from dataclasses import replace
from typing import Any

import pytest
from coincurve import PrivateKey
from eth_account import Account
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.evm import address
from quorate.core.chains.evm.attach import ORDER, attach
from quorate.core.chains.evm.build import build
from quorate.core.chains.evm.decode import decode
from quorate.core.chains.evm.digest import digest
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Destination, Effect, Intent
from tests.core.intents import ASSETS, CHAIN, TO, TOKEN, token_transfer, transfer

FEES: dict[str, int] = {"nonce": 3, "max_fee": 30, "max_priority": 2, "gas": 60_000}
KEY = PrivateKey(bytes(31) + b"\x07")
SENDER = address.from_public_key(KEY.public_key.format())
amounts = st.integers(1, 2**256 - 1)


def built(intent: Intent, **changes: int) -> bytes:
    return build(intent, CHAIN, ASSETS, **{**FEES, **changes})


def signed(data: bytes) -> tuple[bytes, int]:
    signature = KEY.sign_recoverable(digest(data), hasher=None)
    return signature[:64], signature[64]


@given(amounts, st.integers(0, 2**64 - 2), st.booleans())
def test_built_bytes_decode_to_exactly_the_intent(amount: int, nonce: int, token: bool) -> None:
    intent = token_transfer(amount) if token else transfer(amount)
    transaction = decode(built(intent, nonce=nonce))
    assert transaction.effects == intent.effects
    assert (transaction.chain_id, transaction.nonce, transaction.gas) == (31337, nonce, 60_000)
    assert (transaction.max_fee, transaction.max_priority, transaction.fee) == (30, 2, 1_800_000)


@given(amounts, st.booleans())
def test_attached_bytes_are_the_ones_eth_account_makes(amount: int, token: bool) -> None:
    data = built(token_transfer(amount) if token else transfer(amount))
    raw, hash = attach(data, *signed(data), sender=SENDER)
    assert Account.recover_transaction(raw) == SENDER
    assert keccak(raw) == hash
    transaction = decode(data)
    fields = {
        "chainId": 31337, "nonce": 3, "maxFeePerGas": 30, "maxPriorityFeePerGas": 2, "gas": 60_000,
        "to": transaction.to, "value": transaction.value, "data": transaction.data, "type": 2,
    }  # fmt: skip
    theirs = Account.sign_transaction(fields, KEY.secret)
    assert (bytes(theirs.raw_transaction), bytes(theirs.hash)) == (raw, hash)


@pytest.mark.parametrize(
    ("intent", "changes", "code"),
    [
        (transfer(fee_ceiling=1_799_999), {}, "fee_ceiling"),
        (transfer(fee_ceiling=None), {}, "fee_ceiling"),
        (transfer(), {"max_priority": 31}, "malformed_fee"),
        (transfer(chain="evm:1"), {}, "unbuildable"),
        (transfer(effects=()), {}, "unbuildable"),
        (transfer(effects=(Effect("native_transfer", TO, 1),) * 2), {}, "unbuildable"),
        (transfer(asset="USDC"), {}, "unbuildable"),
        (transfer(asset="BTC"), {}, "unbuildable"),
        (token_transfer(effects=(Effect("token_transfer", TO, 1, TO),)), {}, "unbuildable"),
    ],
)
def test_what_cannot_be_built(intent: Intent, changes: dict[str, int], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        built(intent, **changes)
    assert error.value.code == code


def variants(data: bytes) -> dict[str, tuple[bytes, int, str]]:
    r_s, parity = signed(data)
    r, s = r_s[:32], int.from_bytes(r_s[32:], "big")
    return {
        "high s": (r + (ORDER - s).to_bytes(32, "big"), parity ^ 1, SENDER),
        "other parity": (r_s, parity ^ 1, SENDER),
        "recovery id 2": (r_s, 2, SENDER),
        "recovery id 27": (r_s, parity + 27, SENDER),
        "negative": (r_s, -1, SENDER),
        "other sender": (r_s, parity, TO),
        "lower case": (r_s, parity, SENDER.lower()),
        "s = 0": (r + bytes(32), parity, SENDER),
        "r = 0": (bytes(32) + r_s[32:], parity, SENDER),
        "r = n": (ORDER.to_bytes(32, "big") + r_s[32:], parity, SENDER),
        "r is no x of a point": ((5).to_bytes(32, "big") + r_s[32:], parity, SENDER),
        "63 bytes": (r_s[:63], parity, SENDER),
        "65 bytes": (r_s + b"\x00", parity, SENDER),
    }


@pytest.mark.parametrize("name", variants(built(transfer())))
def test_signatures_that_are_refused(name: str) -> None:
    data = built(transfer())
    r_s, recovery_id, sender = variants(data)[name]
    with pytest.raises(QuorateError) as error:
        attach(data, r_s, recovery_id, sender=sender)
    assert (error.value.code, error.value.whose) == ("signature", "peer")


def test_a_signature_of_other_bytes_is_refused() -> None:
    with pytest.raises(QuorateError):
        attach(built(transfer(2)), *signed(built(transfer(1))), sender=SENDER)


def test_only_unsigned_1559_bytes_are_completed() -> None:
    data = built(transfer())
    legacy = bytes.fromhex("e0800182520894d02b54ae5d4ef62128ba8ce5fed563c86eb30ebd018081898080")
    for wrong in (legacy, data + b"\x00", attach(data, *signed(data), sender=SENDER)[0]):
        with pytest.raises(QuorateError) as error:
            attach(wrong, *signed(wrong), sender=SENDER)
        assert error.value.code == ("trailing_bytes" if wrong == data + b"\x00" else "malformed_transaction")


def test_addresses() -> None:
    key: Any = KEY.public_key
    assert address.from_public_key(key.format()) == Account.from_key(KEY.secret).address
    assert address.checksum(TO.lower()) == address.checksum(TO[2:].upper()) == TO
    for wrong in ("", "0x00", TO + "00", "0x" + "g" * 40, TO[:-1] + " "):
        with pytest.raises(QuorateError):
            address.checksum(wrong)
    with pytest.raises(QuorateError):
        address.from_public_key(bytes(33))


def test_the_token_goes_to_the_destination_of_the_intent() -> None:
    intent = replace(token_transfer(5), destination=Destination("one_time", None, TO))
    transaction = decode(built(intent))
    assert (transaction.to, transaction.value) == (TOKEN, 0)
