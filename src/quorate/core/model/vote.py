"""The vote: a keeper's signature that its judge allows exactly these items in exactly this session
(docs/spec/vote.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from quorate.core.model import canonical, labels, members
from quorate.core.model.canonical import Reader, lp, lp_text
from quorate.core.model.intent import MAX_CONTENT, Item

T = TypeVar("T")

MAX_ITEMS: Final = 16
FORM: Final = "vote_form"
RANDOMNESS: Final = {0: 32, 1: 64, 2: 66}
"""Bytes of an item's randomness by scheme: fresh bytes for ECDSA, two FROST commitments for the others."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signer's tally head: SHA-256 of its newest entry, 32 zero bytes where `count` is 0."""

    signer: str
    count: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Vote:
    """The first ten fields are shared by all votes of a session; the others are the voter's own. Times in
    ms.
    """

    cluster: str
    charter_hash: bytes
    freeze_count: int
    freeze_hash: bytes
    key: str
    epoch: int
    intent_hash: bytes
    attempt_hash: bytes
    items: tuple[Item, ...]
    members: tuple[str, ...]
    session: int
    voter: str
    incarnation: int
    time_ms: int
    randomness: tuple[bytes, ...]
    heads: tuple[Head, ...]

    @property
    def shared_bytes(self) -> bytes:
        return b"".join(
            (
                lp_text(self.cluster),
                self.charter_hash,
                u64(self.freeze_count),
                self.freeze_hash,
                lp_text(self.key),
                self.epoch.to_bytes(4, "big"),
                self.intent_hash,
                self.attempt_hash,
                len(self.items).to_bytes(2, "big"),
                *(_item_bytes(item) for item in self.items),
                bytes([len(self.members)]),
                *(lp_text(member) for member in self.members),
                u64(self.session),
            )
        )

    @property
    def session_id(self) -> bytes:
        return canonical.digest(labels.SESSION, self.shared_bytes)

    def to_bytes(self) -> bytes:
        return b"".join(
            (
                self.shared_bytes,
                lp_text(self.voter),
                self.incarnation.to_bytes(4, "big"),
                u64(self.time_ms),
                len(self.randomness).to_bytes(2, "big"),
                *(lp(r) for r in self.randomness),
                bytes([len(self.heads)]),
                *(lp_text(h.signer) + u64(h.count) + h.head for h in self.heads),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Vote":
        """Form only. Raises QuorateError vote_form."""
        r = Reader(data, FORM)
        vote = cls(
            cluster=read_cluster(r),
            charter_hash=r.take(32),
            freeze_count=r.u64(),
            freeze_hash=r.take(32),
            key=read_id(r),
            epoch=r.u32(),
            intent_hash=r.take(32),
            attempt_hash=r.take(32),
            items=_many(r.u16(), lambda: _read_item(r)),
            members=_many(r.u8(), lambda: read_id(r)),
            session=r.u64(),
            voter=read_id(r),
            incarnation=r.u32(),
            time_ms=r.u64(),
            randomness=_many(r.u16(), r.lp),
            heads=_many(r.u8(), lambda: Head(read_id(r), r.u64(), r.take(32))),
        )
        r.end()
        _check_form(r, vote)
        return vote


def _check_form(r: Reader, vote: Vote) -> None:
    if not 1 <= len(vote.items) <= MAX_ITEMS or len(vote.randomness) != len(vote.items):
        raise r.refuse(f"1 to {MAX_ITEMS} items, with one randomness for each, are expected")
    for item, randomness in zip(vote.items, vote.randomness, strict=True):
        if len(randomness) != RANDOMNESS[item.scheme]:
            raise r.refuse("randomness is 32 bytes, two points of 32 (Ed25519), or two points of 33 (BIP340)")
    if len(set(vote.members)) != len(vote.members) or vote.voter not in vote.members:
        raise r.refuse("members are listed once each and the voter is one of them")
    if len({head.signer for head in vote.heads}) != len(vote.heads):
        raise r.refuse("each signer has one tally head")


def _read_item(r: Reader) -> Item:
    scheme = r.u8()
    path = _many(r.u8(), r.u32)
    message = r.lp()
    if scheme > 2:
        raise r.refuse("the scheme of an item is 0 (ECDSA), 1 (Ed25519) or 2 (BIP340)")
    if not 2 <= len(path) <= 10 or max(path) >= 1 << 31:
        raise r.refuse("a path has 2 to 10 indexes below 2^31")
    if not 1 <= len(message) <= MAX_CONTENT or (scheme != 1 and len(message) != 32):
        raise r.refuse(f"an item signs 32 bytes, or by Ed25519 1 to {MAX_CONTENT} bytes")
    return Item(scheme, path, message)


def _item_bytes(item: Item) -> bytes:
    path = b"".join(index.to_bytes(4, "big") for index in item.path)
    return bytes([item.scheme, len(item.path)]) + path + lp(item.message)


def _many(count: int, read: Callable[[], T]) -> tuple[T, ...]:
    return tuple(read() for _ in range(count))


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def read_cluster(r: Reader) -> str:
    text = r.lp_text()
    if not members.is_hex(text, 16):
        raise r.refuse("a cluster is named by 32 lower-case hexadecimal digits")
    return text


def read_id(r: Reader) -> str:
    text = r.lp_text()
    if not members.is_identifier(text):
        raise r.refuse("an id of the form [a-z0-9][a-z0-9-]{0,31} is expected")
    return text
