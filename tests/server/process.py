"""The server as the process that people run: started, killed, started again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2

from tests.judge.cluster import SIGNERS, Cluster
from tests.server import tokens
from tests.server.running import folder_of
from tests.server.signers import WillingSigner


class Process:
    """`quorate.server.main --dir DIR`, with willing signers that dial again whenever it comes back."""

    def __init__(self, cluster: Cluster, directory: Path, chains: dict[str, list[str]] | None = None) -> None:
        self.cluster = cluster
        self.directory = folder_of(cluster, directory, chains)
        self.signers = {id: WillingSigner(cluster, id) for id in SIGNERS}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    async def start(self, fault: str = "") -> None:
        """Serving, with all signers attached."""
        for name in ("server.ready", "server.pid"):
            (self.directory / name).unlink(missing_ok=True)
        command = [sys.executable, "-m", "quorate.server.main", "--dir", str(self.directory)]
        log = (self.directory / "server.log").open("ab")
        self._process = subprocess.Popen(command, env=environment(fault), stderr=log)  # noqa: ASYNC220
        await self.until(lambda: (self.directory / "server.ready").exists())
        self.ready = json.loads((self.directory / "server.ready").read_text())
        for signer in self.signers.values():
            await signer.attach(self.ready["link"])

    async def until(self, met: Any, within: float = 40.0) -> None:
        async with asyncio.timeout(within):
            while not met():
                assert self.running.poll() is None or met(), (self.directory / "server.log").read_text()[
                    -2000:
                ]
                await asyncio.sleep(0.02)

    async def died(self) -> None:
        """Waits for the end of the process, which a fault point brings about."""
        await asyncio.to_thread(self.running.wait, 40)
        assert self.running.returncode == -signal.SIGKILL
        for signer in self.signers.values():
            await signer.detach()

    def signal(self, number: signal.Signals) -> None:
        self.running.send_signal(number)

    async def stop(self) -> None:
        for signer in self.signers.values():
            await signer.detach()
        if self.running.poll() is None:
            self.running.terminate()
            await asyncio.to_thread(self.running.wait, 40)

    async def call(
        self, method: str, path: str, body: object = None, token: str | None = None
    ) -> httpx2.Response:
        content = b"" if body is None else json.dumps(body).encode()
        user = self.cluster.user
        token = token or tokens.make(user, tokens.claims(user, path, content))
        headers = {"Authorization": f"Bearer {token}", "X-API-Key": user.id}
        async with httpx2.AsyncClient() as http:
            return await http.request(
                method, f"http://{self.ready['http']}{path}", content=content, headers=headers
            )

    async def finished(self, external_id: str, within: float = 40.0) -> dict[str, Any]:
        async with asyncio.timeout(within):
            while True:
                found = await self.call("GET", f"/v1/transactions/external_tx_id/{external_id}")
                row: dict[str, Any] = found.json()
                if row.get("status") in ("COMPLETED", "FAILED", "BLOCKED", "REJECTED", "CANCELLED"):
                    return row
                await asyncio.sleep(0.05)


def environment(fault: str) -> dict[str, str]:
    """Compiled modules are kept between the many starts, whatever the machine's own setting."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = str(Path(tempfile.gettempdir()) / "quorate-test-bytecode")
    return {**kept, "PYTHONPYCACHEPREFIX": cache, "QUORATE_FAULT": fault}
