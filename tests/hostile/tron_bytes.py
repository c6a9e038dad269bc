"""raw_data of TRON as messages of Google's protobuf, to be bent and encoded; addresses by bip-utils."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bip_utils import Base58Decoder, TrxAddrEncoder

from tests.core.chains.tron.published import contract, message

BLOCK = (4711).to_bytes(8, "big") + b"\x5a" * 24
LIFE_MS = 300_000
FEE_LIMIT = 8_000_000
FIELDS = ("ref_block_bytes", "ref_block_hash", "expiration", "contract", "timestamp", "fee_limit")
TRANSFER = bytes.fromhex("a9059cbb")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def address_of(key: bytes) -> bytes:
    """The 21 bytes of a compressed public key's address."""
    return bytes_of(TrxAddrEncoder.EncodeKey(key))


def bytes_of(address: str) -> bytes:
    return bytes(Base58Decoder.CheckDecode(address))


def call(to: bytes, amount: int) -> bytes:
    return TRANSFER + bytes(12) + to[1:] + amount.to_bytes(32, "big")


def contract_of(owner: bytes, to: str, amount: int, token: str | None) -> Any:
    """What pays: the contract of raw_data."""
    if token is None:
        return contract("TransferContract", owner_address=owner, to_address=bytes_of(to), amount=amount)
    data = call(bytes_of(to), amount)
    fields = {"owner_address": owner, "contract_address": bytes_of(token), "data": data}
    return contract("TriggerSmartContract", **fields)


def parse(data: bytes) -> Any:
    """raw_data of the fields that a transfer has, and nothing else. Raises ValueError."""
    raw = message("Raw")
    raw.ParseFromString(data)
    again = message("Raw", **{name: getattr(raw, name) for name in FIELDS})
    if again.SerializeToString(deterministic=True) != data:
        raise ValueError("not what protobuf writes of these fields")
    return raw


@dataclass
class Transaction:
    """`value` is the message of the one contract."""

    raw: Any
    value: Any

    @classmethod
    def paying(cls, owner: bytes, to: str, amount: int, token: str | None) -> "Transaction":
        """What an honest server builds."""
        one = contract_of(owner, to, amount, token)
        now = now_ms()
        raw = message(
            "Raw",
            ref_block_bytes=BLOCK[6:8],
            ref_block_hash=BLOCK[8:16],
            expiration=now + LIFE_MS,
            timestamp=now,
            fee_limit=FEE_LIMIT if token else 0,
            contract=[one],
        )
        value = message(one.parameter.type_url.rpartition(".")[2])
        value.ParseFromString(one.parameter.value)
        return cls(raw, value)

    def encode(self) -> bytes:
        self.raw.contract[0].parameter.value = self.value.SerializeToString(deterministic=True)
        return bytes(self.raw.SerializeToString(deterministic=True))


Bend = Callable[[Transaction], bytes]
"""From the honest transaction to the bytes that are shown to the signers."""


def set_raw(**fields: Any) -> Bend:
    """Fields of raw_data; a function is called when the bytes are made."""

    def bend(transaction: Transaction) -> bytes:
        for name, value in fields.items():
            setattr(transaction.raw, name, value() if callable(value) else value)
        return transaction.encode()

    return bend


def set_value(**fields: Any) -> Bend:
    """Fields of the contract's message."""

    def bend(transaction: Transaction) -> bytes:
        for name, value in fields.items():
            setattr(transaction.value, name, value)
        return transaction.encode()

    return bend


def flip(field: str, bit: int) -> Bend:
    """One bit of a field of the contract's message; of bytes, bit 0 is the lowest of the last."""

    def bend(transaction: Transaction) -> bytes:
        before = getattr(transaction.value, field)
        if isinstance(before, int):
            return set_value(**{field: before ^ (1 << bit)})(transaction)
        number = int.from_bytes(before, "big") ^ (1 << bit)
        return set_value(**{field: number.to_bytes(len(before), "big")})(transaction)

    return bend
