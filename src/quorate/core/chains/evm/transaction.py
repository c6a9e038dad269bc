"""Unsigned EVM transactions of all types -> their fields. Strict: one encoding, every field in range.

Legacy in its EIP-155 form, EIP-2930, EIP-1559, EIP-4844 (the payload that is signed, without blobs) and
EIP-7702.
"""

from dataclasses import dataclass, field
from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.authorization import Authorization, read_list
from quorate.core.chains.evm.rlp_reader import Rlp, as_bytes, as_integer, as_list, malformed, read

LEGACY, ACCESS_LIST, DYNAMIC_FEE, BLOB, SET_CODE = 0, 1, 2, 3, 4
MAX_BYTES: Final = 128 * 1024
"""What nodes relay, blobs aside; a longer transaction would never get anywhere."""
GAS_PER_BLOB: Final = 1 << 17
"""EIP-4844."""
_BLOB_HASH_VERSION: Final = 0x01


@dataclass(frozen=True, slots=True)
class Transaction:
    """The fields as signed, amounts in wei; `to` is None for contract creation.

    `fee` is the most that can be paid: gas limit x highest price, and the same for blob gas.
    """

    kind: int
    chain_id: int
    nonce: int
    max_priority: int
    max_fee: int
    gas: int
    to: str | None
    value: int
    data: bytes
    accesses: int = 0
    max_blob_fee: int = 0
    blob_hashes: tuple[bytes, ...] = ()
    authorizations: tuple[Authorization, ...] = field(default=())

    @property
    def fee(self) -> int:
        return self.gas * self.max_fee + GAS_PER_BLOB * len(self.blob_hashes) * self.max_blob_fee


def read_transaction(data: bytes) -> Transaction:
    """The fields of exactly these bytes.

    Raises QuorateError: too_large; trailing_bytes; malformed_transaction (not canonical, a field out of
    range, or of another type).
    """
    if not data:
        raise malformed("no bytes")
    if len(data) > MAX_BYTES:
        raise malformed(f"a transaction has at most {MAX_BYTES} bytes, this one {len(data)}", "too_large")
    if data[0] >= 0xC0:
        return _legacy(as_list(read(data), "transaction", 9))
    if data[0] not in _READERS:
        raise malformed(f"transaction type {data[0]} is none of 1 to 4, and this is no list (EIP-155)")
    length, reader = _READERS[data[0]]
    return reader(as_list(read(data[1:]), "transaction", length))


def _legacy(fields: list[Rlp]) -> Transaction:
    """EIP-155: nonce, gas price, gas limit, to, value, data, chain id, 0, 0."""
    nonce, price, gas, to, value, data, chain_id, zero_r, zero_s = fields
    if (zero_r, zero_s) != (b"", b""):
        raise malformed("the signature fields of an unsigned transaction are empty")
    amount = as_integer(price, "gas price", 256)
    return _common(LEGACY, [chain_id, nonce, gas, to, value, data], amount, amount)


def _access_list(fields: list[Rlp]) -> Transaction:
    """EIP-2930: chain id, nonce, gas price, gas limit, to, value, data, access list."""
    chain_id, nonce, price, gas, to, value, data, accesses = fields
    amount = as_integer(price, "gas price", 256)
    return _common(ACCESS_LIST, [chain_id, nonce, gas, to, value, data], amount, amount, accesses)


def _dynamic_fee(fields: list[Rlp]) -> Transaction:
    """EIP-1559: chain id, nonce, priority fee, highest fee, gas limit, to, value, data, access list."""
    return _with_priority(DYNAMIC_FEE, fields)


def _blob(fields: list[Rlp]) -> Transaction:
    """EIP-4844: as EIP-1559, then highest fee per blob gas and blob hashes; it creates no contract."""
    blob_fee = as_integer(fields[9], "max fee per blob gas", 256)
    hashes = tuple(as_bytes(value, "blob hash", 32) for value in as_list(fields[10], "blob hashes"))
    if not hashes or any(value[0] != _BLOB_HASH_VERSION for value in hashes):
        raise malformed("one or more blob hashes of version 1 are expected (EIP-4844)")
    return _with_priority(BLOB, fields[:9], blob_fee, hashes)


def _set_code(fields: list[Rlp]) -> Transaction:
    """EIP-7702: as EIP-1559, then the authorization list; it creates no contract."""
    return _with_priority(SET_CODE, fields[:9], authorizations=read_list(fields[9]))


_READERS: Final = {
    ACCESS_LIST: (8, _access_list),
    DYNAMIC_FEE: (9, _dynamic_fee),
    BLOB: (11, _blob),
    SET_CODE: (10, _set_code),
}


def _with_priority(
    kind: int,
    fields: list[Rlp],
    blob_fee: int = 0,
    hashes: tuple[bytes, ...] = (),
    authorizations: tuple[Authorization, ...] = (),
) -> Transaction:
    chain_id, nonce, priority, highest, gas, to, value, data, accesses = fields
    max_priority = as_integer(priority, "max priority fee", 256)
    max_fee = as_integer(highest, "max fee", 256)
    if max_priority > max_fee:
        raise malformed("the priority fee exceeds the highest fee (EIP-1559)")
    if kind in (BLOB, SET_CODE) and to == b"":
        raise malformed(f"a transaction of type {kind} creates no contract")
    common = [chain_id, nonce, gas, to, value, data]
    return _common(kind, common, max_priority, max_fee, accesses, blob_fee, hashes, authorizations)


def _common(
    kind: int,
    fields: list[Rlp],
    max_priority: int,
    max_fee: int,
    accesses: Rlp | None = None,
    blob_fee: int = 0,
    hashes: tuple[bytes, ...] = (),
    authorizations: tuple[Authorization, ...] = (),
) -> Transaction:
    chain_id, nonce, gas, to, value, data = fields
    recipient = as_bytes(to, "to", 0, 20)
    return Transaction(
        kind=kind,
        chain_id=_chain_id(chain_id),
        nonce=_nonce(nonce),
        max_priority=max_priority,
        max_fee=max_fee,
        gas=as_integer(gas, "gas limit", 64),
        to=address.from_bytes(recipient) if recipient else None,
        value=as_integer(value, "value", 256),
        data=as_bytes(data, "data"),
        accesses=_accesses([] if accesses is None else accesses),
        max_blob_fee=blob_fee,
        blob_hashes=hashes,
        authorizations=authorizations,
    )


def _accesses(value: Rlp) -> int:
    """Form of an access list (EIP-2930): [[20-byte address, [32-byte storage key, ...]], ...]; its length."""
    entries = as_list(value, "access list")
    for entry in entries:
        holder, keys = as_list(entry, "access list entry", 2)
        as_bytes(holder, "access list address", 20)
        for key in as_list(keys, "storage keys"):
            as_bytes(key, "storage key", 32)
    return len(entries)


def _chain_id(value: Rlp) -> int:
    chain_id = as_integer(value, "chain id", 256)
    if chain_id == 0:
        raise malformed("chain id 0 would be valid on every chain")
    return chain_id


def _nonce(value: Rlp) -> int:
    """EIP-2681: below 2^64 - 1."""
    nonce = as_integer(value, "nonce", 64)
    if nonce == (1 << 64) - 1:
        raise malformed("nonce is not below 2^64 - 1")
    return nonce
