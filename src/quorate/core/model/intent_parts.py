"""The parts of an intent, and their strict readers (docs/spec/intent.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm.message import FORMATS as MESSAGE_FORMATS
from quorate.core.model import members
from quorate.core.model.chain_address import address_on, contract_on
from quorate.core.model.members import Members

TRANSFER: Final = "TRANSFER"
RAW: Final = "RAW"
CONTRACT_CALL: Final = "CONTRACT_CALL"
TYPED_MESSAGE: Final = "TYPED_MESSAGE"
OPERATIONS: Final = (TRANSFER, RAW, CONTRACT_CALL, TYPED_MESSAGE)
MESSAGE_OPERATIONS: Final = (RAW, TYPED_MESSAGE)
"""What is signed lies in the intent itself: there are no bytes to build, and nothing is broadcast."""
DESTINATION_TYPES: Final = ("own_account", "whitelist", "one_time")

ECDSA_SECP256K1: Final = "ecdsa-secp256k1"
ED25519: Final = "ed25519"
SCHEMES: Final[Mapping[str, int]] = {ECDSA_SECP256K1: 0, ED25519: 1}
"""Text in JSON structures -> number in votes (docs/spec/vote.md); 2 is BIP340, which no
RAW message asks for: the dialects have no name for it."""
CURVES: Final[Mapping[str, str]] = {ECDSA_SECP256K1: "secp256k1", ED25519: "ed25519"}

RAW_FORMAT: Final = "raw"
MAX_MESSAGES: Final = 16
MAX_CONTENT: Final = 65_536
MAX_CALL_DATA: Final = 65_536

MESSAGE_TYPES: Final = tuple(MESSAGE_FORMATS)


@dataclass(frozen=True, slots=True)
class Source:
    """Where value comes from; no account for RAW on a bare path."""

    vault_account: str | None


@dataclass(frozen=True, slots=True)
class Destination:
    """`id` is the vault account or whitelist id; None for a one-time address."""

    type: str
    id: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A requested effect: native_transfer (token is None) or token_transfer (token is the contract).
    Smallest unit.
    """

    type: str
    to: str
    amount: int
    token: str | None = None

    def to_json(self) -> dict[str, object]:
        body: dict[str, object] = {"type": self.type, "to": self.to, "amount": str(self.amount)}
        return body if self.token is None else {**body, "token": self.token}


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message. RAW: for ECDSA the 32-byte digest itself, for Ed25519 the message of 1..65,536 bytes.
    TYPED_MESSAGE has a `type`: the canonical JSON of the typed data (EIP712), or the message without its
    prefix (EIP191); what is signed is its digest.
    """

    content: bytes
    path: tuple[int, ...]
    scheme: str
    type: str | None = None

    def to_json(self) -> dict[str, object]:
        body: dict[str, object] = {
            "content": self.content.hex(),
            "path": list(self.path),
            "scheme": self.scheme,
        }
        return body if self.type is None else {**body, "type": self.type}


def read_source(value: object, where: str) -> Source:
    return Source(Members(value, where, ("vault_account",)).optional("vault_account", members.account))


def read_destination(value: object, where: str, chain: str) -> Destination:
    m = Members(value, where, ("type", "id", "address"))
    kind = m.one_of("type", DESTINATION_TYPES)
    address = address_on(chain, m.raw("address"), m.at("address"))
    if kind == "one_time":
        if m.raw("id") is not None:
            raise m.bad("id", "a one-time address has no id")
        return Destination(kind, None, address)
    read = members.account if kind == "own_account" else members.name_id
    return Destination(kind, read(m.raw("id"), m.at("id")), address)


def read_effect(value: object, where: str, chain: str) -> Effect:
    token = isinstance(value, dict) and value.get("type") == "token_transfer"
    m = Members(value, where, ("type", "to", "amount", "token") if token else ("type", "to", "amount"))
    kind = m.one_of("type", ("native_transfer", "token_transfer"))
    contract = contract_on(chain, m.raw("token"), m.at("token")) if token else None
    return Effect(kind, address_on(chain, m.raw("to"), m.at("to")), m.amount("amount"), contract)


def read_message(value: object, where: str) -> RawMessage:
    m = Members(value, where, ("content", "path", "scheme"), ("type",))
    scheme = m.one_of("scheme", tuple(SCHEMES))
    kind = m.one_of("type", MESSAGE_TYPES) if "type" in m else None
    content = m.hex("content")
    check_content(content, scheme, m.at("content"), kind)
    return RawMessage(content, members.path(m.raw("path"), m.at("path")), scheme, kind)


def read_call_data(value: object, where: str) -> bytes:
    data = members.hex_bytes(value, where)
    check_call_data(data, where)
    return data


def check_call_data(data: bytes, where: str) -> None:
    """Raises wrong_type."""
    if not 1 <= len(data) <= MAX_CALL_DATA:
        raise members.bad(where, f"call data of 1 to {MAX_CALL_DATA} bytes is expected, this has {len(data)}")


def check_content(content: bytes, scheme: str, where: str, kind: str | None = None) -> None:
    """Length of a message; only RAW signs a digest as it is. Raises wrong_type."""
    if kind is None and scheme == ECDSA_SECP256K1 and len(content) != 32:
        raise members.bad(where, f"ECDSA content is exactly 32 bytes, this has {len(content)}")
    if not 1 <= len(content) <= MAX_CONTENT:
        raise members.bad(where, f"content of 1 to {MAX_CONTENT} bytes is expected, this has {len(content)}")


def read_path(value: object, where: str) -> tuple[int, ...]:
    return () if value == [] else members.path(value, where)


def destination_json(destination: Destination | None) -> dict[str, object] | None:
    if destination is None:
        return None
    return {"type": destination.type, "id": destination.id, "address": destination.address}
