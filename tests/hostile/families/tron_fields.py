"""TRON messages as protobuf: fields that a transfer does not have, fields twice, every method of a token."""

from collections.abc import Iterable
from typing import Any, Final

from quorate.core.chains.evm.calls.table import METHODS
from tests.core.chains.tron.published import message
from tests.hostile import tron_bytes as tron
from tests.hostile.bodies import TRON_TRANSFERS, TRX, TUSD_TRANSFER
from tests.hostile.evm_bytes import SELECTOR
from tests.hostile.families.evm_calls import THIEF, WORDS
from tests.hostile.families.tron import BLIND, DECODE, EFFECTS, EXPIRY, FEE, alone, shown
from tests.hostile.mutation import Family, Mutation, Shared, harmful, neutral
from tests.hostile.tron_bytes import Bend, Transaction

REFUSED: Final = (BLIND, DECODE, EFFECTS, FEE, EXPIRY)
PLACES: Final = ("raw_data", "contract", "parameter", "value")
_FIRST: Final = ("ref_block_bytes", "ref_block_hash", "expiration")
_LAST: Final = ("timestamp", "fee_limit")
"""The fields of raw_data around its contract."""
_VALUES: Final = {0: b"\x01", 1: b"\x01" * 8, 2: b"\x03abc", 5: b"\x01" * 4}
"""Wire type -> a value of it."""


def families() -> list[Family]:
    return [
        Family("TRON fields that are not there", alone(TRX, Transaction.encode), list(_unknown())),
        Family("TRON fields twice", alone(TUSD_TRANSFER, Transaction.encode), list(_twice())),
        Family("TRON every method", alone(TUSD_TRANSFER, Transaction.encode), list(_methods())),
    ]


def _unknown() -> Iterable[Mutation]:
    """One more field, known to the chain or not, behind those that a transfer has."""
    for kind in TRON_TRANSFERS:
        shared = Shared(kind)
        for place in PLACES:
            for number in (6, 7, 9, 13, 15, 16, 17, 19, 20, 31, 100, 2047):
                for wire, value in _VALUES.items():
                    more = _varint(number << 3 | wire) + value
                    name = f"{kind}: field {number} of {place}, wire type {_WIRES[wire]}"
                    yield harmful(name, REFUSED, shown(shared, _behind(place, more)))


_WIRES: Final = {0: "varint", 1: "fixed64", 2: "bytes", 5: "fixed32"}


def _twice() -> Iterable[Mutation]:
    """A field that is there once more with another value: the last one counts for protobuf."""
    for kind in TRON_TRANSFERS:
        shared = Shared(kind)
        for place, fields in _AGAIN[kind].items():
            for name, made in fields.items():
                more = _encoded(made)
                for where, bend in {"behind": _behind(place, more), "before": _before(place, more)}.items():
                    again = f"{kind}: {name} again, {where}"
                    if (kind, name, where) == (TRX, "fee limit", "behind"):
                        yield neutral(f"{again}: it limits calls", alone(kind, bend))
                    else:
                        yield harmful(again, REFUSED, shown(shared, bend))


_OF_RAW: Final = {
    "block": message("Raw", ref_block_bytes=b"\x01\x02"), "memo": message("Raw", data=b"memo"),
    "hash": message("Raw", ref_block_hash=b"\x03" * 8), "number": message("Raw", ref_block_num=7),
    "expiration": message("Raw", expiration=1 << 45), "auths": message("Raw", auths=[b"a"]),
    "scripts": message("Raw", scripts=b"s"), "timestamp": message("Raw", timestamp=7),
    "fee limit": message("Raw", fee_limit=1 << 40),
}  # fmt: skip
_THIEF: Final = b"\x41" + THIEF
_OF_CONTRACT: Final = {
    "type": message("Contract", type=2), "provider": message("Contract", provider=b"p"),
    "contract name": message("Contract", ContractName=b"n"),
    "permission": message("Contract", Permission_id=2),
}  # fmt: skip
_AGAIN: Final[dict[str, dict[str, dict[str, Any]]]] = {
    TRX: {
        "raw_data": _OF_RAW, "contract": _OF_CONTRACT,
        "value": {
            "owner": message("TransferContract", owner_address=_THIEF),
            "recipient": message("TransferContract", to_address=_THIEF),
            "amount": message("TransferContract", amount=10**12),
        },
    },
    TUSD_TRANSFER: {
        "raw_data": _OF_RAW, "contract": _OF_CONTRACT,
        "value": {
            "owner": message("TriggerSmartContract", owner_address=_THIEF),
            "token": message("TriggerSmartContract", contract_address=_THIEF),
            "coins along": message("TriggerSmartContract", call_value=1),
            "call": message("TriggerSmartContract", data=SELECTOR + WORDS["thief and all there is"]),
            "TRC-10 along": message("TriggerSmartContract", call_token_value=1),
            "TRC-10 id": message("TriggerSmartContract", token_id=1_000_001),
        },
    },
}  # fmt: skip


def _methods() -> Iterable[Mutation]:
    shared = Shared(TUSD_TRANSFER)
    for selector, method in METHODS.items():
        for words, arguments in WORDS.items():
            bend = tron.set_value(data=selector + arguments)
            name = f"{method.signature.text} of {words}"
            yield harmful(name, REFUSED, shown(shared, bend))


def _behind(place: str, more: bytes) -> Bend:
    return lambda transaction: _spliced(transaction, place, b"", more)


def _before(place: str, more: bytes) -> Bend:
    return lambda transaction: _spliced(transaction, place, more, b"")


def _spliced(transaction: Transaction, place: str, before: bytes, behind: bytes) -> bytes:
    """Bytes around the fields of one message, the messages around it made by hand."""
    raw, (contract,) = transaction.raw, transaction.raw.contract

    def around(name: str, content: bytes) -> bytes:
        return before + content + behind if name == place else content

    value = around("value", _encoded(transaction.value))
    parameter = around("parameter", _field(1, contract.parameter.type_url.encode()) + _field(2, value))
    one = around("contract", b"\x08" + _varint(contract.type) + _field(2, parameter))
    first, last = (_encoded(message("Raw", **{n: getattr(raw, n) for n in part})) for part in (_FIRST, _LAST))
    return around("raw_data", first + _field(11, one) + last)


def _encoded(made: Any) -> bytes:
    return bytes(made.SerializeToString(deterministic=True))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])
