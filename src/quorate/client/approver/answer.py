"""What a machine approver is told about one request, by its rules or by a callback."""

from dataclasses import dataclass
from typing import Final, Protocol

from quorate.client.approver.asked import Asked

APPROVE: Final = "APPROVE"
REJECT: Final = "REJECT"
IGNORE: Final = "IGNORE"
RETRY: Final = "RETRY"
ACTIONS: Final = (APPROVE, REJECT, IGNORE, RETRY)
FINAL: Final = (APPROVE, REJECT, IGNORE)


@dataclass(frozen=True, slots=True)
class Answer:
    """`by` says who or what decided; `reason` is for people."""

    action: str
    by: str
    reason: str = ""


class Source(Protocol):
    """Where a machine approver gets its answers."""

    def ask(self, asked: Asked, request_id: str) -> Answer:
        """Raises QuorateError when there is no answer."""
        ...
