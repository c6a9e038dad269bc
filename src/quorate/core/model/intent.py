"""What a requester wants (intent), the exact bytes (attempt) and what is signed for them (items). docs/spec/intent.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm.digest import digest
from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels, members
from quorate.core.model.address import eip55
from quorate.core.model.members import Members

TRANSFER: Final = "TRANSFER"
RAW: Final = "RAW"
OPERATIONS: Final = (TRANSFER, RAW)
DESTINATION_TYPES: Final = ("own_account", "whitelist", "one_time")

ECDSA_SECP256K1: Final = "ecdsa-secp256k1"
ED25519: Final = "ed25519"
SCHEMES: Final[Mapping[str, int]] = {ECDSA_SECP256K1: 0, ED25519: 1}
"""Text in JSON structures -> number in votes (docs/spec/vote.md); 2 is BIP340."""
CURVES: Final[Mapping[str, str]] = {ECDSA_SECP256K1: "secp256k1", ED25519: "ed25519"}

EVM_TX: Final = "evm-tx"
RAW_FORMAT: Final = "raw"
MAX_MESSAGES: Final = 16
MAX_CONTENT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Source:
    """Where value comes from; no account for RAW on a bare path."""

    vault_account: str | None


@dataclass(frozen=True, slots=True)
class Destination:
    """`id` is the vault account or whitelist id; None for a one-time address. `address` is EIP-55 text."""

    type: str
    id: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A requested effect: native_transfer (token is None) or token_transfer (token is the contract). Smallest unit."""

    type: str
    to: str
    amount: int
    token: str | None = None

    def to_json(self) -> dict[str, object]:
        body: dict[str, object] = {"type": self.type, "to": self.to, "amount": str(self.amount)}
        return body if self.token is None else {**body, "token": self.token}


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One RAW message: for ECDSA the 32-byte digest itself, for Ed25519 the message of 1..65,536 bytes."""

    content: bytes
    path: tuple[int, ...]
    scheme: str

    def to_json(self) -> dict[str, object]:
        return {"content": self.content.hex(), "path": list(self.path), "scheme": self.scheme}


@dataclass(frozen=True, slots=True)
class Intent:
    """docs/spec/intent.md, member by member. Amounts in the smallest unit, times in Unix seconds."""

    cluster: str
    charter: bytes
    dialect: str
    request_id: bytes
    user: str
    external_id: str | None
    operation: str
    source: Source
    destination: Destination | None
    asset: str | None
    amount: int | None
    key: str
    chain: str | None
    path: tuple[int, ...]
    effects: tuple[Effect, ...]
    messages: tuple[RawMessage, ...]
    fee_ceiling: int | None
    created_at: int
    expires_at: int

    def to_bytes(self) -> bytes:
        """Canonical bytes. Raises not_canonical when a value has no canonical form."""
        return canonical.encode(
            {
                "cluster": self.cluster,
                "charter": self.charter.hex(),
                "dialect": self.dialect,
                "request_id": self.request_id.hex(),
                "user": self.user,
                "external_id": self.external_id,
                "operation": self.operation,
                "source": {"vault_account": self.source.vault_account},
                "destination": _destination_json(self.destination),
                "asset": self.asset,
                "amount": _text_or_none(self.amount),
                "key": self.key,
                "chain": self.chain,
                "path": list(self.path),
                "effects": [effect.to_json() for effect in sort_effects(self.effects)],
                "messages": [message.to_json() for message in self.messages],
                "fee_ceiling": _text_or_none(self.fee_ceiling),
                "created_at": self.created_at,
                "expires_at": self.expires_at,
            }
        )

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.INTENT, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Intent":
        """Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type, intent_shape."""
        m = Members(canonical.decode(data), "intent", INTENT_MEMBERS)
        intent = cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            dialect=m.one_of("dialect", ("fireblocks",)),
            request_id=m.hex("request_id", 32),
            user=m.printable("user"),
            external_id=m.optional("external_id", members.printable),
            operation=m.one_of("operation", OPERATIONS),
            source=_read_source(m.raw("source"), m.at("source")),
            destination=m.optional("destination", _read_destination),
            asset=m.optional("asset", members.name_id),
            amount=m.optional("amount", lambda value, where: members.amount(value, where, 1)),
            key=m.identifier("key"),
            chain=m.optional("chain", members.text),
            path=_read_path(m.raw("path"), m.at("path")),
            effects=m.array("effects", _read_effect, longest=MAX_MESSAGES),
            messages=m.array("messages", _read_message, longest=MAX_MESSAGES),
            fee_ceiling=m.optional("fee_ceiling", members.amount),
            created_at=m.integer("created_at"),
            expires_at=m.integer("expires_at"),
        )
        check_shape(intent)
        return intent


INTENT_MEMBERS: Final = tuple(Intent.__dataclass_fields__)


def check_shape(intent: Intent) -> None:
    """Members that must or must not be there together. Raises QuorateError intent_shape."""
    if intent.expires_at <= intent.created_at:
        raise _shape("expires_at must be later than created_at")
    if list(intent.effects) != sort_effects(intent.effects):
        raise _shape("effects are sorted by their canonical bytes")
    _check_transfer(intent) if intent.operation == TRANSFER else _check_raw(intent)


def _check_transfer(intent: Intent) -> None:
    needed = (
        intent.destination,
        intent.asset,
        intent.amount,
        intent.chain,
        intent.fee_ceiling,
        intent.source.vault_account,
    )
    if None in needed or not intent.path or not intent.effects:
        raise _shape(
            "a TRANSFER names source, destination, asset, amount, chain, path, effects and fee_ceiling"
        )
    if intent.messages:
        raise _shape("a TRANSFER has no messages")


def _check_raw(intent: Intent) -> None:
    if not intent.messages:
        raise _shape("RAW has 1 to 16 messages")
    if len({message.scheme for message in intent.messages}) != 1:
        raise _shape("all RAW messages of a request are signed by one key, so they share one scheme")
    absent = (intent.destination, intent.amount, intent.fee_ceiling)
    if absent != (None, None, None) or intent.path or intent.effects:
        raise _shape("RAW has no destination, amount, fee_ceiling, path or effects of its own")


def sort_effects(effects: tuple[Effect, ...]) -> list[Effect]:
    return sorted(effects, key=lambda effect: canonical.encode(effect.to_json()))


def request_id(user: str, nonce: str) -> bytes:
    """Names a request: hash of the API user and the token nonce, each length-prefixed."""
    return canonical.digest(labels.REQUEST_ID, canonical.lp_text(user) + canonical.lp_text(nonce))


@dataclass(frozen=True, slots=True)
class Attempt:
    """The exact bytes that are signed for an intent; empty for `raw`, whose content lies in the intent."""

    intent: bytes
    format: str
    data: bytes

    def to_bytes(self) -> bytes:
        return canonical.encode(
            {"intent": self.intent.hex(), "format": self.format, "bytes": self.data.hex()}
        )

    @property
    def hash(self) -> bytes:
        return canonical.digest(labels.ATTEMPT, self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Attempt":
        """Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type."""
        m = Members(canonical.decode(data), "attempt", ("intent", "format", "bytes"))
        attempt = cls(m.hex("intent", 32), m.one_of("format", (EVM_TX, RAW_FORMAT)), m.hex("bytes"))
        if (attempt.format == RAW_FORMAT) != (attempt.data == b""):
            raise m.bad("bytes", "bytes are given for evm-tx and empty for raw")
        return attempt


@dataclass(frozen=True, slots=True)
class Item:
    """One signature to make: scheme number of docs/spec/vote.md, path below the root key, digest or message."""

    scheme: int
    path: tuple[int, ...]
    message: bytes


def items(intent: Intent, attempt: Attempt) -> tuple[Item, ...]:
    """What is signed for this attempt, in order. Raises QuorateError attempt_mismatch when the two do not belong together."""
    if attempt.intent != intent.hash:
        raise _mismatch("the attempt names another intent")
    if attempt.format != (EVM_TX if intent.operation == TRANSFER else RAW_FORMAT):
        raise _mismatch(f"format {attempt.format} does not carry out {intent.operation}")
    if attempt.format == RAW_FORMAT:
        return tuple(Item(SCHEMES[m.scheme], m.path, m.content) for m in intent.messages)
    return (Item(SCHEMES[ECDSA_SECP256K1], intent.path, digest(attempt.data)),)


def _read_source(value: object, where: str) -> Source:
    return Source(Members(value, where, ("vault_account",)).optional("vault_account", members.account))


def _read_destination(value: object, where: str) -> Destination:
    m = Members(value, where, ("type", "id", "address"))
    kind = m.one_of("type", DESTINATION_TYPES)
    address = eip55(m.raw("address"), m.at("address"))
    if kind == "one_time":
        if m.raw("id") is not None:
            raise m.bad("id", "a one-time address has no id")
        return Destination(kind, None, address)
    read = members.account if kind == "own_account" else members.name_id
    return Destination(kind, read(m.raw("id"), m.at("id")), address)


def _read_effect(value: object, where: str) -> Effect:
    token = isinstance(value, dict) and value.get("type") == "token_transfer"
    m = Members(value, where, ("type", "to", "amount", "token") if token else ("type", "to", "amount"))
    kind = m.one_of("type", ("native_transfer", "token_transfer"))
    contract = eip55(m.raw("token"), m.at("token")) if token else None
    return Effect(kind, eip55(m.raw("to"), m.at("to")), m.amount("amount"), contract)


def _read_message(value: object, where: str) -> RawMessage:
    m = Members(value, where, ("content", "path", "scheme"))
    scheme = m.one_of("scheme", tuple(SCHEMES))
    content = m.hex("content")
    check_content(content, scheme, m.at("content"))
    return RawMessage(content, members.path(m.raw("path"), m.at("path")), scheme)


def check_content(content: bytes, scheme: str, where: str) -> None:
    """Length of RAW content. Raises wrong_type."""
    if scheme == ECDSA_SECP256K1 and len(content) != 32:
        raise members.bad(where, f"ECDSA content is exactly 32 bytes, this has {len(content)}")
    if not 1 <= len(content) <= MAX_CONTENT:
        raise members.bad(where, f"content of 1 to {MAX_CONTENT} bytes is expected, this has {len(content)}")


def _read_path(value: object, where: str) -> tuple[int, ...]:
    return () if value == [] else members.path(value, where)


def _destination_json(destination: Destination | None) -> dict[str, object] | None:
    if destination is None:
        return None
    return {"type": destination.type, "id": destination.id, "address": destination.address}


def _text_or_none(value: int | None) -> str | None:
    return None if value is None else str(value)


def _shape(message: str) -> QuorateError:
    return QuorateError("intent_shape", message, "caller", "see docs/spec/intent.md")


def _mismatch(message: str) -> QuorateError:
    return QuorateError("attempt_mismatch", message, "peer", "build the attempt from this intent")
