"""A cluster on a real chain, set up by the commands that people use, run by programs that can be killed."""

import asyncio
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quorate.client.ceremony import http
from quorate.client.demo.chain import Chain
from quorate.client.dev import commands, people
from quorate.client.dev.cluster import Cluster
from quorate.client.dev.options import ADMINISTRATORS, QUORUM, Layout, Options
from quorate.core.chains.evm.address import checksum
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from tests.crash.programs import Program, Server, Signer
from tests.hostile.launcher import ROOT, ablation_keeper

EXCHANGE: Final = checksum("0x" + "e1" * 20)
"""The one address of the whitelist."""
SECP: Final = "main-secp256k1"
EDDSA: Final = "main-ed25519"
SPARE: Final = tuple(f"spare-{number}" for number in range(1, 9))
"""Ed25519 keys that are only there to be created between crashes."""


class _Cluster(Cluster):
    """With the spare keys in its charter."""

    def _write_draft(self, chain: str | None) -> None:
        super()._write_draft(chain)
        path = self.layout.folder / "draft.yaml"
        draft = yaml.safe_load(path.read_text())
        draft["keys"] |= dict.fromkeys(SPARE, "ed25519")
        path.write_text(yaml.safe_dump(draft, sort_keys=False))


@dataclass(frozen=True)
class User:
    """The API user that may move money, with its private key."""

    id: str
    key: rsa.RSAPrivateKey


@dataclass
class Site:
    """The folder of `quorate dev`, before its first start: no charter in force, no keys."""

    folder: Path
    chain: Chain
    layout: Layout
    charter: Charter
    server: Server
    signers: list[Signer]
    user: User
    orders: int = 0
    reached: dict[str, int] = field(default_factory=dict)
    """Fault point -> how often it has killed its process."""

    @property
    def programs(self) -> list[Program]:
        return [self.server, *self.signers]

    # ---- what an operator does

    async def activate(self, signer: Signer) -> dict[str, Any] | None:
        """Hands the charter to a signer that runs; its answer, None when it died over it."""
        chain = json.loads(self.layout.charter.read_text())
        return await signer.ask({"do": "activate", "chain": chain, "hash": self.charter.hash.hex()})

    async def order(self, key: str) -> dict[str, Any]:
        """A new order to create a key, signed by a quorum of the administrators."""
        self.orders += 1
        path = self.folder / f"order-{self.orders}.json"
        return await asyncio.to_thread(self._order, path, key)

    def _order(self, path: Path, key: str) -> dict[str, Any]:
        for number, id in enumerate(ADMINISTRATORS[:QUORUM]):
            new = ("--key-create", key) if number == 0 else ()
            signing = ("--charter", self.layout.charter, "--key", self.layout.administrator(id))
            commands.run("order", "sign", path, *signing, *new)
        document: dict[str, Any] = json.loads(path.read_text())
        return document

    async def native(self, path: str, body: object | None = None) -> dict[str, Any]:
        """A native route of the server. Raises QuorateError."""
        return await asyncio.to_thread(http.call, self.server.url, f"/quorate/v1{path}", body, timeout=10)

    async def submit(self, order: dict[str, Any], within: float = 30.0) -> None:
        """Posts an order until the server has it, through restarts of the server and of signers."""
        async with asyncio.timeout(within):
            while True:
                try:
                    await self.native("/orders", order)
                    return
                except QuorateError as error:
                    if error.code not in ("unreachable", "signers_missing"):
                        raise
                await asyncio.sleep(0.1)

    async def state(self, order: dict[str, Any]) -> dict[str, Any]:
        """What the server says of an order; nothing while it is away."""
        try:
            return await self.native(f"/orders/{order['order']['id']}")
        except QuorateError:
            return {}

    # ---- whole cluster

    async def running(self) -> None:
        """Starts who does not run, and waits for all."""
        for program in self.programs:
            if not program.alive:
                program.start()
        await self.all_ready()

    async def all_ready(self) -> None:
        """Everybody may vote, and the server knows it."""
        await asyncio.gather(*(program.ready() for program in self.programs))
        async with asyncio.timeout(60):
            while not await self.may_all_vote():
                await asyncio.sleep(0.05)

    async def may_all_vote(self) -> bool:
        """In the server's words; false while it is away."""
        try:
            return all(signer["may_vote"] for signer in (await self.native("/status"))["signers"])
        except QuorateError:
            return False

    def struck(self, point: str) -> None:
        """Counts a kill at a named point."""
        name = point.split(":")[0]
        self.reached[name] = self.reached.get(name, 0) + 1

    async def stop(self) -> None:
        """Everything ends by SIGTERM; the signers write their last checkpoint."""
        await asyncio.gather(*(program.stop() for program in self.programs if program.alive))

    def destroy(self) -> None:
        for program in self.programs:
            program.destroy()


def make(folder: Path, chain: Chain) -> Site:
    """Runs `server init`, `signer init`, `charter new`, `charter sign`; nothing is started."""
    number = int(chain.call("eth_chainId"), 16)
    options = Options(folder / "c", None, 3, 2, chain.url, (), ((f"evm:{number}", EXCHANGE),))
    dev = _Cluster(options, lambda words: None)
    dev.prepare()
    charter = dev.charter()
    logs = folder / "logs"
    logs.mkdir()
    server = Server("server", dev.layout.server, logs)
    signers = [Signer(s.id, dev.layout.signer(s.id), logs, server.link) for s in charter.signers]
    return Site(folder, chain, dev.layout, charter, server, signers, _requester(dev.layout, charter))


def _requester(layout: Layout, charter: Charter) -> User:
    secret = layout.user(people.REQUESTER).read_bytes()
    key = serialization.load_pem_private_key(secret, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return User(next(user.id for user in charter.users if user.name == people.REQUESTER), key)


def build_keeper() -> Path:
    """The keeper with fault points; nothing to do where it is up to date."""
    subprocess.run([ROOT / "tools/ablation-keeper.sh"], check=True)
    return ablation_keeper()


async def in_parallel(*calls: Any) -> list[Any]:
    """Runs blocking calls side by side."""
    with ThreadPoolExecutor() as pool:
        loop = asyncio.get_running_loop()
        return list(await asyncio.gather(*(loop.run_in_executor(pool, call) for call in calls)))
