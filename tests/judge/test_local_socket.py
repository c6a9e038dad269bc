"""The operator's socket: private, one JSON line each way, and errors that say what to do."""

import asyncio
import json
import stat
from typing import Any

from quorate.judge.local_socket import LocalSocket
from tests.judge.bench import Bench
from tests.judge.cluster import chain_json


class Client:
    def __init__(self, bench: Bench) -> None:
        self.path = bench.folder / "judge.sock"
        self.socket = LocalSocket(self.path, bench.judge, lambda: False)

    async def __aenter__(self) -> "Client":
        self.task = asyncio.create_task(self.socket.serve())
        while not self.path.exists() or stat.S_IMODE(self.path.stat().st_mode) != 0o600:
            await asyncio.sleep(0)
        self.reader, self.writer = await asyncio.open_unix_connection(self.path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def send(self, line: bytes) -> dict[str, Any]:
        self.writer.write(line + b"\n")
        answer: dict[str, Any] = json.loads(await self.reader.readline())
        return answer

    async def ask(self, **request: object) -> dict[str, Any]:
        return await self.send(json.dumps(request).encode())


async def test_status(bench: Bench) -> None:
    async with Client(bench) as client:
        assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
        status = await client.ask(do="status")
        assert status["ok"] is True
        assert (status["signer"], status["charter_version"], status["may_vote"]) == ("signer-1", 1, True)
        assert (status["keys"], status["connected"]) == (["ecdsa", "eddsa"], False)
    assert not client.path.exists()


async def test_activation(bench: Bench) -> None:
    async with Client(bench) as client:
        chain = chain_json(bench.cluster.document, bench.cluster.next_charter(skew=6))
        answer = await client.ask(do="activate", chain=chain, hash=None)
        assert (answer["ok"], answer["version"]) == (True, 2)
        refused = await client.ask(do="activate", chain=chain[:1], hash=None)
        assert refused["error"]["code"] == "charter_conflict"


async def test_nonsense_is_answered(bench: Bench) -> None:
    async with Client(bench) as client:
        for line, code in (
            (b"x", "not_json"),
            (b"[]", "not_json"),
            (b'{"do": "sign"}', "unknown_command"),
            (b'{"do": ["status"]}', "unknown_command"),
            (b'{"do": "activate"}', "wrong_type"),
            (b'{"do": "activate", "chain": [], "hash": 7}', "wrong_type"),
            (b'{"do": "activate", "chain": [{}], "hash": null}', "missing_member"),
        ):
            assert (await client.send(line))["error"]["code"] == code
        assert (await client.ask(do="status"))["ok"]
