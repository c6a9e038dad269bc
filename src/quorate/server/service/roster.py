"""Which t signers to ask next."""

import time
from collections.abc import Collection
from typing import Final

from quorate.server.link.hub import Hub

SUSPECT_FOR: Final = 5.0
"""Seconds for which a signer that failed to answer is the last choice."""


class Roster:
    """The least recently chosen signers come first, so that work is spread and one that came back is used at
    once.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._turn = 0
        self._last_turn: dict[str, int] = {}
        self._suspect_until: dict[str, float] = {}

    def choose(
        self, *, without: Collection[str] = (), prefer: Collection[str] = ()
    ) -> tuple[str, ...] | None:
        """t ready signers in order of the charter's index; None when there are too few. `prefer` goes before
        the order of turns.
        """
        charter = self._hub.book.charter
        now = time.monotonic()
        candidates = [signer for signer in self._hub.ready() if signer not in without]
        if len(candidates) < charter.threshold:
            return None
        candidates.sort(
            key=lambda s: (
                not self._hub.agrees(s),
                self._suspect_until.get(s, 0.0) > now,
                bool(prefer) and s not in prefer,
                self._last_turn.get(s, 0),
            )
        )
        chosen = candidates[: charter.threshold]
        for signer in chosen:  # one turn each: with one for all, the same signer would be in every set
            self._turn += 1
            self._last_turn[signer] = self._turn
        return tuple(signer.id for signer in charter.signers if signer.id in chosen)

    def suspect(self, signer: str) -> None:
        """It did not answer in time or went away in the middle."""
        self._suspect_until[signer] = time.monotonic() + SUSPECT_FOR

    def trust(self, signer: str) -> None:
        self._suspect_until.pop(signer, None)
