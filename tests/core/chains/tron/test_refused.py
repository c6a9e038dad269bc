"""Bytes that must not decode: one encoding of everything, and nothing that the chain would refuse."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.tron.decode import decode_tx, read_tx
from quorate.core.chains.tron.wire import MAX_BYTES
from quorate.core.errors import QuorateError
from tests.core.chains.tron.published import OWNER, TO, TOKEN, call, contract, message, of, raw, words
from tests.core.chains.tron.test_decode import permission

PLAIN = {"owner_address": OWNER, "to_address": TO, "amount": 1}
TRANSFER = contract("TransferContract", **PLAIN)
DATA = raw(TRANSFER)
EXPIRATION = DATA.index(b"\x40\xe0")
"""Where field 8 begins."""
CONTRACT = DATA.index(b"\x5a")


def code(data: bytes) -> str:
    try:
        decode_tx(data)
    except QuorateError as error:
        return error.code
    return "decoded"


def test_the_bytes_all_the_others_differ_from_decode() -> None:
    assert code(DATA) == "decoded"


def inside(old: bytes, new: bytes) -> bytes:
    """DATA with a part of its contract replaced, all lengths around it made to fit."""
    assert TRANSFER.parameter.value.count(old) == 1
    changed = contract("TransferContract", **PLAIN)
    changed.parameter.value = TRANSFER.parameter.value.replace(old, new)
    return raw(changed)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        DATA[:-1],
        DATA + b"\0",
        DATA + DATA,
        DATA + b"\x70\x01",  # timestamp again
        DATA + b"\x90\x01\x00",  # fee_limit, its default value
        DATA + b"\x90\x01\x85\x00",  # a varint with a byte too many
        DATA + b"\x90\x81\x00\x05",  # a tag with a byte too many
        DATA + b"\x90\x01" + b"\xff" * 9 + b"\x01",  # -1
        DATA + b"\x90\x01" + b"\x80" * 10 + b"\x01",  # eleven bytes
        DATA + b"\x90\x01" + b"\xff" * 9,  # cut short
        DATA + b"\x98\x01\x05",  # field 19
        DATA + b"\x92\x01\x01\x05",  # fee_limit as bytes
        DATA + b"\x91\x01" + bytes(8),  # fee_limit as fixed64
        DATA[EXPIRATION:] + DATA[:EXPIRATION],  # out of order
        DATA[:EXPIRATION] + b"\x3b\x3c" + DATA[EXPIRATION:],  # a group
        DATA[:CONTRACT] + b"\x52\x00" + DATA[CONTRACT:],  # an empty memo
        b"\x0a" + bytes([len(DATA)]) + DATA,  # a whole Transaction
        raw(),
        raw(TRANSFER, TRANSFER),
        raw(TRANSFER, ref_block_bytes=b""),
        raw(TRANSFER, ref_block_bytes=b"\xa1"),
        raw(TRANSFER, ref_block_hash=bytes(7)),
        raw(TRANSFER, ref_block_hash=bytes(32)),
        raw(TRANSFER, expiration=0),
        raw(TRANSFER, expiration=-1),
        raw(TRANSFER, timestamp=-1),
        raw(TRANSFER, fee_limit=-1),
        raw(TRANSFER, ref_block_num=1),
        raw(TRANSFER, scripts=b"\x01"),
        raw(TRANSFER, auths=[b""]),
        raw(message("Contract", type=1)),
        raw(contract("TransferContract", permission=10, **PLAIN)),
        raw(contract("TransferContract", permission=-1, **PLAIN)),
        raw(contract("TransferContract", -1, **PLAIN)),
        raw(contract("TransferContract", 2, **PLAIN)),
        raw(contract("TransferContract", 31, **PLAIN)),
        raw(
            contract(
                "TransferContract", type_url="type.googleapis.com/protocol.TransferAssetContract", **PLAIN
            )
        ),
        raw(contract("TransferContract", type_url="protocol.TransferContract", **PLAIN)),
        raw(contract("TransferContract", type_url="type.googleapis.com/protocol.", **PLAIN)),
        raw(
            contract("TransferContract", type_url="type.googleapis.com/protocol.TransferContract\n", **PLAIN)
        ),
        raw(contract("TransferContract", type_url="example.com/protocol.TransferContract", **PLAIN)),
        inside(b"\x18\x01", b"\x18\x81\x00"),
        inside(b"\x18\x01", b"\x18\x01\x18\x01"),
        inside(b"\x18\x01", b"\x18\x01\x20\x01"),
        of("TransferContract", to_address=TO),
        of("TransferContract", to_address=TO, amount=-1),
        of("TransferContract", to_address=TO[:20], amount=1),
        of("TransferContract", to_address=TO + b"\0", amount=1),
        of("TransferContract", to_address=b"\xa0" + TO[1:], amount=1),
        of("TransferContract", amount=1),
        raw(contract("TransferContract", to_address=TO, amount=1)),
        of("TransferAssetContract", asset_name=b"1000001", to_address=TO),
        of("AccountCreateContract"),
        call(b"", contract_address=b""),
        call(b"", call_value=-1),
        call(b"", token_id=1000001),
        call(b"", call_token_value=1),
        of("FreezeBalanceV2Contract", resource=1),
        of("FreezeBalanceV2Contract", frozen_balance=1, resource=3),
        of("FreezeBalanceV2Contract", frozen_balance=1, resource=-1),
        of("UnfreezeBalanceV2Contract", resource=1),
        of("DelegateResourceContract", balance=1, receiver_address=TO, resource=2),
        of("DelegateResourceContract", receiver_address=TO),
        of("DelegateResourceContract", balance=1),
        of("UnDelegateResourceContract", balance=1, receiver_address=TO, resource=2),
        of("VoteWitnessContract"),
        of("VoteWitnessContract", votes=[message("VoteWitnessContract.Vote", vote_address=TO)]),
        of(
            "VoteWitnessContract",
            votes=[message("VoteWitnessContract.Vote", vote_address=TO, vote_count=1)] * 31,
        ),
    ],
)
def test_malformed(data: bytes) -> None:
    assert code(data) == "malformed_transaction"


@pytest.mark.parametrize("field", ["provider", "ContractName"])
def test_contract_fields_that_the_chain_does_not_use(field: str) -> None:
    changed = contract("TransferContract", **PLAIN)
    setattr(changed, field, b"x")
    assert code(raw(changed)) == "malformed_transaction"


@pytest.mark.parametrize(
    "members",
    [
        {"actives": [permission(2)]},
        {"owner": permission(0)},
        {"owner": permission(0), "actives": [permission(2)] * 9},
        {"owner": permission(2), "actives": [permission(2)]},
        {"owner": permission(0), "witness": permission(0), "actives": [permission(2)]},
        {"owner": permission(0), "actives": [permission(0)]},
        {"owner": permission(0, threshold=0), "actives": [permission(2)]},
        {"owner": permission(0, operations=b"\x01"), "actives": [permission(2)]},
        {"owner": permission(0, parent_id=1), "actives": [permission(2)]},
        {"owner": permission(0, 0), "actives": [permission(2)]},
        {"owner": permission(0, 6), "actives": [permission(2)]},
        {"owner": permission(0), "actives": [permission(2, operations=b"\x01")]},
        {"owner": permission(0, keys=[message("Key", address=TO, weight=0)]), "actives": [permission(2)]},
        {"owner": permission(0, keys=[message("Key", address=TO, weight=1)] * 2), "actives": [permission(2)]},
        {"owner": permission(0, keys=[message("Key", weight=1)]), "actives": [permission(2)]},
    ],
)
def test_permissions_that_the_chain_refuses(members: dict[str, Any]) -> None:
    assert code(of("AccountPermissionUpdateContract", **members)) == "malformed_transaction"


def test_a_permission_name_that_is_no_text() -> None:
    update = message("AccountPermissionUpdateContract", owner=permission(0), actives=[permission(2)])
    data = of("AccountPermissionUpdateContract", owner=update.owner, actives=update.actives)
    assert data.count(b"\x1a\x01p") == 2
    assert code(data.replace(b"\x1a\x01p", b"\x1a\x01\xff")) == "malformed_transaction"


def test_size() -> None:
    largest = MAX_BYTES - len(raw(TRANSFER, data=b"x" * 100_000)) + 100_000
    assert code(raw(TRANSFER, data=b"x" * largest)) == "decoded"
    assert code(raw(TRANSFER, data=b"x" * (largest + 1))) == "malformed_transaction"


@settings(max_examples=400)
@given(st.integers(0, 5000), st.integers(1, 255), st.booleans())
def test_a_changed_byte_never_keeps_the_meaning(at: int, xor: int, token: bool) -> None:
    """One changed byte: refused, or some field differs; no transaction has two encodings."""
    original = call(words("a9059cbb", int.from_bytes(TO[1:], "big"), 5)) if token else DATA
    changed = bytearray(original)
    changed[at % len(changed)] ^= xor
    try:
        transaction = read_tx(bytes(changed))
    except QuorateError:
        return
    assert transaction != read_tx(original)


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_decode_or_are_refused(data: bytes, start: int, end: int) -> None:
    spliced = DATA[: start % len(DATA)] + data + DATA[end % len(DATA) :]
    for candidate in (data, spliced):
        assert code(candidate) in ("decoded", "malformed_transaction")


@given(st.sampled_from([1, 2, 4, 31, 46, 54, 57, 58]), st.binary(max_size=200))
def test_any_contract_decodes_or_is_refused(kind: int, value: bytes) -> None:
    names = {
        1: "TransferContract",
        2: "TransferAssetContract",
        4: "VoteWitnessContract",
        31: "TriggerSmartContract",
    }
    names |= {46: "AccountPermissionUpdateContract", 54: "FreezeBalanceV2Contract"}
    names |= {57: "DelegateResourceContract", 58: "UnDelegateResourceContract"}
    made = contract(names[kind])
    made.parameter.value = value
    assert code(raw(made)) in ("decoded", "malformed_transaction")


def test_the_token_address_is_the_published_one() -> None:
    """What stands in the incident vectors as USDT."""
    transaction = read_tx(call(words("a9059cbb", 1, 5)))
    assert transaction.effects[0]["asset"] == "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert TOKEN.hex().startswith("41a614")
