"""The JSON text of an EIP-712 message, as `eth_signTypedData_v4` takes it -> schema, domain and message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quorate.core.chains.evm.typed.hashing import preimage
from quorate.core.chains.evm.typed.schema import DOMAIN, Schema, malformed, read_schema
from quorate.core.chains.evm.typed.values import read_struct
from quorate.core.errors import QuorateError
from quorate.core.model import canonical

MAX_BYTES: Final = 128 * 1024
_EXTRA_DEPTH: Final = 8
"""Text is read 24 deep; the types allow less."""
_MEMBERS: Final = {"types", "primaryType", "domain", "message"}


@dataclass(frozen=True, slots=True)
class TypedData:
    """`domain` and `message` hold checked values: integers, EIP-55 text, bytes, lists, mappings."""

    schema: Schema
    domain: Mapping[str, Any]
    message: Mapping[str, Any]

    @property
    def primary_type(self) -> str:
        return self.schema.primary

    @property
    def encoded_type(self) -> str:
        return self.schema.encode_type(self.schema.primary)

    @property
    def contract(self) -> str | None:
        """The contract that will read the signature."""
        return self.domain.get("verifyingContract")

    @property
    def chain_id(self) -> int | None:
        """None: valid on every chain."""
        return self.domain.get("chainId")

    @property
    def preimage(self) -> bytes:
        return preimage(self.schema, self.domain, self.message)


def read_typed_data(text: bytes) -> TypedData:
    """Raises QuorateError: too_large; malformed_typed_data."""
    if len(text) > MAX_BYTES:
        raise malformed(f"a message has at most {MAX_BYTES} bytes, this one {len(text)}", "too_large")
    try:
        value = canonical.decode_lenient(text, limit=MAX_BYTES, extra_depth=_EXTRA_DEPTH)
    except QuorateError as error:  # numbers beyond 2^53 - 1 come as text, since others may read them rounded
        raise malformed(error.message) from None
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise malformed(f"exactly these members are expected: {', '.join(sorted(_MEMBERS))}")
    schema = read_schema(value["types"], value["primaryType"])
    domain = read_struct(schema, DOMAIN, value["domain"], "domain")
    message = read_struct(schema, schema.primary, value["message"], "message")
    return TypedData(schema, domain, message)
