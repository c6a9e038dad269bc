"""The tally entry: a signer's durable record of what it let through, in a hash chain (docs/spec/tally.md)."""

from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels, members
from quorate.core.model.canonical import Reader, lp_text
from quorate.core.model.intent import Intent
from quorate.core.model.vote import read_cluster, read_id, u64

FORM: Final = "tally_form"
MAX_FIELD: Final = 255
NO_HEAD: Final = bytes(32)
"""The head before the first entry."""


@dataclass(frozen=True, slots=True)
class TallyEntry:
    """`count` starts at 1. `time_ms` by the reserving signer's clock, `expires_at` in seconds, `amount` in
    the smallest unit.
    """

    cluster: str
    signer: str
    count: int
    previous_head: bytes
    intent_hash: bytes
    attempt_hash: bytes
    time_ms: int
    user: str
    operation: str
    source: str
    destination: str
    asset: str
    amount: int
    expires_at: int

    @property
    def head(self) -> bytes:
        """The head after this entry."""
        return canonical.digest(labels.TALLY, self.to_bytes())

    def to_bytes(self) -> bytes:
        return b"".join(
            (
                lp_text(self.cluster),
                lp_text(self.signer),
                u64(self.count),
                self.previous_head,
                self.intent_hash,
                self.attempt_hash,
                u64(self.time_ms),
                lp_text(self.user),
                lp_text(self.operation),
                lp_text(self.source),
                lp_text(self.destination),
                lp_text(self.asset),
                lp_text(str(self.amount)),
                u64(self.expires_at),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "TallyEntry":
        """Raises QuorateError: tally_form, tally_fields (a text or the amount)."""
        r = Reader(data, FORM)
        entry = cls(
            cluster=read_cluster(r),
            signer=read_id(r),
            count=r.u64(),
            previous_head=r.take(32),
            intent_hash=r.take(32),
            attempt_hash=r.take(32),
            time_ms=r.u64(),
            user=_field(r),
            operation=_field(r),
            source=_field(r),
            destination=_field(r),
            asset=_field(r),
            amount=_amount(r),
            expires_at=r.u64(),
        )
        r.end()
        if entry.count == 0 or (entry.count == 1) != (entry.previous_head == NO_HEAD):
            raise r.refuse("entries count from 1, and the first alone follows 32 zero bytes")
        return entry


def _field(r: Reader) -> str:
    text = r.lp_text()
    if len(text.encode("utf-8")) > MAX_FIELD:
        raise QuorateError("tally_fields", f"a text of an entry has at most {MAX_FIELD} bytes")
    return text


def _amount(r: Reader) -> int:
    text = r.lp_text()
    if not members.is_amount(text):
        raise QuorateError("tally_fields", "the amount of an entry is a decimal number below 2^256")
    return int(text)


def fields(intent: Intent) -> tuple[str, str, str, str, str, int, int]:
    """What an intent puts into an entry: user, operation, source, destination, asset, amount, expires_at."""
    return (
        intent.user,
        intent.operation,
        intent.source.vault_account or "",
        intent.destination.address if intent.destination else "",
        intent.asset or "",
        intent.amount or 0,
        intent.expires_at,
    )
