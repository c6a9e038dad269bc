"""A terminal with somebody at it who types a passphrase when asked."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Sequence


class Terminal:
    """The controlling terminal of one program. Open until `close`: closing hangs the program up."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        self.shown = b""

    def start(
        self, command: Sequence[str], environment: dict[str, str], stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        """In a session of its own. `stdout`: another descriptor in its place."""
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=self._theirs,
            stdout=self._theirs if stdout is None else stdout,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(self._theirs)
        return process

    def answer(self, question: bytes, line: str, seconds: float = 30, *, hidden: bool = True) -> None:
        """Waits for the question and, where the answer is `hidden`, for the echo to be off, as somebody who
        looks would, then types.
        """
        limit, start = time.monotonic() + seconds, len(self.shown)
        while question not in self.shown[start:] or (hidden and self._echoes()):
            assert time.monotonic() < limit, self.shown.decode(errors="replace")
            self._read(0.05)
        os.write(self._ours, line.encode() + b"\n")

    def rest(self) -> bytes:
        """Everything that it showed so far."""
        while self._read(0):
            pass
        return self.shown

    def close(self) -> None:
        os.close(self._ours)

    def _echoes(self) -> bool:
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other end was closed
            return False
        self.shown += data
        return bool(data)
