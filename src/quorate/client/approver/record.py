"""What a machine approver answered: one JSON line each, on disk before anything leaves.

A file of a crashed run ends, at worst, in half a line, which was never acted on and is cut off at the next
start.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from quorate.client.ceremony import files
from quorate.core.errors import QuorateError

NAME: Final = "answers.jsonl"


class Record:
    """Held by one process at a time. `answers`: intent hash in hexadecimal -> its line."""

    def __init__(self, folder: Path) -> None:
        """Raises QuorateError: record_in_use, record_broken."""
        files.make_folder(folder)
        self._descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise QuorateError(
                "record_in_use",
                f"another approver keeps its record in {folder}",
                "state",
                "give each its own",
            ) from None
        self.answers: dict[str, Mapping[str, Any]] = {}
        self._load(folder / NAME)
        files.sync_folder(folder)

    def _load(self, path: Path) -> None:
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._descriptor, whole)
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                entry = json.loads(line)
                self.answers[entry["intent"]] = entry
            except (ValueError, KeyError, TypeError):
                raise QuorateError(
                    "record_broken", f"{path}: line {number} is no answer", "storage", "restore the file"
                ) from None

    def add(self, entry: Mapping[str, Any]) -> None:
        """Durable when it returns."""
        os.write(self._descriptor, json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        os.fsync(self._descriptor)
        self.answers[entry["intent"]] = entry

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
