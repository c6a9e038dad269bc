"""The stage of the story: a chain, a token, and a dev cluster run by the same command that people run."""

import json
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from quorate.client.ceremony import files
from quorate.client.demo.chain import Chain
from quorate.client.dev.commands import QUORATE
from quorate.core.chains.evm.address import checksum
from quorate.core.errors import QuorateError

EXCHANGE: Final = checksum("0x" + "e1" * 20)
"""The one address of the charter's whitelist: a partner's deposit address, whose key nobody here has."""
TOKEN: Final = "USDX"  # noqa: S105 - a currency
SUPPLY: Final = 1_000_000 * 10**6


class Stage:
    """Starts chain and cluster in `folder`; leaving the context ends both. With `fresh`, the folder is
    made anew. `policy`: in place of the dev policy.
    """

    def __init__(
        self, folder: Path, *, fresh: bool, port: int | None = None, policy: str | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.cluster = self.folder / "cluster"
        self.token = ""
        self.dev: dict[str, Any] = {}
        self._port = port
        self._policy = policy
        self._dev_process: subprocess.Popen[bytes] | None = None
        if fresh:
            _clear(self.folder)
        self.chain = Chain(self.folder / "chain")

    def deploy_token(self) -> None:
        """Before there is a charter: the charter names the contract."""
        self.token = checksum(self.chain.deploy_token(SUPPLY))

    def start_cluster(self) -> None:
        """Runs `quorate dev` and returns when it serves.

        Raises QuorateError with its last words.
        """
        arguments = ["dev", "--dir", str(self.cluster), "--evm", self.chain.url, "--json"]
        if self.token:
            number = int(self.chain.call("eth_chainId"), 16)
            arguments += [
                "--token",
                f"{TOKEN}:{number}:{self.token}:6",
                "--whitelist",
                f"{number}:{EXCHANGE}",
            ]
        arguments += [] if self._port is None else ["--port", str(self._port)]
        if self._policy is not None:
            path = self.folder / "policy.yaml"
            files.write(path, self._policy.encode())
            arguments += ["--policy", str(path)]
        with (self.folder / "dev.log").open("ab") as log:
            self._dev_process = subprocess.Popen(
                [*QUORATE, *arguments], stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        self.dev = _first_document(self._dev_process)

    def reload(self) -> None:
        """Reads dev.json again, after a signer was started or ended."""
        self.dev = files.read_json(self.cluster / "dev.json")

    def close(self) -> None:
        """Ends the cluster, then the chain."""
        if self._dev_process is not None and self._dev_process.poll() is None:
            self._dev_process.send_signal(signal.SIGINT)
            try:
                self._dev_process.wait(30)
            except subprocess.TimeoutExpired:
                self._dev_process.kill()
        self.chain.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _clear(folder: Path) -> None:
    """Removes what an earlier run left; nothing that is not one."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "chain").is_dir():
        raise QuorateError(
            "not_a_demo", f"{folder} is not empty and no demo made it", "caller", "choose another --dir"
        )
    shutil.rmtree(folder, ignore_errors=True)
    files.make_folder(folder)


def _first_document(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The JSON document on stdout: dev.json, or the error that ended the command."""
    assert process.stdout is not None  # noqa: S101 - opened as a pipe
    lines: list[bytes] = []
    while line := process.stdout.readline():
        lines.append(line)
        if line == b"}\n":
            break
    document: dict[str, Any] = json.loads(
        b"".join(lines) or b'{"error": {"code": "dev", "message": "it ended"}}'
    )
    if "error" in document:
        error = document["error"]
        raise QuorateError(
            error["code"], error["message"], error.get("whose", "state"), error.get("hint", "")
        )
    return document
