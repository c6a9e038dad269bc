"""The bytes of a TRON transfer, bit by bit and field by field. The server chooses them freely: there is no
seal to make.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from quorate.core.chains import hd
from quorate.core.chains.to_sign import TRON_TX
from quorate.core.model.intent import Attempt
from tests.core.chains.tron.published import contract
from tests.hostile import tron_bytes as tron
from tests.hostile.bodies import TRON_TRANSFERS, TRX, TUSD_TRANSFER
from tests.hostile.ceremony import SECP, SKEW, TRON_FEE_CAP
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    Shared,
    admitted,
    harmful,
    neutral,
    with_attempt,
)
from tests.hostile.tron_bytes import Bend, Transaction
from tests.hostile.world import Stage

EFFECTS, BLIND, DECODE, FEE, EXPIRY = "effects_match", "blind", "decode", "fee_ceiling", "attempt_expiry"
STRANGER = b"\x41" + b"\x5f" * 20
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000


def families() -> list[Family]:
    return [
        Family("TRON bits, TRX", alone(TRX, Transaction.encode), list(_native_bits())),
        Family("TRON bits, TRC-20", alone(TUSD_TRANSFER, Transaction.encode), list(_token_bits())),
        Family("TRON fields", _at_the_limits, list(_fields())),
        Family("TRON contracts", alone(TRX, Transaction.encode), list(_contracts())),
        Family("TRON encoding", alone(TUSD_TRANSFER, Transaction.encode), list(_encodings())),
    ]


def _honest(stage: Stage, flow: Flow) -> Transaction:
    assert flow.intent is not None
    root = stage.certificates[SECP]
    child = hd.derive(root.curve, root.public_key, root.chain_code, flow.intent.path)
    (effect,) = flow.intent.effects
    return Transaction.paying(tron.address_of(child), effect.to, effect.amount, effect.token)


def _attempt(stage: Stage, flow: Flow, bend: Bend) -> Attempt:
    assert flow.intent is not None
    return Attempt(flow.intent.hash, TRON_TX, bend(_honest(stage, flow)))


def shown(shared: Shared, bend: Bend) -> Run:
    """The admitted request, opened with bent bytes."""
    return with_attempt(shared.flow, partial(_attempt, bend=bend))


def alone(kind: str, bend: Bend) -> Run:
    """The same on a request of its own: for bytes that may be signed."""
    return with_attempt(partial(admitted, kind=kind), partial(_attempt, bend=bend))


def _native_bits() -> Iterable[Mutation]:
    shared = Shared(TRX)
    for bit in range(160):
        yield harmful(f"recipient, bit {bit}", EFFECTS, shown(shared, tron.flip("to_address", bit)))
        yield harmful(f"owner, bit {bit}", EFFECTS, shown(shared, tron.flip("owner_address", bit)))
    for bit in range(160, 168):
        yield harmful(f"prefix, bit {bit}", DECODE, shown(shared, tron.flip("to_address", bit)))
    for bit in range(63):
        yield harmful(f"amount, bit {bit}", EFFECTS, shown(shared, tron.flip("amount", bit)))


def _token_bits() -> Iterable[Mutation]:
    shared = Shared(TUSD_TRANSFER)
    for bit in range(160):
        yield harmful(f"contract, bit {bit}", EFFECTS, shown(shared, tron.flip("contract_address", bit)))
        yield harmful(f"owner, bit {bit}", EFFECTS, shown(shared, tron.flip("owner_address", bit)))
    for word, first, last, expected in (
        ("amount", 0, 256, EFFECTS),
        ("recipient", 256, 416, EFFECTS),
        ("address padding", 416, 512, BLIND),
        ("selector", 512, 544, BLIND),
    ):
        for bit in range(first, last):
            yield harmful(f"{word}, bit {bit - first}", expected, shown(shared, tron.flip("data", bit)))


def _after(milliseconds: int) -> Bend:
    """An expiration so long after now, in whole seconds."""
    return tron.set_raw(expiration=lambda: (tron.now_ms() + milliseconds) // SECOND * SECOND)


def _fields() -> Iterable[Mutation]:
    longest = 10 * MINUTE + SKEW * SECOND
    for kind in TRON_TRANSFERS:
        shared = Shared(kind)
        for name, memo in {"text": b"invoice 7", "zero": b"\0", "no text": b"\xff\xfe"}.items():
            yield harmful(f"{kind}: memo, {name}", EFFECTS, shown(shared, tron.set_raw(data=memo)))
        for number in (*range(1, 10), 10, 1 << 20):
            expected = EFFECTS if number < 10 else DECODE
            yield harmful(f"{kind}: permission {number}", expected, shown(shared, _permission(number)))
        for name, ahead in {
            "a second too far": longest + 2 * SECOND, "an hour ahead": HOUR, "a day ahead": 24 * HOUR,
            "a year ahead": 365 * 24 * HOUR,
        }.items():  # fmt: skip
            yield harmful(f"{kind}: {name}", EXPIRY, shown(shared, _after(ahead)))
        for name, ago in {"a second ago": SECOND, "a day ago": 24 * HOUR}.items():
            yield harmful(f"{kind}: expired {name}", EXPIRY, shown(shared, _after(-ago)))
        for bit in range(40, 63):
            far = tron.set_raw(expiration=lambda bit=bit: tron.now_ms() + (1 << bit))
            yield harmful(f"{kind}: expiration, bit {bit}", EXPIRY, shown(shared, far))
        yield harmful(f"{kind}: no expiration", DECODE, shown(shared, tron.set_raw(expiration=0)))
        for name, bend in {
            "another block": tron.set_raw(ref_block_bytes=b"\x01\x02", ref_block_hash=b"\x03" * 8),
            "another timestamp": tron.set_raw(timestamp=1),
            "nine minutes": _after(9 * MINUTE),
        }.items():
            yield neutral(f"{kind}: {name}", alone(kind, bend))
    yield from _fee_limits()


def _fee_limits() -> Iterable[Mutation]:
    shared = Shared(TUSD_TRANSFER)
    for limit in (TRON_FEE_CAP, TRON_FEE_CAP + 1, 15_000 * 10**6, (1 << 63) - 1):
        yield harmful(f"fee limit {limit}", FEE, shown(shared, tron.set_raw(fee_limit=limit)))
    for bit in range(26, 63):
        high = tron.set_raw(fee_limit=1 << bit)
        yield harmful(f"fee limit, bit {bit}", FEE, shown(shared, high))
    for limit in (0, 1, TRON_FEE_CAP - 10**6):
        yield neutral(f"fee limit {limit}", alone(TUSD_TRANSFER, tron.set_raw(fee_limit=limit)))


async def _at_the_limits(stage: Stage) -> Outcome:
    """The latest expiration and nearly the highest fee."""

    def bend(transaction: Transaction) -> bytes:
        transaction.raw.fee_limit = TRON_FEE_CAP - 10**6
        return _after(10 * MINUTE)(transaction)

    return await alone(TUSD_TRANSFER, bend)(stage)


def _permission(number: int) -> Bend:
    def bend(transaction: Transaction) -> bytes:
        transaction.raw.contract[0].Permission_id = number
        return transaction.encode()

    return bend


def _contracts() -> Iterable[Mutation]:
    native, token = Shared(TRX), Shared(TUSD_TRANSFER)
    for name, fields in {
        "coins along": {"call_value": 1},
        "TRC-10 along": {"call_token_value": 1, "token_id": 1_000_001},
    }.items():
        yield harmful(name, BLIND, shown(token, tron.set_value(**fields)))
    for name, selector in {
        "approve": "095ea7b3", "increaseApproval": "d73dd623", "increaseAllowance": "39509351",
        "transferFrom": "23b872dd", "burn": "42966c68", "none": "00000000",
    }.items():  # fmt: skip
        expected = BLIND if name in ("transferFrom", "burn", "none") else EFFECTS
        yield harmful(f"selector {name}", expected, shown(token, _selector(bytes.fromhex(selector))))
    yield harmful("transferFrom of their own", EFFECTS, shown(token, _transfer_from))
    for more in (b"\0", bytes(32), bytes(64)):
        longer = lambda t, more=more: tron.set_value(data=t.value.data + more)(t)  # noqa: E731
        yield harmful(f"{len(more)} bytes after the call data", BLIND, shown(token, longer))
    for length in range(0, 68):
        cut = lambda t, length=length: tron.set_value(data=t.value.data[:length])(t)  # noqa: E731
        yield harmful(f"call data cut to {length} bytes", BLIND, shown(token, cut))
    for kind, shared in ((TRX, native), (TUSD_TRANSFER, token)):
        for name, (expected, made) in _OTHERS.items():
            yield harmful(f"{kind}: {name}", expected, shown(shared, instead(made)))
        yield harmful(f"{kind}: two contracts", DECODE, shown(shared, _twice))
        yield harmful(f"{kind}: no contract", DECODE, shown(shared, _none))
        for number in (0, 2, 3, 13, 30, 41, 46, 52, 63, 1000):
            typed = lambda t, number=number: _numbered(t, number)  # noqa: E731
            yield harmful(f"{kind}: type {number}", (DECODE, BLIND), shown(shared, typed))


_OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "TRC-10": (EFFECTS, {"name": "TransferAssetContract", "asset_name": b"1000001", "to_address": STRANGER,
                         "amount": 1}),
    "an account": (EFFECTS, {"name": "AccountCreateContract", "account_address": STRANGER}),
    "a stake": (EFFECTS, {"name": "FreezeBalanceV2Contract", "frozen_balance": 1}),
    "the stake back": (EFFECTS, {"name": "UnfreezeBalanceV2Contract", "unfreeze_balance": 1}),
    "energy for a stranger": (EFFECTS, {"name": "DelegateResourceContract", "balance": 1, "resource": 1,
                                        "receiver_address": STRANGER}),
    "a reward": (BLIND, {"name": "WithdrawBalanceContract"}),
    "all to a stranger": (EFFECTS, {"name": "TransferContract", "to_address": STRANGER, "amount": 10**12}),
}  # fmt: skip


def instead(made: dict[str, Any]) -> Bend:
    """Another contract of the same owner in place of the transfer."""

    def bend(transaction: Transaction) -> bytes:
        owner = transaction.value.owner_address
        transaction.raw.contract[0].CopyFrom(contract(**{"owner_address": owner, **made}))
        return bytes(transaction.raw.SerializeToString(deterministic=True))

    return bend


def _selector(selector: bytes) -> Bend:
    return lambda t: tron.set_value(data=selector + t.value.data[4:])(t)


def _transfer_from(transaction: Transaction) -> bytes:
    owner = bytes(12) + transaction.value.owner_address[1:]
    data = bytes.fromhex("23b872dd") + owner + transaction.value.data[4:]
    return tron.set_value(data=data)(transaction)


def _twice(transaction: Transaction) -> bytes:
    transaction.encode()
    transaction.raw.contract.append(transaction.raw.contract[0])
    return bytes(transaction.raw.SerializeToString(deterministic=True))


def _none(transaction: Transaction) -> bytes:
    del transaction.raw.contract[:]
    return bytes(transaction.raw.SerializeToString(deterministic=True))


def _numbered(transaction: Transaction, number: int) -> bytes:
    transaction.raw.contract[0].type = number
    return transaction.encode()


def _encodings() -> Iterable[Mutation]:
    for kind in TRON_TRANSFERS:
        shared = Shared(kind)
        for length in range(0, 120):
            expected = "attempt_form" if length == 0 else DECODE
            cut = lambda t, length=length: t.encode()[:length]  # noqa: E731
            yield harmful(f"{kind}: cut to {length} bytes", expected, shown(shared, cut))
        for name, more in {
            "zero": b"\0", "a field that none has": b"\xf8\x07\x01", "fee limit 0": b"\x90\x01\x00",
            "the memo out of order": b"\x52\x01a", "the fee limit twice": b"\x90\x01\x01\x90\x01\x02",
        }.items():  # fmt: skip
            longer = lambda t, more=more: t.encode() + more  # noqa: E731
            yield harmful(f"{kind}: {name}, after the end", DECODE, shown(shared, longer))
        yield harmful(f"{kind}: twice", DECODE, shown(shared, lambda t: t.encode() * 2))
        yield harmful(f"{kind}: signed already", DECODE, shown(shared, _signed))
        yield harmful(f"{kind}: too long", "attempt_form", shown(shared, lambda t: bytes(1 << 18)))


def _signed(transaction: Transaction) -> bytes:
    """The whole Transaction of a node's `broadcasthex`, in place of its raw_data."""
    data = transaction.encode()
    length = bytes([len(data)]) if len(data) < 128 else bytes([len(data) % 128 + 128, len(data) // 128])
    return b"\x0a" + length + data + b"\x12\x41" + bytes(65)
