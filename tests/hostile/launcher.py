"""Starts and stops one signer: the keeper and the judge over one socket pair, as `quorate signer run` does,
but
with a choice of the keeper's program and of the checks that are left out.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def keeper_program() -> Path:
    """The keeper that `make setup` installed, or that cargo built after it. Raises FileNotFoundError."""
    places = (Path(sys.executable).parent / "quorate-keeper", ROOT / "target/release/quorate-keeper")
    built = [place for place in places if place.exists()]
    if not built:
        raise FileNotFoundError("there is no quorate-keeper; make setup builds it")
    return max(built, key=lambda place: place.stat().st_mtime)


def environment(**more: str) -> dict[str, str]:
    """Ours, with compiled modules kept: these tests start hundreds of judges."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more


def ablation_keeper() -> Path:
    """The keeper that drops the checks it is told to; tools/ablation-keeper.sh builds it, for tests only."""
    return ROOT / "target/ablation/quorate-keeper"


@dataclass(frozen=True)
class Build:
    """What the signers of a cluster run. `keeper_drop` needs a keeper with the feature `ablation`. `lies`:
    the judge's tally entries say that nothing was moved.
    """

    keeper: Path
    judge_drop: frozenset[str] = frozenset()
    keeper_drop: frozenset[str] = frozenset()
    lies: bool = False


@dataclass
class Signer:
    """A signer's folder and, while it runs, its two processes. Its journal is what the judge writes on
    stderr.
    """

    folder: Path
    id: str
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _read: int = 0

    @property
    def log(self) -> Path:
        return self.folder / "signer.log"

    def start(self, build: Build, server: str) -> None:
        """Returns at once; the judge attaches to `server` when it is ready."""
        judge_end, keeper_end = socket.socketpair()
        key_file = str(self.folder / "seal.key")
        keeper = [str(build.keeper), "shares", "--judge-fd", str(keeper_end.fileno()), "--signer", self.id]
        judge = [sys.executable, "-m", "tests.hostile.judge_main", "--dir", str(self.folder)]
        judge_environment = environment(
            QUORATE_HOSTILE_DROP=",".join(sorted(build.judge_drop)),
            QUORATE_HOSTILE_LIE="1" if build.lies else "",
        )
        with self.log.open("ab") as log, judge_end, keeper_end:
            self._processes = [
                subprocess.Popen(
                    [*judge, "--keeper-fd", str(judge_end.fileno()), "--server", server],
                    pass_fds=[judge_end.fileno()], env=judge_environment, cwd=ROOT,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                ),
                subprocess.Popen(
                    [*keeper, "--key-file", key_file],
                    pass_fds=[keeper_end.fileno()],
                    env={"QUORATE_DROP_CHECKS": ",".join(sorted(build.keeper_drop))},
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                ),
            ]  # fmt: skip

    def stop(self, patience: float = 10.0) -> None:
        """SIGTERM to the judge; the keeper ends with it. What is left after `patience` seconds is killed."""
        for process in self._processes:
            if process is self._processes[0]:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes = []

    def alive(self) -> bool:
        return bool(self._processes) and all(process.poll() is None for process in self._processes)

    def journal(self) -> list[dict[str, Any]]:
        """The judge's lines since the last call."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            content = log.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        return list(_entries(whole.splitlines()))


def _entries(lines: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    for line in lines:
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry
