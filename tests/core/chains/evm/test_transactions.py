"""Transactions of all types: digests and fields against eth-account, refusals one by one."""

from typing import Any

import pytest
import rlp
from eth_account import Account
from eth_account._utils.legacy_transactions import serializable_unsigned_transaction_from_dict
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.evm.contract_creation import created
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.transaction import MAX_BYTES, read_transaction
from quorate.core.errors import QuorateError
from tests.core.chains.evm.samples import OURS, SENDER, TO, TOKEN, effects, fields, raw, transaction

KEY = "0x" + "07" * 32
SIGNER = Account.from_key(KEY).address
BLOB_HASH = b"\x01" + bytes(31)
WEI = st.integers(0, 2**96)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "chainId": st.integers(1, 2**64),
    "nonce": st.integers(0, 2**64 - 2),
    "gas": st.integers(0, 2**64 - 1),
    "to": st.binary(min_size=20, max_size=20),
    "value": st.integers(0, 2**256 - 1),
    "data": st.binary(max_size=80),
}
ACCESSES = st.lists(
    st.fixed_dictionaries(
        {
            "address": st.binary(min_size=20, max_size=20).map(lambda b: "0x" + b.hex()),
            "storageKeys": st.lists(
                st.binary(min_size=32, max_size=32).map(lambda b: "0x" + b.hex()), max_size=2
            ),
        }
    ),
    max_size=2,
)


def their_bytes_and_digest(fields: dict[str, Any]) -> tuple[bytes, bytes]:
    """The unsigned encoding and its hash by eth-account; the encoding is rebuilt from the signed one."""
    if "type" not in fields:
        unsigned = serializable_unsigned_transaction_from_dict(fields)
        return bytes(rlp.encode(unsigned)), bytes(unsigned.hash())
    wanted = bytes(TypedTransaction.from_dict(fields).hash())
    signed = bytes(Account.sign_transaction(fields, KEY).raw_transaction)
    body = rlp.decode(signed[1:])
    return signed[:1] + bytes(rlp.encode(body[:-3])), wanted


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({**COMMON, "gasPrice": WEI}), st.sampled_from(["legacy", "0x1"]), ACCESSES)
def test_legacy_and_2930(fields: dict[str, Any], kind: str, accesses: list[Any]) -> None:
    if kind != "legacy":
        fields |= {"type": kind, "accessList": accesses}
    check(fields, len(accesses) if kind != "legacy" else 0)


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({**COMMON, "maxPriorityFeePerGas": WEI, "extra": WEI}),
    st.sampled_from(["0x2", "0x3", "0x4"]),
    ACCESSES,
)
def test_1559_4844_and_7702(fields: dict[str, Any], kind: str, accesses: list[Any]) -> None:
    fields["maxFeePerGas"] = fields["maxPriorityFeePerGas"] + fields.pop("extra")
    fields |= {"type": kind, "accessList": accesses}
    if kind == "0x3":
        fields |= {"maxFeePerBlobGas": 9, "blobVersionedHashes": [BLOB_HASH, BLOB_HASH]}
    if kind == "0x4":
        signed = Account.sign_authorization({"chainId": 0, "address": TO, "nonce": 3}, KEY)
        fields |= {"authorizationList": [signed]}
    check(fields, len(accesses))


def check(fields: dict[str, Any], accesses: int) -> None:
    data, wanted = their_bytes_and_digest(fields)
    found = read_transaction(data)
    assert decode_item("evm-tx", data).digests[0].value == "0x" + wanted.hex()
    assert (found.chain_id, found.nonce, found.gas) == (fields["chainId"], fields["nonce"], fields["gas"])
    assert (found.to or "").lower() == "0x" + fields["to"].hex()
    assert (found.value, found.data, found.accesses) == (fields["value"], fields["data"], accesses)
    highest = fields.get("maxFeePerGas", fields.get("gasPrice"))
    assert found.fee == fields["gas"] * highest + 131_072 * 9 * len(found.blob_hashes)
    assert [a.authority for a in found.authorizations] == ([SIGNER] if fields.get("type") == "0x4" else [])


BASE: list[Any] = [1, 7, 1, 30, 21_000, raw(TO), 5, b"", []]
SIGNED = Account.sign_authorization({"chainId": 1, "address": TOKEN, "nonce": 3}, KEY)
TUPLE: list[Any] = [1, raw(TOKEN), 3, SIGNED.y_parity, SIGNED.r, SIGNED.s]
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def typed(kind: int, *fields: Any) -> bytes:
    return bytes([kind]) + bytes(rlp.encode(list(fields)))


@pytest.mark.parametrize(
    "data",
    [
        typed(3, *BASE, 9, []),  # no blobs
        typed(3, *BASE, 9, [b"\x02" + bytes(31)]),
        typed(3, *BASE, 9, [bytes(31)]),
        typed(3, *BASE, 9, BLOB_HASH),
        typed(3, *BASE, 9),
        typed(3, *BASE, 2**256, [BLOB_HASH]),
        typed(3, *BASE[:5], b"", *BASE[6:], 9, [BLOB_HASH]),  # creates a contract
        typed(3, [*BASE, 9, [BLOB_HASH]], [], [], []),  # the network form, with blobs
        typed(4, *BASE, []),
        typed(4, *BASE[:5], b"", *BASE[6:], [TUPLE]),
        typed(4, *BASE, [TUPLE[:5]]),
        typed(4, *BASE, [[*TUPLE, b""]]),
        typed(4, *BASE, [[2**256, *TUPLE[1:]]]),
        typed(4, *BASE, [[1, raw(TOKEN)[:19], *TUPLE[2:]]]),
        typed(4, *BASE, [[*TUPLE[:2], 2**64 - 1, *TUPLE[3:]]]),
        typed(4, *BASE, [[*TUPLE[:2], 2**64, *TUPLE[3:]]]),
        typed(4, *BASE, [[*TUPLE[:3], 256, *TUPLE[4:]]]),
        typed(4, *BASE, [[*TUPLE[:4], 2**256, TUPLE[5]]]),
        typed(4, *BASE, [[*TUPLE[:3], b"\x00", *TUPLE[4:]]]),
        typed(4, *BASE, [TUPLE] * 1025),
        typed(5, *BASE),
        typed(0, *BASE),
        typed(2, *BASE, 0, 1, 1),
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("evm-tx", data)
    assert error.value.code == "malformed_transaction"


def test_too_large() -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("evm-tx", transaction(TO, bytes(MAX_BYTES)))
    assert error.value.code == "too_large"


@pytest.mark.parametrize(
    "entry",
    [
        [*TUPLE[:3], 2, *TUPLE[4:]],
        [*TUPLE[:4], 0, TUPLE[5]],
        [*TUPLE[:5], 0],
        [*TUPLE[:3], SIGNED.y_parity ^ 1, SIGNED.r, ORDER - SIGNED.s],  # the same signature with high s
        [*TUPLE[:4], ORDER, TUPLE[5]],
        [*TUPLE[:4], 5, TUPLE[5]],  # no point has x = 5
    ],
)
def test_an_authorization_that_nobody_signed_is_blind(entry: list[Any]) -> None:
    found = decode_item("evm-tx", typed(4, *BASE, [entry]), OURS).effects
    assert found[0] == {
        "type": "blind", "reason": "authorization_without_authority", "delegate": TOKEN,
    }  # fmt: skip


def test_every_authorization_is_an_effect() -> None:
    zero = Account.sign_authorization({"chainId": 0, "address": "0x" + "00" * 20, "nonce": 4}, KEY)
    entries = [TUPLE, [0, bytes(20), 4, zero.y_parity, zero.r, zero.s]]
    one, two, transfer, _ = decode_item("evm-tx", typed(4, *BASE, entries), OURS).effects
    assert one == {
        "type": "delegation_7702", "authority": SIGNER, "delegate": TOKEN, "chain_id": "1", "nonce": "3",
    }  # fmt: skip
    assert (two["any_chain"], two["revokes"], two["authority"]) == (True, True, SIGNER)
    assert transfer["type"] == "native_transfer"


def test_contract_creation_is_blind() -> None:
    code = bytes.fromhex("6001600101")
    transfer, blind = effects(None, code, 9)
    assert (transfer["type"], transfer["to"], transfer["amount"]) == (
        "native_transfer",
        blind["contract"],
        "9",
    )
    assert blind["contract"] == created(SENDER, 7)
    assert fields(blind, "reason", "code_size", "value") == ("contract_creation", 5, "9")
    (unknown,) = effects(None, code, 9, Knowledge())
    assert "contract" not in unknown


@given(st.integers(0, 2**64 - 2))
def test_address_of_a_created_contract(nonce: int) -> None:
    assert raw(created(SENDER, nonce)) == keccak(rlp.encode([raw(SENDER), nonce]))[12:]


def test_the_chain_that_was_requested() -> None:
    found = decode_item("evm-tx", transaction(TO, chain_id=5), OURS)
    assert found.chain == {"family": "evm", "chain_id": "5"}
    assert found.effects[-1] == {
        "type": "inconsistent", "reason": "chain_id_differs", "expected": "1", "found": "5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed_transaction"),
        (b"\x04\xc0", "malformed_transaction"),
        (b"\x05" + rlp.encode([1, raw(TO)]), "malformed_transaction"),
        (b"\x05" + rlp.encode([1, raw(TO), 3, 4]), "malformed_transaction"),
        (b"\x05" + rlp.encode([1, raw(TO)[1:], 3]), "malformed_transaction"),
        (b"\x05" + rlp.encode([1, raw(TO), 2**64 - 1]), "malformed_transaction"),
        (b"\x05" + rlp.encode([1, raw(TO), 3]) + b"\x00", "trailing_bytes"),
    ],
)
def test_authorizations_that_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("evm-7702-authorization", data)
    assert error.value.code == code


@given(st.integers(0, 2**64), st.integers(0, 2**64 - 2))
def test_authorizations_as_eth_account_signs_them(chain_id: int, nonce: int) -> None:
    signed = Account.sign_authorization({"chainId": chain_id, "address": TO, "nonce": nonce}, KEY)
    found = decode_item("evm-7702-authorization", b"\x05" + rlp.encode([chain_id, raw(TO), nonce]))
    assert found.digests[0].value == "0x" + bytes(signed.authorization_hash).hex()
    assert found.effects[0]["authority"] is None
    assert found.chain["chain_id"] == str(chain_id)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_digest_has_32_bytes(size: int) -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("raw-digest", bytes(size))
    assert error.value.code == "malformed_digest"


def test_formats() -> None:
    with pytest.raises(QuorateError) as error:
        decode_item("bitcoin-psbt", b"")
    assert error.value.code == "format"
