"""Three signers as in production: real keepers, judges as processes, links over TLS to the test's hub."""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from quorate.core.model import canonical, labels
from quorate.core.model.charter import SignedDocument, parse
from quorate.core.model.intent import Intent
from quorate.core.model.records import KeyCertificate, Order, SignedCertificate, verify_certificate
from quorate.core.proto import link_pb2 as pb
from tests.judge.bench import Case, unsigned
from tests.judge.cluster import SIGNERS, Administrator, Cluster, chain_json, link_identity
from tests.judge.hub import Hub

ROOT = Path(__file__).resolve().parents[2]


def keeper_program() -> str:
    """The keeper that was built last."""
    built = ROOT / "target" / "release" / "quorate-keeper"
    found = str(built) if built.exists() else shutil.which("quorate-keeper")
    assert found, "the keeper is not built: cargo build --release -p quorate-keeper"
    return found


class RealSigner:
    """A signer's folder and its two processes."""

    def __init__(self, folder: Path, id: str) -> None:
        self.folder, self.id = folder, id
        self.folder.mkdir(parents=True)
        self.judge: subprocess.Popen[bytes] | None = None
        self.keeper: subprocess.Popen[bytes] | None = None
        for name, content in zip(("link.key", "link.crt"), link_identity(id), strict=True):
            folder.joinpath(name).write_bytes(content)

    def init(self) -> dict[str, Any]:
        """Makes the keys; what the keeper printed."""
        self.folder.joinpath("signer.json").write_text(json.dumps({"id": self.id, "server": "by option"}))
        command = [keeper_program(), "init", "--signer", self.id, "--seal", "key-file"]
        done = subprocess.run(
            [*command, "--key-file", str(self.folder / "seal.key")],
            capture_output=True,
            check=True,
            timeout=30,
        )
        take_over = [sys.executable, "-m", "quorate.judge.init", "--dir", str(self.folder)]
        subprocess.run(take_over, input=done.stdout, check=True, timeout=30)
        document: dict[str, Any] = json.loads(done.stdout)
        assert base64.b64decode(document["blobs"]["state"])
        return document

    def start(self, server: str, **environment: str) -> None:
        ours, theirs = socket.socketpair()
        log = self.folder.joinpath("log").open("ab")
        shares = [keeper_program(), "shares", "--judge-fd", str(theirs.fileno()), "--signer", self.id]
        self.keeper = subprocess.Popen(
            [*shares, "--key-file", str(self.folder / "seal.key")], pass_fds=[theirs.fileno()], stderr=log
        )
        judge = [sys.executable, "-m", "quorate.judge.main", "--dir", str(self.folder)]
        self.judge = subprocess.Popen(
            [
                *judge,
                "--keeper-fd",
                str(ours.fileno()),
                "--server",
                server,
            ],
            pass_fds=[ours.fileno()],
            stderr=log,
            env={**os.environ, **environment},
        )
        ours.close()
        theirs.close()

    def stop(self, kill: bool = False) -> int:
        assert self.judge
        assert self.keeper
        self.judge.kill() if kill else self.judge.terminate()
        code = self.judge.wait(10)
        self.keeper.wait(10)
        return code

    @property
    def dead(self) -> bool:
        return self.judge is None or self.judge.poll() is not None

    def reap(self) -> None:
        """Waits for the keeper of a judge that died."""
        assert self.keeper
        self.keeper.wait(10)

    async def ask(self, **request: object) -> dict[str, Any]:
        """Over judge.sock, as soon as it is there."""
        async with asyncio.timeout(15):
            while True:
                try:
                    reader, writer = await asyncio.open_unix_connection(self.folder / "judge.sock")
                    break
                except OSError:
                    await asyncio.sleep(0.02)
            writer.write(json.dumps(request).encode() + b"\n")
            answer: dict[str, Any] = json.loads(await reader.readline())
            writer.close()
            return answer

    def journal(self) -> str:
        return self.folder.joinpath("log").read_text()


class RealCluster:
    """Activated, with keys created by order; `world` is what the tests of a hostile server use too."""

    def __init__(self, folder: Path, rules: tuple[dict[str, Any], ...], **members: Any) -> None:
        self.folder = folder
        self.address = ""
        self.signers = {id: RealSigner(folder / id, id) for id in SIGNERS}
        self.administrator = Administrator()
        paper = Cluster(rules, **members)
        self.user = paper.user
        body = dict(canonical.decode(paper.charter.body))  # type: ignore[call-overload]
        body["administrators"]["members"][0]["ssh_key"] = self.administrator.public_key
        for entry in body["signers"]:
            keys = self.signers[entry["id"]].init()
            entry.update({name: keys[name] for name in ("vote_key", "log_key", "envelope_key")})
        self.charter = parse(canonical.encode(body))
        signature = self.administrator.sign(labels.CHARTER, self.charter.body)
        self.document = SignedDocument(self.charter.body, (("alice", signature),))
        self.hub = Hub()
        self.certificates: dict[str, KeyCertificate] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RealCluster"]:
        clients = b"".join(link_identity(id)[1] for id in SIGNERS)
        self.address = await self.hub.serve(link_identity("server"), clients)
        for signer in self.signers.values():
            signer.start(self.address)
        try:
            yield self
        finally:
            for signer in self.signers.values():
                if signer.judge and signer.judge.poll() is None:
                    signer.stop()
            await self.hub.close()

    async def activate(self) -> None:
        for signer in self.signers.values():
            chain = chain_json(self.document)
            answer = await signer.ask(do="activate", chain=chain, hash=self.charter.hash.hex())
            assert answer.get("ok"), answer
        await self.hub.ready(*SIGNERS)

    async def create_key(self, key: str) -> KeyCertificate:
        now = int(time.time())
        id = hashlib.sha256(key.encode()).hexdigest()[:32]
        order = Order(
            self.charter.cluster, self.charter.hash, id, "key-create", key,
            None, None, now, now + 3600,
        )  # fmt: skip
        body = order.to_bytes()
        signature = pb.SshSignature(administrator="alice", armor=self.administrator.sign(labels.ORDER, body))
        for id in SIGNERS:
            answer = await self.hub.ask(id, order=pb.Order(body=body, signatures=[signature]))
            assert answer.HasField("done"), answer
        parts: dict[str, pb.Signed] = {}
        while len(parts) < len(SIGNERS):
            id, part = await asyncio.wait_for(self.hub.parts.get(), 30)
            assert not part.HasField("failure"), part
            parts[id] = part.certificate
        signatures = {id: part.signature for id, part in parts.items()}
        whole = SignedCertificate(next(iter(parts.values())).body, signatures)
        self.certificates[key] = verify_certificate(whole, [self.charter])
        for id in SIGNERS:
            message = pb.Certificate(body=whole.body, signatures=whole.signatures)
            self.hub.tell(id, pb.ToSigner(certificate=message))
            while key not in (await self.signers[id].ask(do="status"))["keys"]:
                await asyncio.sleep(0.01)
        return self.certificates[key]

    async def sign(self, body: dict[str, Any], *members: str, **fields: Any) -> tuple[Case, pb.Result]:
        """The whole way, as an honest server goes it, and the result of the first member."""
        case = await self.admit(body)
        opened = await self.open(case, *members, **fields)
        await self.release(opened)
        ends = [await self.hub.end(id, answer.session_id) for id, answer in opened.items()]
        assert all(end.HasField("session_done") for end in ends), ends
        return case, ends[0].session_done.result

    async def admit(self, body: dict[str, Any]) -> Case:
        """At every signer that is attached."""
        raw = self.user.request(body)
        answers = [await self.hub.ask(id, admit=pb.Admit(request=raw)) for id in list(self.hub.signers)]
        assert all(answer.HasField("admitted") for answer in answers), answers
        admitted = answers[0].admitted
        return Case(raw, Intent.from_bytes(admitted.intent), admitted.admission)

    async def open(self, case: Case, *members: str, session: int = 1, **fields: Any) -> dict[str, pb.Opened]:
        answers = await self.ask_open(case, *members, session=session, **fields)
        assert all(answer.HasField("opened") for answer in answers.values()), answers
        return {id: answer.opened for id, answer in answers.items()}

    async def ask_open(self, case: Case, *members: str, session: int, **fields: Any) -> dict[str, pb.Answer]:
        is_transfer = case.intent.operation == "TRANSFER"
        request = pb.Open(
            intent_hash=case.intent.hash,
            format="evm-tx" if is_transfer else "raw",
            bytes=unsigned(case.intent, **fields) if is_transfer else b"",
            members=members,
            session=session,
        )
        answers = await asyncio.gather(*(self.hub.ask(id, open=request) for id in members))
        return dict(zip(members, answers, strict=True))

    async def release(self, opened: dict[str, pb.Opened]) -> None:
        """With every tally entry there is; a server that keeps count sends only those a signer lacks."""
        votes = [answer.vote for answer in opened.values()]
        session_id = next(iter(opened.values())).session_id
        request = pb.Release(session_id=session_id, votes=votes, tally=self.hub.entries)
        answers = await asyncio.gather(*(self.hub.ask(id, release=request) for id in opened))
        assert all(answer.HasField("done") for answer in answers), answers
