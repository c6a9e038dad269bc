"""A server under test in this process: real store, real link, real HTTP port."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from quorate.core.model.charter import dump_chain
from quorate.server.assembly import Server
from quorate.server.config import Config, Endpoint, Timeouts
from quorate.server.main import HttpServer
from tests.judge.cluster import SIGNERS, Cluster, link_identity
from tests.server import tokens
from tests.server.signers import Kind, WillingSigner
from tests.server.tokens import ApiUser

QUICK = Timeouts(attach=0.5, admit=1.0, open=0.3, release=0.5, order=2.0)
"""For signers that fall silent."""
PATIENT = Timeouts(attach=0.5, admit=10.0, open=5.0, release=5.0, order=10.0)
"""For a machine that is busy with other things."""


def folder_of(cluster: Cluster, directory: Path, chains: dict[str, list[str]] | None = None) -> Path:
    """DIR as `server init` and `charter activate` leave it."""
    key, certificate = link_identity("server")
    (directory / "link.key").write_bytes(key)
    (directory / "link.crt").write_bytes(certificate)
    (directory / "charter.json").write_bytes(dump_chain([cluster.document]))
    endpoint = {"host": "127.0.0.1", "port": 0}
    document = {"http": endpoint, "link": endpoint, "chains": chains or {}}
    (directory / "server.json").write_text(json.dumps(document))
    return directory


@dataclass
class Running:
    """`url` without /v1."""

    cluster: Cluster
    server: Server
    url: str
    http: httpx2.AsyncClient
    signers: dict[str, WillingSigner] = field(default_factory=dict)

    @property
    def link(self) -> str:
        return f"127.0.0.1:{self.server.listener.port}"

    async def attach(self, kind: Kind = WillingSigner, ids: Sequence[str] = SIGNERS) -> list[WillingSigner]:
        found = []
        for id in ids:
            signer = self.signers[id] = kind(self.cluster, id)
            await signer.attach(self.link)
            found.append(signer)
        for _ in range(500):
            if {"ecdsa", "eddsa"} <= set(self.server.book.certificates):
                break
            await asyncio.sleep(0.01)
        return found

    async def call(
        self, method: str, path: str, body: object = None, *, who: ApiUser | None = None,
        headers: dict[str, str] | None = None, raw: bytes | None = None, **claims: Any,
    ) -> httpx2.Response:  # fmt: skip
        """One call of the dialect with a fresh token; `claims` replace those of an honest one."""
        who = who or self.cluster.user
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        signed = tokens.make(who, {**tokens.claims(who, path, content), **claims})
        sent = {"Authorization": f"Bearer {signed}", "X-API-Key": who.id, **(headers or {})}
        if content:
            sent.setdefault("Content-Type", "application/json")
        return await self.http.request(method, self.url + path, content=content, headers=sent)

    async def submit(self, body: object, **options: Any) -> str:
        """The id of an accepted transaction."""
        response = await self.call("POST", "/v1/transactions", body, **options)
        assert response.status_code == 200, response.text
        return str(response.json()["id"])

    async def finished(self, id: str, within: float = 30.0) -> dict[str, Any]:
        """The transaction once its status is a last one."""
        async with asyncio.timeout(within):
            while True:
                found: dict[str, Any] = (await self.call("GET", f"/v1/transactions/{id}")).json()
                if found["status"] in ("COMPLETED", "FAILED", "BLOCKED", "REJECTED", "CANCELLED"):
                    return found
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def serve(cluster: Cluster, directory: Path, **changes: Any) -> AsyncIterator[Running]:
    """Serves from `directory`, which may hold the database of an earlier run."""
    if not (directory / "server.json").exists():
        folder_of(cluster, directory)
    settings = {
        "http": Endpoint("127.0.0.1", 0), "link": Endpoint("127.0.0.1", 0),
        "database": f"sqlite:///{directory / 'server.sqlite'}", "timeouts": PATIENT, **changes,
    }  # fmt: skip
    server = Server(Config(directory=directory, **settings))
    await server.start()
    http = HttpServer(uvicorn.Config(server.app, port=0, loop="none", lifespan="off", log_config=None))
    serving = asyncio.create_task(http.serve())
    await http.listening.wait()
    port = http.servers[0].sockets[0].getsockname()[1]
    async with httpx2.AsyncClient() as client:
        running = Running(cluster, server, f"http://127.0.0.1:{port}", client)
        try:
            yield running
        finally:
            for signer in running.signers.values():
                await signer.detach()
            http.should_exit = True
            await serving
            await server.stop()
