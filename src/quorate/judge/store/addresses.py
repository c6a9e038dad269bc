"""Whom this signer knows: addresses of own accounts that requests named, and addresses that were paid."""

from collections.abc import Iterable

from quorate.core.policy.addresses import lookalike_start
from quorate.judge.store.database import Database


class Addresses:
    """Read by the beginning that lookalikes share, so that a look costs the same however many there are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add_own(self, chain: str, address: str, account: str) -> None:
        """Kept for ever. `address` was derived from the key certificate."""
        self._db.write(
            "INSERT INTO own_addresses VALUES (?, ?, ?) ON CONFLICT (chain, address) DO NOTHING",
            (chain, address, account),
        )

    def own_like(self, chain: str, addresses: Iterable[str]) -> dict[str, str]:
        """Own addresses on a chain that are, or look like, one of these: address -> vault account."""
        found: dict[str, str] = {}
        for start, end in _ranges(addresses):
            rows = self._db.read(
                """SELECT address, account FROM own_addresses
                   WHERE chain = ? AND lower(address) >= ? AND lower(address) < ?""",
                (chain, start, end),
            )
            found.update((address, account) for address, account in rows)
        return found

    def paid_like(self, addresses: Iterable[str]) -> frozenset[str]:
        """Addresses to which anything was let through, by anybody's record, that look like one of these."""
        found: set[str] = set()
        for start, end in _ranges(addresses):
            found.update(address for (address,) in self._db.read(_PAID, {"start": start, "end": end}))
        return frozenset(found)


def _ranges(addresses: Iterable[str]) -> set[tuple[str, str]]:
    """What begins with a text lies from that text up to the text with its last character raised."""
    starts = {lookalike_start(address) for address in addresses}
    return {(start, start[:-1] + chr(ord(start[-1]) + 1)) for start in starts if start}


_PAID = """
    SELECT destination FROM reservations WHERE lower(destination) >= :start AND lower(destination) < :end
    UNION
    SELECT destination FROM tally WHERE lower(destination) >= :start AND lower(destination) < :end
"""
