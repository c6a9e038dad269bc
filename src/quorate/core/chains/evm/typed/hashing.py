"""hashStruct, encodeData and the digest of EIP-712, of values that are already checked."""

from collections.abc import Mapping
from typing import Any, Final

from eth_hash.auto import keccak

from quorate.core.chains.evm.abi.elementary import ADDRESS, BYTES, FIXED_BYTES, STRING, WORD, Elementary
from quorate.core.chains.evm.typed.schema import DOMAIN, MemberType, Schema
from quorate.core.chains.evm.typed.values import Value

PREFIX: Final = b"\x19\x01"
"""EIP-191 version 0x01."""


def preimage(schema: Schema, domain: Mapping[str, Value], message: Mapping[str, Value]) -> bytes:
    """0x1901 || domain separator || hashStruct(message), 66 bytes; its keccak256 is what is signed."""
    return PREFIX + hash_struct(schema, DOMAIN, domain) + hash_struct(schema, schema.primary, message)


def hash_struct(schema: Schema, name: str, value: Mapping[str, Value]) -> bytes:
    members = schema.structs[name].members
    words = (_member(schema, kind, len(kind.lengths), value[label]) for label, kind in members.items())
    return keccak(schema.type_hash(name) + b"".join(words))


def _member(schema: Schema, kind: MemberType, left: int, value: Any) -> bytes:
    """The 32 bytes of one member. An array is the hash of its elements' encodings, one after another."""
    if left:
        return keccak(b"".join(_member(schema, kind, left - 1, one) for one in value))
    if kind.leaf is None:
        return hash_struct(schema, kind.base, value)
    return _leaf(kind.leaf, value)


def _leaf(kind: Elementary, value: Any) -> bytes:
    if kind.kind == STRING:
        return keccak(value.encode("utf-8"))
    if kind.kind == BYTES:
        return keccak(value)
    if kind.kind == FIXED_BYTES:
        return bytes(value).ljust(WORD, b"\x00")
    if kind.kind == ADDRESS:
        return bytes.fromhex(value[2:]).rjust(WORD, b"\x00")
    return int(value).to_bytes(WORD, "big", signed=int(value) < 0)
