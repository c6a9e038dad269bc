"""The floor: the same cluster, judges, server, votes and fsync; only the keepers sign with one local key.

`bench/floor-keeper` says what that program is, and that it is no keeper.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from bench.cluster import Cluster
from bench.machine import ROOT
from quorate.client.ceremony import files, judge, processes
from quorate.core.errors import QuorateError

BUILD: Final = ("cargo", "build", "--quiet", "--release", "--locked", "-p", "quorate-bench-floor")
TARGET: Final = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM: Final = TARGET / "release/quorate-bench-floor"
JUDGE: Final = (sys.executable, "-m", "quorate.judge.main")
PATIENCE: Final = 30.0


def replace_signers(cluster: Cluster) -> None:
    """Stops the cluster's signers and starts them anew on the floor's keepers. The cluster is good for
    nothing else afterwards. Raises RuntimeError.
    """
    subprocess.run(BUILD, cwd=ROOT, check=True)
    cluster.pool.mkdir(mode=0o700)
    signers = cluster.dev["signers"]
    for signer in signers:
        cluster.signer("stop", signer["id"])
    link = files.read_json(cluster.folder / "server" / "server.ready")["link"]
    for signer in signers:
        _start(Path(signer["dir"]), str(link), cluster.pool, cluster.home / f"floor-{signer['id']}.log")
    for signer in signers:
        _wait(Path(signer["dir"]))
    document = cluster.dev
    for signer in document["signers"]:
        running = processes.recorded(Path(signer["dir"]) / "run.json")
        signer["pid"], signer["keeper_pid"] = running["judge"].pid, running["keeper"].pid
    files.write_json(cluster.folder / "dev.json", document)


def _start(folder: Path, link: str, pool: Path, log: Path) -> None:
    """As `quorate signer run`, with another keeper."""
    configuration: dict[str, Any] = files.read_json(folder / "signer.json")
    judge_end, keeper_end = socket.socketpair()
    with log.open("wb") as output, judge_end, keeper_end:
        seal = ("--key-file", configuration["key_file"], "--pool", pool)
        who = ("--judge-fd", keeper_end.fileno(), "--signer", configuration["id"])
        keeper = _spawn(keeper_end, output.fileno(), PROGRAM, *who, *seal)
        options = ("--dir", folder, "--keeper-fd", judge_end.fileno(), "--server", link)
        judge_pid = _spawn(judge_end, output.fileno(), *JUDGE, *options)
    processes.record(folder / "run.json", {"judge": judge_pid, "keeper": keeper})


def _spawn(end: socket.socket, log: int, *command: object) -> int:
    started = subprocess.Popen(
        [str(word) for word in command],
        pass_fds=(end.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    return started.pid


def _wait(folder: Path) -> None:
    """Until the signer may vote."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if judge.ask(folder, {"do": "status"})["may_vote"]:
                return
        except QuorateError:  # the judge is not there yet
            time.sleep(0.05)
        time.sleep(0.05)
    raise RuntimeError(f"the floor's signer in {folder} does not vote")
