"""raw_data as signers judge it: exactly the requested transfer, or the rule by which it is none."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import readers, to_sign
from quorate.core.chains.reading import Reading, View
from quorate.core.chains.tron import address
from quorate.core.dialects.fireblocks.addresses import chain_address
from quorate.core.errors import QuorateError
from quorate.core.model.charter import parse
from quorate.core.model.intent import Attempt, Effect, Intent, items
from tests.core import examples
from tests.core.chains.tron.published import OWNER, TO, TOKEN, contract, of, raw
from tests.core.chains.tron.test_build_attach import (
    CHAIN,
    LIMIT,
    NOW,
    SENDER,
    TO_TEXT,
    TOKEN_TEXT,
    built,
    coins,
    token_transfer,
    tokens,
    transfer,
)

OWNER_TEXT = address.from_bytes(OWNER)
CERTIFICATE = next(iter(examples.certificates().values()))
PAID = Effect("native_transfer", TO_TEXT, 5)
SENT = Effect("token_transfer", TO_TEXT, 5, TOKEN_TEXT)
CALL = bytes.fromhex("a9059cbb") + bytes(12) + TO[1:] + (5).to_bytes(32, "big")
PLAIN: dict[str, Any] = {"owner_address": OWNER, "to_address": TO, "amount": 5}
CALLED: dict[str, Any] = {"owner_address": OWNER, "contract_address": TOKEN, "data": CALL}
BANDWIDTH, ACCOUNT = 1_000, 1_100_000
"""Sun: a byte; a new account."""


def read(data: bytes, sender: str = OWNER_TEXT) -> Reading:
    return readers.read("tron-tx", data, View(CHAIN, CERTIFICATE, "0", sender))


@given(
    st.one_of(st.builds(transfer, coins), st.builds(token_transfer, tokens)),
    st.integers(1, 2**62),
    st.integers(1, 2**61),
    st.integers(1, LIMIT),
)
def test_what_is_built_reads_as_exactly_what_was_requested(
    intent: Intent, now: int, life: int, limit: int
) -> None:
    limit = limit if intent.effects[0].token else 0
    data = built(intent, timestamp=now, expiration=now + life, fee_limit=limit)
    found = read(data, SENDER)
    bandwidth = (len(data) + 4 + 67 + 64) * BANDWIDTH
    assert found == Reading(
        effects=intent.effects,
        others=(),
        blind="",
        chain=CHAIN.id,
        fee=bandwidth + (limit if limit else ACCOUNT),
        takes=(),
        ends_s=(now + life + 999) // 1000,
    )


def test_the_two_transfers() -> None:
    plain, called = (
        read(of("TransferContract", to_address=TO, amount=5)),
        read(raw(contract("TriggerSmartContract", **CALLED))),
    )
    assert (plain.effects, called.effects) == ((PAID,), (SENT,))
    assert plain.others == called.others == ()
    assert plain.ends_s == called.ends_s == 1_764_000_060


def trigger(**members: Any) -> bytes:
    return raw(contract("TriggerSmartContract", **{**CALLED, **members}), fee_limit=LIMIT)


def plain(**members: Any) -> bytes:
    return raw(contract("TransferContract", **{**PLAIN, **members}))


MORE: dict[str, tuple[bytes, tuple[Effect, ...], tuple[str, ...]]] = {
    "another owner": (plain(owner_address=TO), (), ("native_transfer",)),
    "another owner's tokens": (trigger(owner_address=TO), (), ("token_transfer",)),
    "a memo": (raw(contract("TransferContract", **PLAIN), data=b"hi"), (PAID,), ("memo",)),
    "data": (raw(contract("TransferContract", **PLAIN), data=b"\xff"), (PAID,), ("data",)),
    "permission 2": (plain(permission=2), (PAID,), ("permission_id",)),
    "permission 2 of a call": (trigger(permission=2), (SENT,), ("permission_id",)),
    "transferFrom": (
        trigger(data=bytes.fromhex("23b872dd") + bytes(12) + OWNER[1:] + CALL[4:]), (), ("token_transfer",),
    ),
    "approve": (trigger(data=bytes.fromhex("095ea7b3") + CALL[4:]), (), ("approval",)),
    "TRC-10": (
        of("TransferAssetContract", asset_name=b"1002000", to_address=TO, amount=5), (), ("token_transfer",),
    ),
    "an account": (of("AccountCreateContract", account_address=TO), (), ("account_create",)),
    "a stake": (of("FreezeBalanceV2Contract", frozen_balance=5), (), ("resource_delegation",)),
    "a delegation": (
        of("DelegateResourceContract", balance=5, receiver_address=TO), (), ("resource_delegation",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_more_than_a_transfer_is_among_the_others(name: str) -> None:
    data, effects, others = MORE[name]
    found = read(data)
    assert (found.effects, found.others, found.blind) == (effects, others, "")


BLIND: dict[str, tuple[bytes, str]] = {
    "coins along with a call": (trigger(call_value=1), "value_with_call"),
    "TRC-10 along with a call": (trigger(call_token_value=1, token_id=1_002_000), "value_with_call"),
    "another method": (trigger(data=bytes.fromhex("12345678") + CALL[4:]), "unknown_call"),
    "no data": (trigger(data=b"", call_value=5), "unknown_call"),
    "dirty address word": (trigger(data=CALL[:15] + b"\x41" + CALL[16:]), "not_abi"),
    "a word more": (trigger(data=CALL + bytes(32)), "not_abi"),
    "a byte less": (trigger(data=CALL[:-1]), "not_abi"),
    "a reward": (of("WithdrawBalanceContract"), "amount_not_in_bytes"),
    "another contract type": (raw(contract("TransferContract", 52, **PLAIN)), "unknown_contract_type"),
}


@pytest.mark.parametrize("name", BLIND)
def test_what_cannot_be_established_is_blind(name: str) -> None:
    data, reason = BLIND[name]
    assert read(data).blind == reason


@pytest.mark.parametrize(
    "data", [b"", plain()[:-1], plain() + b"\0", raw(), raw(*[contract("TransferContract", **PLAIN)] * 2)]
)
def test_other_bytes_are_no_transaction(data: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        read(data)
    assert error.value.code == "malformed_transaction"
    with pytest.raises(QuorateError) as error:
        to_sign.TO_SIGN["tron-tx"](data, PAYER)
    assert error.value.code == "malformed_transaction"


PAYER = to_sign.Payer(CHAIN.id, (44, 195, 0, 0, 0), bytes(33), bytes(32))


def test_an_expiration_is_rounded_up_to_seconds() -> None:
    one = contract("TransferContract", **PLAIN)
    assert [read(raw(one, expiration=ms)).ends_s for ms in (NOW - 1, NOW, NOW + 1)] == [
        NOW // 1000,
        NOW // 1000,
        NOW // 1000 + 1,
    ]


def test_the_fee_limit_counts_for_calls() -> None:
    base = read(trigger()).fee - LIMIT
    assert read(raw(contract("TriggerSmartContract", **CALLED), fee_limit=LIMIT + 1)).fee - base == LIMIT + 1


def test_effects_are_of_the_chain_that_is_asked_about() -> None:
    nile = replace(CHAIN, id="tron:nile")
    view = View(nile, CERTIFICATE, "0", OWNER_TEXT)
    assert readers.read("tron-tx", plain(), view).chain == "tron:nile"


def test_the_worked_attempt_does_what_its_intent_says() -> None:
    intent = Intent.from_bytes(examples.body(examples.example("intent", "TRON token transfer")))
    attempt = Attempt.from_bytes(examples.body(examples.example("attempt", "tron-tx")))
    charter = parse(examples.body(examples.example("charter", "with a TRON chain")))
    chain = charter.chain(intent.chain or "")
    assert chain is not None
    sender = chain_address(chain, examples.certificates(), "0")
    found = readers.read(attempt.format, attempt.data, View(chain, CERTIFICATE, "0", sender))
    assert (found.effects, found.others, found.blind) == (intent.effects, (), "")
    root = examples.certificates()[chain.key]
    (item,) = items(intent, attempt, (root.public_key, root.chain_code))
    assert (item.scheme, item.path) == (0, (44, 1, 0, 0, 0))
    assert item.message == hashlib.sha256(attempt.data).digest()
