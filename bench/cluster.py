"""The cluster that is measured: `quorate dev`, the same command that people run."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bench.requester import Requester
from bench.usage import Roles
from quorate.client.ceremony import documents, http, orders
from quorate.client.dev.commands import QUORATE
from quorate.core.model.charter import Charter
from quorate.core.model.records import KeyCertificate

PATIENCE: Final = 120.0
FOLDERS: Final = "/var/tmp"
"""On a disk, where an fsync costs something, on every system that follows the FHS; /tmp is often memory."""


class Cluster:
    """Three signers, t = 2, and a server, each with fsync and policy on. Leaving the context ends it, and
    removes it unless something failed.
    """

    charter: Charter
    certificates: dict[str, KeyCertificate]

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="quorate-bench-", dir=FOLDERS))
        self.folder = self._home / "cluster"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Where the cluster's files lie."""
        return self._home

    @property
    def pool(self) -> Path:
        """Where the floor's keepers put their shares together. Always removed."""
        return self._home / "pool"

    @property
    def dev(self) -> dict[str, Any]:
        """dev.json as it stands."""
        document: dict[str, Any] = json.loads((self.folder / "dev.json").read_text())
        return document

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the HTTP API."""
        host, port = self.dev["api"]["base_path"].removesuffix("/v1").removeprefix("http://").split(":")
        return host, int(port)

    def start(self) -> None:
        """Returns when the cluster serves and both keys exist.

        Raises RuntimeError with the end of its log.
        """
        log = self._home / "dev.log"
        command = [*QUORATE, "dev", "--dir", str(self.folder)]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        until = time.monotonic() + PATIENCE
        while not (self.folder / "dev.json").exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"quorate dev did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        charters = documents.read_verified(self.folder / "charter.json")
        proofs = http.call("http://{}:{}".format(*self.address), "/quorate/v1/keys")["keys"]
        self.charter = charters[-1]
        self.certificates = {key.key: key for key in (orders.verified(proof, charters) for proof in proofs)}

    def requester(self) -> Requester:
        return Requester(self.dev["api"], self.charter, self.certificates)

    def roles(self) -> Roles:
        """Process ids of now; a signer that is down has none."""
        dev = self.dev
        return {
            "server": [dev["server"]["pid"]],
            "judges": [signer["pid"] for signer in dev["signers"] if signer["pid"]],
            "keepers": [signer["keeper_pid"] for signer in dev["signers"] if signer["keeper_pid"]],
        }

    def signer(self, *words: str) -> None:
        """`quorate dev signer start|stop|kill ID`. Raises RuntimeError."""
        command = [*QUORATE, "dev", "signer", *words, "--dir", str(self.folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"quorate dev signer {' '.join(words)}: {done.stderr}")

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        shutil.rmtree(self.pool, ignore_errors=True)
        if kind is None:
            shutil.rmtree(self._home, ignore_errors=True)
        else:
            print(f"the cluster's files are kept, logs among them: {self._home}", file=sys.stderr)
