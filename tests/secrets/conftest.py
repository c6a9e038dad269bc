"""A cluster under the passphrase seal that has signed on both curves, and all its secrets."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from quorate.client.ceremony.processes import recorded
from tests.secrets import needles
from tests.secrets.needles import Needle
from tests.secrets.scan import Haystack
from tests.small_cluster import EDDSA, SECP, SIGNERS, SmallCluster, passphrase_fd, small_cluster

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Signed:
    """`held`: the processes of `signer init`, kept alive after they were done."""

    cluster: SmallCluster
    held: dict[str, subprocess.Popen[bytes]]
    needles: list[Needle]
    haystack: Haystack

    def keeper(self, id: str) -> int:
        return recorded(self.cluster.signer(id) / "run.json")["keeper"].pid


@pytest.fixture(scope="session")
def proc_mem() -> None:
    """Whether this machine lets one process read another's memory."""
    try:
        with open(f"/proc/{os.getppid()}/mem", "rb"), open(f"/proc/{os.getppid()}/pagemap", "rb"):
            pass
    except OSError as error:
        pytest.skip(f"proc-mem: {error}")
    if os.geteuid() != 0:
        pytest.skip("proc-mem: not root")


@pytest.fixture(scope="session")
def signed(proc_mem: None) -> Iterator[Signed]:
    with small_cluster(sealed_by_passphrase=True) as cluster:
        cluster.init_server()
        with ThreadPoolExecutor() as pool:
            held = dict(zip(SIGNERS, pool.map(lambda id: _init(cluster, id), SIGNERS), strict=True))
        try:
            cluster.make_charter()
            cluster.start()
            cluster.start_server()
            cluster.all_vote()
            for key in (SECP, EDDSA):
                cluster.create_key(key)
            _sign(cluster)
            found = [needle for id in SIGNERS for needle in _needles(cluster, id)]
            yield Signed(cluster, held, found, Haystack(found))
        finally:
            for process in held.values():
                with suppress(BrokenPipeError):
                    process.communicate(timeout=10)


def _init(cluster: SmallCluster, id: str) -> subprocess.Popen[bytes]:
    """Runs `signer init`; what it prints becomes a file of the cluster like any other."""
    with passphrase_fd(cluster.passphrases[id]) as (fds, options):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.secrets.hold", *cluster.init_arguments(id), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=fds,
            cwd=ROOT,
        )
    assert process.stdout
    lines: list[bytes] = []
    while not (line := process.stdout.readline()).startswith(b"held"):
        assert line, lines
        lines.append(line)
    assert line == b"held 0\n", lines
    (cluster.folder / "logs" / f"{id}.init").write_bytes(b"".join(lines))
    return process


def _sign(cluster: SmallCluster) -> None:
    """Often enough that every signer was in both kinds of session."""
    requester = cluster.requester()
    for _ in range(4):
        for algorithm, path in (("MPC_ECDSA_SECP256K1", [1729, 0, 0]), ("MPC_EDDSA_ED25519", [1729, 1, 0])):
            outcome = requester.sign_raw(algorithm, path, secrets.token_bytes(32))
            assert outcome.status == "COMPLETED", outcome


def _needles(cluster: SmallCluster, id: str) -> list[Needle]:
    """Read while the judge stands still, so that the copy of its database is whole."""
    judge = cluster.daemons[id].pid
    os.kill(judge, signal.SIGSTOP)
    try:
        return needles.of_signer(cluster.signer(id), id, cluster.passphrases[id])
    finally:
        os.kill(judge, signal.SIGCONT)
