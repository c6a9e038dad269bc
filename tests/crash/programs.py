"""The server and the signers as processes: started, armed with a fault point, killed, started again.

What an operator's service manager would do: a signer is judge and keeper together, and neither lives without
the other.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

from tests.hostile.launcher import ablation_keeper

START: Final = 60.0
"""Seconds within which a program must be ready, on a machine that does other things too."""
END: Final = 20.0


class Program(ABC):
    """One part of the cluster."""

    def __init__(self, name: str, folder: Path, logs: Path) -> None:
        self.name, self.folder = name, folder
        self.log = logs / f"{name}.log"
        self.starts = 0
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, fault: str = "") -> None:
        """Returns at once. `fault`: a point, or `point:k` for its k-th passage."""
        assert not self.alive, f"{self.name} runs"
        self.starts += 1
        self._processes = self._spawn(fault)

    @abstractmethod
    def _spawn(self, fault: str) -> dict[str, subprocess.Popen[bytes]]:
        """The processes by role; the role is the first word of the points that are in it."""

    @abstractmethod
    async def is_ready(self) -> bool: ...

    async def ready(self) -> None:
        """Raises AssertionError, with the end of the log, when it ends or takes too long instead."""
        until = time.monotonic() + START
        while not await self.is_ready():
            assert self.alive, f"{self.name} ended: {self.last_words()}"
            assert time.monotonic() < until, f"{self.name} is not ready: {self.last_words()}"
            await asyncio.sleep(0.05)

    @property
    def alive(self) -> bool:
        """Whether all of its processes run; one that was never started does not."""
        return bool(self._processes) and all(p.poll() is None for p in self._processes.values())

    async def died_at(self, point: str, within: float) -> None:
        """Waits until the fault point kills the process it is in; the signer's other one must follow.

        Raises TimeoutError when it is not reached, AssertionError when the process ended in another way.
        """
        role = point.split(".", 1)[0]
        async with asyncio.timeout(within):
            while self.alive:
                await asyncio.sleep(0.02)
        await self._ended()
        assert self._processes[role].returncode == -signal.SIGKILL, f"{point}: {self.last_words()}"

    async def kill(self) -> None:
        """kill -9 of everything at once."""
        for process in self._processes.values():
            process.kill()
        await self._ended()

    async def stop(self) -> None:
        """SIGTERM, as an operator stops it. Raises AssertionError when it does not end by itself."""
        next(iter(self._processes.values())).terminate()
        await self._ended()

    async def _ended(self) -> None:
        until = time.monotonic() + END
        while any(p.poll() is None for p in self._processes.values()):
            assert time.monotonic() < until, f"{self.name} does not end: {self.last_words()}"
            await asyncio.sleep(0.02)

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "it wrote nothing"

    def pids(self) -> dict[str, int]:
        return {role: process.pid for role, process in self._processes.items()}

    def destroy(self) -> None:
        """For the end of a test that failed."""
        for process in self._processes.values():
            process.kill()
            process.wait(END)


class Server(Program):
    """Keeps its ports over restarts: they are in server.json."""

    def _spawn(self, fault: str) -> dict[str, subprocess.Popen[bytes]]:
        (self.folder / "server.ready").unlink(missing_ok=True)
        command = [sys.executable, "-m", "quorate.server.main", "--dir", str(self.folder)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, env=environment(fault), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return {"server": process}

    async def is_ready(self) -> bool:
        return (self.folder / "server.ready").exists()

    @property
    def url(self) -> str:
        """Known before it runs for the first time."""
        http = json.loads((self.folder / "server.json").read_text())["http"]
        return f"http://{http['host']}:{http['port']}"

    @property
    def link(self) -> str:
        link = json.loads((self.folder / "server.json").read_text())["link"]
        return f"{link['host']}:{link['port']}"


class Signer(Program):
    """Judge and keeper over one socket pair, as `quorate signer run` starts them; the keeper is the build
    that has fault points.
    """

    def __init__(self, name: str, folder: Path, logs: Path, link: str) -> None:
        super().__init__(name, folder, logs)
        self._link = link

    def _spawn(self, fault: str) -> dict[str, subprocess.Popen[bytes]]:
        (self.folder / "judge.sock").unlink(missing_ok=True)
        judge_end, keeper_end = socket.socketpair()
        with self.log.open("ab") as log, judge_end, keeper_end:
            keeper = subprocess.Popen(
                [
                    *(str(ablation_keeper()), "shares", "--signer", self.name),
                    *("--judge-fd", str(keeper_end.fileno())),
                    *("--key-file", str(self.folder / "seal.key")),
                ],
                pass_fds=[keeper_end.fileno()], env={"QUORATE_FAULT": fault},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            judge = subprocess.Popen(
                [
                    *(sys.executable, "-m", "quorate.judge.main", "--dir", str(self.folder)),
                    *("--keeper-fd", str(judge_end.fileno())),
                    *("--server", self._link),
                ],
                pass_fds=[judge_end.fileno()],
                env=environment(fault) | {"QUORATE_ISOLATION": "same-user"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return {"judge": judge, "keeper": keeper}

    async def is_ready(self) -> bool:
        """May vote: it has a charter, and the others have said what they know of it."""
        state = await self.ask({"do": "status"})
        return state is not None and bool(state["may_vote"])

    async def ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        """Over its own socket; None when it does not answer."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.folder / "judge.sock", limit=1 << 20)
        except OSError:
            return None
        try:
            writer.write(json.dumps(question).encode() + b"\n")
            line = await reader.readline()
        except OSError:
            return None
        finally:
            writer.close()
        answer: dict[str, Any] | None = json.loads(line) if line else None
        return answer

    async def answers(self) -> None:
        """Waits until its socket is served."""
        async with asyncio.timeout(START):
            while await self.ask({"do": "status"}) is None:
                assert self.alive, f"{self.name} ended: {self.last_words()}"
                await asyncio.sleep(0.05)


def environment(fault: str) -> dict[str, str]:
    """Compiled modules are kept between the many starts, whatever the machine's own setting."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = str(Path(tempfile.gettempdir()) / "quorate-test-bytecode")
    return {**kept, "PYTHONPYCACHEPREFIX": cache, "QUORATE_FAULT": fault}
