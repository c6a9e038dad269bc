"""The tally entry: a signer's durable record of what it let through, in a hash chain (docs/spec/tally.md)."""

from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels, members
from quorate.core.model.canonical import Reader, lp_text
from quorate.core.model.intent import Intent
from quorate.core.model.vote import read_cluster, u64

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
        """Raises QuorateError: not_canonical, wrong_type, tally_form."""
        r = Reader(data)
        entry = cls(
            cluster=read_cluster(r),
            signer=members.identifier(r.lp_text(), "tally.signer"),
            count=r.u64(),
            previous_head=r.take(32),
            intent_hash=r.take(32),
            attempt_hash=r.take(32),
            time_ms=r.u64(),
            user=members.printable(r.lp_text(), "tally.user"),
            operation=r.lp_text(),
            source=r.lp_text(),
            destination=r.lp_text(),
            asset=r.lp_text(),
            amount=members.amount(r.lp_text(), "tally.amount"),
            expires_at=r.u64(),
        )
        r.end()
        if entry.count == 0 or (entry.count == 1) != (entry.previous_head == NO_HEAD):
            raise QuorateError(
                "tally_form", "entries count from 1, and the first alone follows 32 zero bytes", "peer"
            )
        return entry


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
