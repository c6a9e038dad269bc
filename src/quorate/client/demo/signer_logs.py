"""What the signers themselves say: the entries of their own audit logs, not the server's words."""

import time
from pathlib import Path
from typing import Any, Final

from quorate.core.audit import folder
from quorate.core.audit.events import Event

_PATIENCE: Final = 10.0


class SignerLogs:
    """Reads the audit folders of dev.json; `mark` remembers where they end, `since` gives what came after."""

    def __init__(self, signers: list[dict[str, Any]]) -> None:
        self._folders = {signer["id"]: Path(signer["audit"]) for signer in signers}

    def mark(self) -> dict[str, int]:
        """The size of each signer's log now."""
        return {id: _size(audit) for id, audit in self._folders.items()}

    def since(self, mark: dict[str, int]) -> list[Event]:
        """The entries after `mark` that a checkpoint covers."""
        return [
            entry for id, audit in self._folders.items() for entry in _entries(audit, mark[id], _size(audit))
        ]

    def wait_for(self, event: str, mark: dict[str, int], signers: int) -> list[Event]:
        """The entries of one kind after `mark`, once that many signers wrote one; after a while, what
        there is.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            found = [entry for entry in self.since(mark) if entry.event == event]
            if len({entry.signer for entry in found}) >= signers or time.monotonic() > until:
                return found
            time.sleep(0.05)


def _read(audit: Path, name: str) -> bytes | None:
    path = audit / name
    return path.read_bytes() if path.is_file() else None


def _size(audit: Path) -> int:
    note = _read(audit, "checkpoint")
    return 0 if note is None else int(note.split(b"\n")[1])


def _entries(audit: Path, begin: int, size: int) -> list[Event]:
    return [Event.from_leaf(leaf) for leaf in folder.entries(lambda name: _read(audit, name), size, begin)]
