"""What is built decodes to the intent and is what Google's protobuf writes; so is what is attached."""

import hashlib
import json
from typing import Any

import pytest
from coincurve import PrivateKey, PublicKey
from google.protobuf.any_pb2 import Any as Packed
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.tron import address, fee
from quorate.core.chains.tron.attach import ORDER, attach, http_json
from quorate.core.chains.tron.build import build
from quorate.core.chains.tron.decode import read_tx
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Effect, Intent
from tests.core import intents
from tests.core.chains.tron.published import OWNER, TO, TOKEN, contract, message, of, raw

KEY = PrivateKey(bytes(31) + b"\x07")
SENDER = address.from_public_key(KEY.public_key.format())
TO_TEXT, TOKEN_TEXT = address.from_bytes(TO), address.from_bytes(TOKEN)
CHAIN = Chain("tron:mainnet", "tron", 728126428, "root-ecdsa", 195, "TRX", 10**9, 0)
ASSETS = (Asset("TRX", "TRON", CHAIN.id, None, 6), Asset("USDT", "Tether", CHAIN.id, TOKEN_TEXT, 6))
BLOCK = bytes.fromhex("000000000437a1b26a5cd181ce912ebb") + bytes(16)
NOW = 1_764_000_000_000
LIMIT = 30_000_000


def transfer(amount: int = 10**6, **members: Any) -> Intent:
    fields = {"asset": "TRX", "chain": CHAIN.id, "fee_ceiling": LIMIT, "path": (44, 195, 0, 0, 0)}
    effects = (Effect("native_transfer", TO_TEXT, amount),)
    return intents.transfer(amount, **{**fields, "effects": effects, **members})


def token_transfer(amount: int = 10**6, **members: Any) -> Intent:
    effects = (Effect("token_transfer", TO_TEXT, amount, TOKEN_TEXT),)
    return transfer(amount, **{"asset": "USDT", "effects": effects, **members})


def built(intent: Intent, **changes: Any) -> bytes:
    limit = LIMIT if intent.effects and intent.effects[0].token else 0
    given = {
        "sender": SENDER,
        "block_id": BLOCK,
        "expiration": NOW + 60_000,
        "timestamp": NOW,
        "fee_limit": limit,
    }
    return build(intent, CHAIN, ASSETS, **{**given, **changes})


def signed(data: bytes) -> tuple[bytes, int]:
    signature = KEY.sign_recoverable(hashlib.sha256(data).digest(), hasher=None)
    return signature[:64], signature[64]


coins, tokens = st.integers(1, 2**63 - 1), st.integers(1, 2**256 - 1)
times = st.integers(1, 2**62 - 1)


@given(
    st.one_of(st.builds(transfer, coins), st.builds(token_transfer, tokens)),
    times,
    times,
    st.integers(1, LIMIT),
)
def test_built_bytes_decode_to_exactly_the_intent(intent: Intent, now: int, life: int, limit: int) -> None:
    wanted = intent.effects[0]
    data = built(intent, timestamp=now, expiration=now + life, fee_limit=limit if wanted.token else 0)
    transaction = read_tx(data)
    effect, charge = transaction.effects
    assert (effect["type"], effect["to"], effect["amount"]) == (wanted.type, wanted.to, str(wanted.amount))
    assert (effect["asset"], effect["from"]) == (wanted.token or "TRX", SENDER)
    assert charge.get("max_amount") == (str(limit) if wanted.token else None)
    assert (transaction.timestamp, transaction.expiration) == (now, now + life)
    assert (transaction.ref_block_bytes.hex(), transaction.ref_block_hash.hex()) == (
        "a1b2",
        "6a5cd181ce912ebb",
    )
    assert (transaction.owner, transaction.permission_id, transaction.data) == (SENDER, 0, b"")


@given(coins, tokens)
def test_built_bytes_are_those_of_protobuf(amount: int, units: int) -> None:
    owner = address.to_bytes(SENDER)
    plain = contract("TransferContract", owner_address=owner, to_address=TO, amount=amount)
    assert built(transfer(amount)) == raw(plain)
    call = bytes.fromhex("a9059cbb") + bytes(12) + TO[1:] + units.to_bytes(32, "big")
    trigger = contract("TriggerSmartContract", owner_address=owner, contract_address=TOKEN, data=call)
    assert built(token_transfer(units)) == raw(trigger, fee_limit=LIMIT)


@pytest.mark.parametrize(
    ("intent", "changes", "code"),
    [
        (transfer(fee_ceiling=None), {}, "fee_ceiling"),
        (token_transfer(fee_ceiling=LIMIT - 1), {}, "fee_ceiling"),
        (transfer(chain="tron:nile"), {}, "unbuildable"),
        (transfer(effects=()), {}, "unbuildable"),
        (transfer(effects=(Effect("native_transfer", TO_TEXT, 1),) * 2), {}, "unbuildable"),
        (transfer(asset="USDT"), {}, "unbuildable"),
        (transfer(asset="BTC"), {}, "unbuildable"),
        (token_transfer(asset="TRX"), {}, "unbuildable"),
        (transfer(0), {}, "unbuildable"),
        (transfer(2**63), {}, "unbuildable"),
        (transfer(), {"fee_limit": 1}, "unbuildable"),
        (token_transfer(), {"fee_limit": 0}, "unbuildable"),
        (transfer(), {"block_id": BLOCK[:31]}, "unbuildable"),
        (transfer(), {"expiration": NOW}, "unbuildable"),
        (transfer(), {"timestamp": 0}, "unbuildable"),
        (transfer(), {"expiration": 2**63}, "unbuildable"),
        (transfer(), {"sender": "T"}, "address"),
        (transfer(effects=(Effect("native_transfer", intents.TO, 1),)), {}, "address"),
    ],
)
def test_what_cannot_be_built(intent: Intent, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        built(intent, **changes)
    assert error.value.code == code


@given(st.one_of(st.builds(transfer, coins), st.builds(token_transfer, tokens)))
def test_attached_bytes_are_those_of_protobuf(intent: Intent) -> None:
    data = built(intent)
    r_s, recovery_id = signed(data)
    transaction, txid = attach(data, r_s, recovery_id, sender=SENDER)
    parsed = message("Transaction")
    parsed.ParseFromString(transaction)
    assert parsed.SerializeToString(deterministic=True) == transaction
    assert parsed.raw_data.SerializeToString(deterministic=True) == data
    signature = bytes(parsed.signature[0])
    assert (len(parsed.signature), signature) == (1, r_s + bytes([27 + recovery_id]))
    assert txid == hashlib.sha256(data).digest()
    key = PublicKey.from_signature_and_message(r_s + bytes([signature[64] - 27]), txid, hasher=None)
    assert address.from_public_key(key.format()) == SENDER


@given(st.one_of(st.builds(transfer, coins), st.builds(token_transfer, tokens)))
def test_the_json_says_the_same_as_the_bytes(intent: Intent) -> None:
    """Rebuilt from its JSON alone, as a node does it, the transaction has the same raw_data."""
    data = built(intent)
    document = json.loads(json.dumps(http_json(attach(data, *signed(data), sender=SENDER)[0])))
    assert raw_of(document["raw_data"]) == data == bytes.fromhex(document["raw_data_hex"])
    assert document["txID"] == hashlib.sha256(data).hexdigest()
    assert (document["visible"], len(document["signature"]), len(document["signature"][0])) == (False, 1, 130)


BYTES = ("owner_address", "to_address", "contract_address", "data", "ref_block_bytes", "ref_block_hash")


def raw_of(document: dict[str, Any]) -> bytes:
    (listed,) = document.pop("contract")
    assert listed["parameter"]["type_url"] == f"type.googleapis.com/protocol.{listed['type']}"
    value = message(listed["type"], **of_hex(listed["parameter"]["value"]))
    numbers = {"TransferContract": 1, "TriggerSmartContract": 31}
    made = message("Contract", type=numbers[listed["type"]], Permission_id=listed.get("Permission_id", 0))
    packed = Packed(
        type_url=listed["parameter"]["type_url"], value=value.SerializeToString(deterministic=True)
    )
    made.parameter.ParseFromString(packed.SerializeToString(deterministic=True))
    return raw(made, **of_hex(document))


def of_hex(members: dict[str, Any]) -> dict[str, Any]:
    return {name: bytes.fromhex(value) if name in BYTES else value for name, value in members.items()}


def test_permission_and_memo_are_in_the_json() -> None:
    data = raw(
        contract(
            "TransferContract", owner_address=address.to_bytes(SENDER), to_address=TO, amount=1, permission=2
        ),
        data=b"hi",
    )
    document = http_json(attach(data, *signed(data), sender=SENDER)[0])
    assert raw_of(json.loads(json.dumps(document["raw_data"]))) == data


def variants(data: bytes) -> dict[str, tuple[bytes, int, str]]:
    r_s, parity = signed(data)
    r, s = r_s[:32], int.from_bytes(r_s[32:], "big")
    return {
        "high s": (r + (ORDER - s).to_bytes(32, "big"), parity ^ 1, SENDER),
        "other parity": (r_s, parity ^ 1, SENDER),
        "recovery id 2": (r_s, 2, SENDER),
        "recovery id 27": (r_s, parity + 27, SENDER),
        "other sender": (r_s, parity, TO_TEXT),
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


def test_only_what_is_built_here_is_completed() -> None:
    transaction = attach(built(transfer()), *signed(built(transfer())), sender=SENDER)[0]
    for wrong in (of("WithdrawBalanceContract"), transaction, b""):
        with pytest.raises(QuorateError) as error:
            attach(wrong, *signed(wrong), sender=SENDER)
        assert error.value.code == "malformed_transaction"
    unbuilt = message("Transaction", signature=[bytes(65)])
    unbuilt.raw_data.ParseFromString(of("WithdrawBalanceContract"))
    for wrong in (built(transfer()), transaction + b"\0", unbuilt.SerializeToString(), b""):
        with pytest.raises(QuorateError) as error:
            http_json(wrong)
        assert error.value.code == "malformed_transaction"


def test_the_most_it_can_cost() -> None:
    """Sizes by Google's protobuf; prices as published for mainnet."""
    data = built(transfer())
    size = len(attach(data, *signed(data), sender=SENDER)[0])
    plain = fee.most(read_tx(data))
    assert 0 <= plain - ((size + 64) * 1000 + 1_100_000) <= 3000
    token = fee.most(read_tx(built(token_transfer())))
    assert LIMIT + 250_000 < token < LIMIT + 450_000
    memo = raw(contract("TransferContract", owner_address=OWNER, to_address=TO, amount=1), data=b"x")
    bare = raw(contract("TransferContract", owner_address=OWNER, to_address=TO, amount=1))
    assert fee.most(read_tx(memo)) - fee.most(read_tx(bare)) == 1_000_000 + 3 * 1000
    assert fee.most(read_tx(bare), signatures=2) - fee.most(read_tx(bare)) == 1_000_000 + 67_000
    assert fee.most(read_tx(bare), fee.Prices(transaction=0)) == 1_100_000
