"""A real cluster made for one test: three signers and a server on this machine, set up by the documented
commands. It signs RAW on both curves and needs no chain.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from quorate.client.ceremony import files, judge
from quorate.client.demo.sdk import Requester
from quorate.client.dev import commands, people, ports
from quorate.core.errors import QuorateError

SIGNERS: Final = ("signer-1", "signer-2", "signer-3")
SECP, EDDSA = "root-secp256k1", "root-ed25519"
_DRAFT: Final = """
mode: dev
threshold: 2
administrators: {quorum: 1, members: {alice: alice.pub}}
users: [{id: payments, name: Payments, role: requester, key: requester.pub}]
keys: {root-secp256k1: secp256k1, root-ed25519: ed25519}
raw_keys: {ecdsa-secp256k1: root-secp256k1, ed25519: root-ed25519}
policy: {rules: [{name: raw, operations: [RAW], verdict: allow}]}
"""


@dataclass
class SmallCluster:
    """`passphrases`: empty for signers under a key file. Daemons write to `folder`/logs."""

    folder: Path
    passphrases: dict[str, str] = field(default_factory=dict)
    draft: str = _DRAFT
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    chains: tuple[str, ...] = ()
    """CHAIN=URL of nodes; what the draft says of them is its own."""

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def charter(self) -> Path:
        return self.folder / "charter.json"

    def signer(self, id: str) -> Path:
        return self.folder / id

    def log(self, name: str) -> str:
        """What a daemon has written so far."""
        path = self.folder / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # ---- set-up

    def init_arguments(self, id: str) -> list[str]:
        """`quorate signer init` for one signer; a passphrase still needs its descriptor."""
        seal = ("--seal", "passphrase", "--mode", "dev") if self.passphrases else ("--seal", "key-file")
        place = ("--dir", str(self.signer(id)), "--id", id, "--server", self.link)
        return ["signer", "init", *place, *seal]

    def init_server(self) -> None:
        """Also the people. Everything that needs no signer."""
        files.make_folder(self.folder)
        files.make_folder(self.folder / "logs")
        self.link = f"127.0.0.1:{ports.free()}"
        http = f"127.0.0.1:{ports.free()}"
        nodes = [word for chain in self.chains for word in ("--chain", chain)]
        commands.run("server", "init", "--dir", self.server, "--http", http, "--link", self.link, *nodes)
        self.url = f"http://{http}"
        key = self.folder / "alice"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        people.make_user_key(self.folder / "requester.key")

    def init_signers(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda id: commands.run(*self.init_arguments(id)), SIGNERS))

    def make_charter(self) -> None:
        (self.folder / "draft.yaml").write_text(self.draft)
        enrolled = [word for id in SIGNERS for word in ("--signer", self.signer(id) / "enrolment.json")]
        about = ("--draft", self.folder / "draft.yaml", "--server", self.server / "enrolment.json")
        made = commands.run("charter", "new", *about, *enrolled, "--out", self.charter)
        self.hash = str(made["hash"])
        commands.run("charter", "sign", self.charter, "--key", self.folder / "alice")

    # ---- running

    def start(self, *ids: str, server: str | None = None) -> None:
        """Starts signers (all of them by default), and gives the charter to those that have none."""
        elsewhere = ("--server", server) if server else ()
        for id in ids or SIGNERS:
            self._spawn(id, ["signer", "run", "--dir", str(self.signer(id)), *elsewhere])
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._give_charter, ids or SIGNERS))

    def _give_charter(self, id: str) -> None:
        state = until(lambda: self.status(id), f"{id} starts: {self.log(id)}")
        if state["charter_version"] == 0:
            commands.run("charter", "activate", self.charter, "--dir", self.signer(id), "--hash", self.hash)

    def start_server(self, *program: str) -> None:
        """`program` in place of the real one; it takes the same options."""
        commands.run("charter", "activate", self.charter, "--dir", self.server)
        options = ["--dir", str(self.server)]
        self._spawn("server", options if program else ["server", "run", *options], program)
        until((self.server / "server.ready").exists, f"the server serves: {self.log('server')}")

    def all_vote(self) -> None:
        for id in SIGNERS:
            self.votes(id)

    def votes(self, id: str) -> None:
        """Returns when that signer may vote."""
        until(lambda: self.status(id)["may_vote"], f"{id} votes: {self.log(id)}")

    def create_key(self, key: str) -> Path:
        """Its certificate."""
        order, certificate = self.folder / f"{key}.order", self.folder / f"{key}.certificate"
        about = ("--charter", self.charter)
        commands.run("order", "sign", order, *about, "--key", self.folder / "alice", "--key-create", key)
        commands.run("key", "create", order, "--server", self.url, *about, "--out", certificate)
        return certificate

    def status(self, id: str) -> dict[str, Any]:
        return judge.ask(self.signer(id), {"do": "status"}, timeout=5)

    def requester(self) -> Requester:
        key = str(self.folder / "requester.key")
        return Requester({"api_key": "payments", "secret_key_file": key, "base_path": f"{self.url}/v1"})

    def _spawn(self, name: str, arguments: Sequence[str], program: Sequence[str] = ()) -> None:
        with passphrase_fd(self.passphrases.get(name)) as (fds, options):
            log = self.folder / "logs" / f"{name}.log"
            with log.open("ab") as output:
                self.daemons[name] = subprocess.Popen(
                    [*(program or commands.QUORATE), *arguments, *options],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=fds,
                )

    def stop(self, *names: str) -> None:
        """Asks to end, the judges first, and waits."""
        chosen = [self.daemons.pop(name) for name in names or tuple(self.daemons)]
        for daemon in chosen:
            daemon.terminate()
        for daemon in chosen:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


C = TypeVar("C", bound=SmallCluster)


@contextmanager
def small_cluster(
    *,
    sealed_by_passphrase: bool = False,
    kind: type[C] = SmallCluster,  # type: ignore[assignment]
    draft: str = _DRAFT,
    chains: tuple[str, ...] = (),
) -> Iterator[C]:
    """An empty cluster; ended and removed. Its path is short: that of a Unix socket has at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    made = (
        {id: " ".join(secrets.token_hex(4) for _ in range(4)) for id in SIGNERS}
        if sealed_by_passphrase
        else {}
    )
    cluster = kind(folder / "cluster", made, draft, chains=chains)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def passphrase_fd(passphrase: str | None) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """A pipe that holds a passphrase, and the option that names it; nothing for None."""
    if passphrase is None:
        yield (), ()
        return
    read, write = os.pipe()
    os.write(write, passphrase.encode() + b"\n")
    os.close(write)
    try:
        yield (read,), ("--passphrase-fd", str(read))
    finally:
        os.close(read)


def until(ready: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """The first true answer of `ready`; a signer that is not up yet is asked again."""
    limit = time.monotonic() + seconds
    while True:
        try:
            if answer := ready():
                return answer
        except QuorateError:
            pass
        assert time.monotonic() < limit, f"not after {seconds:.0f} s: {what}"
        time.sleep(0.05)
