"""What the signers themselves say: the entries of their own audit logs, not the server's words."""

import time
from pathlib import Path
from typing import Any, Final

from quorate.core.audit import folder
from quorate.core.audit.events import Event
from quorate.core.errors import QuorateError

_PATIENCE: Final = 10.0


class SignerLogs:
    """Reads the audit folders of dev.json, as far as their checkpoints reach."""

    def __init__(self, signers: list[dict[str, Any]]) -> None:
        self._folders = [Path(signer["audit"]) for signer in signers]

    def all(self) -> list[Event]:
        return [event for audit in self._folders for event in _entries(audit)]

    def about(self, external_id: str) -> list[Event]:
        """All that the signers wrote about the request with this externalTxId."""
        events = self.all()
        intents = {
            event.data["intent"]
            for event in events
            if event.event == "admission" and event.data["external_id"] == external_id
        }
        return [event for event in events if event.data.get("intent") in intents]

    def wait_for(
        self, event: str, external_id: str, signers: int = 2, seconds: float = _PATIENCE
    ) -> list[Event]:
        """The entries of one kind about a request, once that many signers wrote one; after `seconds`, what
        there is.
        """
        until = time.monotonic() + seconds
        while True:
            found = [entry for entry in self.about(external_id) if entry.event == event]
            if len({entry.signer for entry in found}) >= signers or time.monotonic() > until:
                return found
            time.sleep(0.05)


def _read(audit: Path, name: str) -> bytes | None:
    path = audit / name
    return path.read_bytes() if path.is_file() else None


def _size(audit: Path) -> int:
    note = _read(audit, "checkpoint")
    return 0 if note is None else int(note.split(b"\n")[1])


def _entries(audit: Path) -> list[Event]:
    """A signer removes partial files that a newer checkpoint no longer needs: then it is read again."""
    while True:
        size = _size(audit)
        try:
            return [Event.from_leaf(leaf) for leaf in folder.entries(lambda name: _read(audit, name), size)]
        except QuorateError:
            if _size(audit) == size:
                raise
