"""Token nonces already used, kept while the token could still pass. Signers keep their own, durably."""

import heapq

from quorate.core.errors import QuorateError


class NonceCache:
    """(user, nonce) is accepted once; forgotten when the token has expired anyway."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._by_expiry: list[tuple[int, tuple[str, str]]] = []

    def use(self, user: str, nonce: str, expires: int, now: int) -> None:
        """Raises QuorateError request_replayed."""
        while self._by_expiry and self._by_expiry[0][0] < now:
            self._seen.discard(heapq.heappop(self._by_expiry)[1])
        entry = (user, nonce)
        if entry in self._seen:
            raise QuorateError(
                "request_replayed",
                "this token was used before",
                "caller",
                "sign a new token for each request",
            )
        self._seen.add(entry)
        heapq.heappush(self._by_expiry, (expires, entry))
