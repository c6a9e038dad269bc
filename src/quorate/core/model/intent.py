"""What a requester wants (intent), the exact bytes (attempt), what is signed for them (items)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from quorate.core.chains.evm.message import digest as message_digest
from quorate.core.chains.to_sign import EVM_TX, TO_SIGN, Payer, ToSign, format_of
from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels, members
from quorate.core.model.intent_parts import (
    CONTRACT_CALL,
    CURVES,
    DESTINATION_TYPES,
    ECDSA_SECP256K1,
    ED25519,
    MAX_CONTENT,
    MAX_MESSAGES,
    MESSAGE_OPERATIONS,
    OPERATIONS,
    RAW,
    RAW_FORMAT,
    SCHEMES,
    TRANSFER,
    TYPED_MESSAGE,
    Destination,
    Effect,
    RawMessage,
    Source,
    check_content,
    destination_json,
    read_call_data,
    read_destination,
    read_effect,
    read_message,
    read_path,
    read_source,
)
from quorate.core.model.members import Members

__all__ = [
    "CONTRACT_CALL",
    "CURVES",
    "DESTINATION_TYPES",
    "ECDSA_SECP256K1",
    "ED25519",
    "EVM_TX",
    "MAX_CONTENT",
    "MAX_MESSAGES",
    "MESSAGE_OPERATIONS",
    "OPERATIONS",
    "RAW",
    "RAW_FORMAT",
    "SCHEMES",
    "TRANSFER",
    "TYPED_MESSAGE",
    "Attempt",
    "Destination",
    "Effect",
    "Intent",
    "Item",
    "RawMessage",
    "Source",
    "check_content",
    "check_shape",
    "format_for",
    "items",
    "request_id",
    "sort_effects",
    "to_sign",
]


@dataclass(frozen=True, slots=True)
class Intent:
    """docs/spec/intent.md, member by member. Amounts in the smallest unit, times in Unix seconds.

    `data` is the call data of a CONTRACT_CALL; other intents do not have the member at all.
    """

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
    data: bytes | None = None

    @property
    def signs_messages(self) -> bool:
        """Whether what is signed lies in the intent, and no transaction is built for it."""
        return self.operation in MESSAGE_OPERATIONS

    def to_bytes(self) -> bytes:
        """Canonical bytes. Raises not_canonical when a value has no canonical form."""
        call = {} if self.data is None else {"data": self.data.hex()}
        return canonical.encode(
            {
                **call,
                "cluster": self.cluster,
                "charter": self.charter.hex(),
                "dialect": self.dialect,
                "request_id": self.request_id.hex(),
                "user": self.user,
                "external_id": self.external_id,
                "operation": self.operation,
                "source": {"vault_account": self.source.vault_account},
                "destination": destination_json(self.destination),
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
        return _intent_hash(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Intent":
        """Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type, intent_shape."""
        m = Members(canonical.decode(data), "intent", INTENT_MEMBERS, ("data",))
        chain = m.optional("chain", members.text)
        operation = m.one_of("operation", OPERATIONS)
        least = 0 if operation == CONTRACT_CALL else 1
        intent = cls(
            cluster=m.cluster(),
            charter=m.hex("charter", 32),
            dialect=m.one_of("dialect", ("fireblocks",)),
            request_id=m.hex("request_id", 32),
            user=m.printable("user"),
            external_id=m.optional("external_id", members.printable),
            operation=operation,
            source=read_source(m.raw("source"), m.at("source")),
            destination=m.optional("destination", lambda value, at: read_destination(value, at, chain or "")),
            asset=m.optional("asset", members.name_id),
            amount=m.optional("amount", lambda value, where: members.amount(value, where, least)),
            key=m.identifier("key"),
            chain=chain,
            path=read_path(m.raw("path"), m.at("path")),
            effects=m.array(
                "effects", lambda value, at: read_effect(value, at, chain or ""), longest=MAX_MESSAGES
            ),
            messages=m.array("messages", read_message, longest=MAX_MESSAGES),
            fee_ceiling=m.optional("fee_ceiling", members.amount),
            created_at=m.integer("created_at"),
            expires_at=m.integer("expires_at"),
            data=read_call_data(m.raw("data"), m.at("data")) if "data" in m else None,
        )
        check_shape(intent)
        return intent


INTENT_MEMBERS: Final = tuple(name for name in Intent.__dataclass_fields__ if name != "data")


def check_shape(intent: Intent) -> None:
    """Members that must or must not be there together. Raises QuorateError intent_shape."""
    if intent.expires_at <= intent.created_at:
        raise _shape("expires_at must be later than created_at")
    if list(intent.effects) != sort_effects(intent.effects):
        raise _shape("effects are sorted by their canonical bytes")
    if (intent.data is not None) != (intent.operation == CONTRACT_CALL):
        raise _shape("a CONTRACT_CALL has data, and nothing else has")
    _SHAPES[intent.operation](intent)


def _check_transfer(intent: Intent) -> None:
    _check_transaction(intent)
    if not intent.effects:
        raise _shape("a TRANSFER names its effects")


def _check_call(intent: Intent) -> None:
    """What the call does is not asked for in words: signers read it from the data."""
    _check_transaction(intent)
    if intent.effects:
        raise _shape("a CONTRACT_CALL has no effects beside its data")


def _check_transaction(intent: Intent) -> None:
    needed = (
        intent.destination,
        intent.asset,
        intent.amount,
        intent.chain,
        intent.fee_ceiling,
        intent.source.vault_account,
    )
    if None in needed or not intent.path:
        raise _shape(
            f"a {intent.operation} names source, destination, asset, amount, chain, path and fee_ceiling"
        )
    if intent.messages:
        raise _shape(f"a {intent.operation} has no messages")


def _check_messages(intent: Intent) -> None:
    if not intent.messages:
        raise _shape(f"{intent.operation} has 1 to 16 messages")
    if len({message.scheme for message in intent.messages}) != 1:
        raise _shape("all messages of a request are signed by one key, so they share one scheme")
    absent = (intent.destination, intent.amount, intent.fee_ceiling)
    if absent != (None, None, None) or intent.path or intent.effects:
        raise _shape(
            f"{intent.operation} has no destination, amount, fee_ceiling, path or effects of its own"
        )


def _check_typed(intent: Intent) -> None:
    _check_messages(intent)
    if None in (intent.source.vault_account, intent.asset, intent.chain):
        raise _shape("a TYPED_MESSAGE names account, asset and chain")
    if any(m.type is None or m.scheme != ECDSA_SECP256K1 for m in intent.messages):
        raise _shape(f"a TYPED_MESSAGE is of a type, and signed with {ECDSA_SECP256K1}")


def _check_raw(intent: Intent) -> None:
    _check_messages(intent)
    if any(message.type is not None for message in intent.messages):
        raise _shape("RAW messages have no type")
    if len({value is None for value in (intent.source.vault_account, intent.asset, intent.chain)}) != 1:
        raise _shape("RAW names account, asset and chain together, where they give the path, or none of them")


_SHAPES: Final[Mapping[str, Callable[[Intent], None]]] = {
    TRANSFER: _check_transfer,
    CONTRACT_CALL: _check_call,
    TYPED_MESSAGE: _check_typed,
    RAW: _check_raw,
}


def sort_effects(effects: tuple[Effect, ...]) -> list[Effect]:
    return sorted(effects, key=lambda effect: canonical.encode(effect.to_json()))


def request_id(user: str, nonce: str) -> bytes:
    """Names a request: hash of the API user and the token nonce, each length-prefixed."""
    return canonical.digest(labels.REQUEST_ID, canonical.lp_text(user) + canonical.lp_text(nonce))


@dataclass(frozen=True, slots=True)
class Attempt:
    """The exact bytes that are signed for an intent; empty for `raw`: its messages lie in the intent."""

    intent: bytes
    format: str
    data: bytes

    def to_bytes(self) -> bytes:
        return canonical.encode(
            {"intent": self.intent.hex(), "format": self.format, "bytes": self.data.hex()}
        )

    @property
    def hash(self) -> bytes:
        return _attempt_hash(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Attempt":
        """Raises QuorateError: not_canonical, unknown_member, missing_member, wrong_type."""
        m = Members(canonical.decode(data), "attempt", ("intent", "format", "bytes"))
        attempt = cls(m.hex("intent", 32), m.one_of("format", (*TO_SIGN, RAW_FORMAT)), m.hex("bytes"))
        if (attempt.format == RAW_FORMAT) != (attempt.data == b""):
            raise m.bad("bytes", "bytes are given for a transaction and empty for raw")
        return attempt


Item = ToSign
"""One signature to make."""


def items(intent: Intent, attempt: Attempt, root: tuple[bytes, bytes]) -> tuple[Item, ...]:
    """What is signed for this attempt, in order; `root` is the public key and chain code of the intent's key.

    Raises QuorateError attempt_mismatch when the two do not belong together, and what the decoder raises.
    """
    if attempt.intent != intent.hash:
        raise _mismatch("the attempt names another intent")
    if attempt.format != format_for(intent):
        raise _mismatch(f"format {attempt.format} does not carry out {intent.operation}")
    if attempt.format == RAW_FORMAT:
        return tuple(Item(SCHEMES[m.scheme], m.path, to_sign(m)) for m in intent.messages)
    payer = Payer(intent.chain or "", intent.path, *root)
    return tuple(TO_SIGN[attempt.format](attempt.data, payer))


def format_for(intent: Intent) -> str:
    """The format of the bytes that carry the intent out."""
    return RAW_FORMAT if intent.signs_messages else format_of(intent.chain or "")


def to_sign(message: RawMessage) -> bytes:
    """RAW is signed as it is; a typed message by the digest that is made here from its own content.

    Raises QuorateError: too_large; malformed_typed_data.
    """
    return message.content if message.type is None else message_digest(message.type, message.content)


def _text_or_none(value: int | None) -> str | None:
    return None if value is None else str(value)


def _shape(message: str) -> QuorateError:
    return QuorateError("intent_shape", message, "caller", "see docs/spec/intent.md")


def _mismatch(message: str) -> QuorateError:
    return QuorateError("attempt_mismatch", message, "peer", "build the attempt from this intent")


@lru_cache(maxsize=1024)
def _intent_hash(intent: Intent) -> bytes:
    """Immutable, and asked for at every step of a request."""
    return canonical.digest(labels.INTENT, intent.to_bytes())


@lru_cache(maxsize=1024)
def _attempt_hash(attempt: Attempt) -> bytes:
    return canonical.digest(labels.ATTEMPT, attempt.to_bytes())
