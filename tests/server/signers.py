"""Signers that speak the real link to the server under test. They hold whole keys and judge
nothing; each is named by how it behaves."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

import grpc

from quorate.core.dialects.fireblocks import to_intent
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import token
from quorate.core.model import labels
from quorate.core.model.intent import Attempt, Intent, items
from quorate.core.model.records import Admission, Head, Signed, TallyEntry, Vote
from quorate.core.model.tally import NO_HEAD, fields
from quorate.core.model.vote import RANDOMNESS
from quorate.core.proto import link_pb2 as pb
from tests.judge.cluster import SIGNERS, Cluster, link_identity
from tests.server.whole_keys import sign

METHOD = "/quorate.link.v1.Link/Attach"


class WillingSigner:
    """Admits what verifies, votes for everything, signs when released."""

    def __init__(self, cluster: Cluster, id: str) -> None:
        self.cluster = cluster
        self.id = id
        self.me = cluster.members[id]
        self.incarnation = 1
        self.intents: dict[bytes, Intent] = {}
        self.admissions: dict[bytes, Signed] = {}
        self.sessions: dict[bytes, tuple[Intent, Attempt]] = {}
        self.entries: list[Signed] = []
        self.head = NO_HEAD
        self.sent = 0
        self.known: dict[str, tuple[int, bytes]] = {}
        self.tallied: set[bytes] = set()
        self.asked: list[str] = []
        self.opened: list[pb.Open] = []
        self.released: list[pb.Release] = []
        self.received: list[pb.ToSigner] = []
        self.welcomed = asyncio.Event()
        self.identity = link_identity(id)
        self._call: Any = None
        self._task: asyncio.Task[None] | None = None

    # -- the stream

    async def attach(self, address: str) -> None:
        """Returns once welcomed. Raises grpc.aio.AioRpcError when refused."""
        self.welcomed.clear()
        started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(address, started))
        await started

    async def detach(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def hello(self) -> pb.Hello:
        charter = self.cluster.charter
        return pb.Hello(
            protocol=1, signer=self.id, software="scripted", cluster=charter.cluster,
            charter_version=charter.version, charter_hash=charter.hash, incarnation=self.incarnation,
            isolation="same-user", seal="key-file",
            ready=pb.Ready(may_vote=True, heard=[s for s in SIGNERS if s != self.id], needed=2),
            certificates=[
                pb.Certificate(body=c.body, signatures=dict(c.signatures))
                for c in self.cluster.certificates.values()
            ],
        )  # fmt: skip

    async def _run(self, address: str, started: "asyncio.Future[None]") -> None:
        key, certificate = self.identity
        credentials = grpc.ssl_channel_credentials(link_identity("server")[1], key, certificate)
        options = (("grpc.ssl_target_name_override", "server"), ("grpc.use_local_subchannel_pool", 1))
        async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
            self._call = channel.stream_stream(
                METHOD,
                request_serializer=pb.ToServer.SerializeToString,
                response_deserializer=pb.ToSigner.FromString,
            )()
            try:
                await self._call.write(pb.ToServer(hello=self.hello()))
                while isinstance(message := await self._call.read(), pb.ToSigner):
                    self.received.append(message)
                    if message.HasField("welcome"):
                        self.sent = message.welcome.tally_count
                        started.set_result(None)
                    await self.handle(message)
                if not started.done():
                    raise grpc.aio.UsageError(f"{await self._call.code()}: {await self._call.details()}")
            except (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError) as failure:
                if not started.done():
                    started.set_exception(failure)
            finally:
                self._call.cancel()

    async def send(self, message: pb.ToServer) -> None:
        await self._call.write(message)

    async def handle(self, message: pb.ToSigner) -> None:
        if not message.HasField("request"):
            return
        kind = message.request.WhichOneof("request") or ""
        self.asked.append(kind)
        answer = self.answer(kind, message.request)
        if answer is not None:
            answer.id = message.request.id
            await self.send(pb.ToServer(answer=answer))
            if kind == "release":
                await self.after_release(message.request.release)

    def answer(self, kind: str, request: pb.Request) -> pb.Answer | None:
        try:
            return {
                "admit": self.admit,
                "open": self.open,
                "release": self.release,
                "order": self.order,
                "abandon": self.abandon,
                "rejection": self.veto,
            }[kind](request)
        except QuorateError as error:
            check = error.check if isinstance(error, Refused) else error.code
            return pb.Answer(
                refusal=pb.Refusal(
                    check=check, message=error.message, whose=error.whose, reason_class="refused"
                )
            )

    # -- the requests

    def admit(self, request: pb.Request) -> pb.Answer | None:
        intent = self._learn(request.admit.request)
        if intent.hash not in self.admissions:
            claims = token.peek(request.admit.request.token)
            admission = Admission(
                intent.cluster,
                self.id,
                self.incarnation,
                intent.hash,
                intent.user,
                claims.nonce,
                intent.external_id,
                _now(),
            )
            self.admissions[intent.hash] = self.me.sign(labels.ADMISSION, admission.to_bytes())
        return pb.Answer(
            admitted=pb.Admitted(admission=_proto(self.admissions[intent.hash]), intent=intent.to_bytes())
        )

    def _learn(self, raw: pb.RawRequest) -> Intent:
        charter = self.cluster.charter
        claims = token.verify(
            raw.token, method=raw.method, uri=raw.uri, body=raw.body, now=int(time.time()), skew=charter.skew,
            user_key_pem_lookup=lambda id: (u := charter.user(id)) and u.rsa_public_key,
        )  # fmt: skip
        intent = to_intent(raw.body, claims, charter, self.cluster.keys)
        self.intents[intent.hash] = intent
        return intent

    def open(self, request: pb.Request) -> pb.Answer | None:
        message = request.open
        self.opened.append(message)
        self._learn_tally(message.tally)
        if message.intent_hash not in self.intents:
            if len(message.admissions) < self.cluster.charter.threshold:
                raise Refused("admissions", "too few", reason_class="missing_evidence")
            self._learn(message.request)
        intent = self.intents[message.intent_hash]
        attempt = Attempt(intent.hash, message.format, message.bytes)
        vote = self._vote(intent, attempt, message)
        self.sessions[vote.session_id] = (intent, attempt)
        new, self.sent = self.entries[self.sent :], len(self.entries)
        signed = self.me.sign(labels.VOTE, vote.to_bytes())
        return pb.Answer(
            opened=pb.Opened(
                vote=_proto(signed), session_id=vote.session_id, tally=[_proto(entry) for entry in new]
            )
        )

    def _vote(self, intent: Intent, attempt: Attempt, message: pb.Open) -> Vote:
        charter = self.cluster.charter
        self._tally(intent, attempt)
        to_sign = items(intent, attempt, self._root(intent))
        return Vote(
            cluster=charter.cluster, charter_hash=charter.hash, freeze_count=0, freeze_hash=bytes(32),
            key=intent.key, epoch=1, intent_hash=intent.hash, attempt_hash=attempt.hash, items=to_sign,
            members=tuple(message.members), session=message.session, voter=self.id,
            incarnation=self.incarnation, time_ms=_now(),
            randomness=tuple(secrets.token_bytes(RANDOMNESS[item.scheme]) for item in to_sign),
            heads=tuple(self._head(signer) for signer in SIGNERS),
        )  # fmt: skip

    def _root(self, intent: Intent) -> tuple[bytes, bytes]:
        certificate = self.cluster.keys[intent.key]
        return certificate.public_key, certificate.chain_code

    def _head(self, signer: str) -> Head:
        count, head = (
            (len(self.entries), self.head) if signer == self.id else self.known.get(signer, (0, NO_HEAD))
        )
        return Head(signer, count, head)

    def _learn_tally(self, entries: Iterable[pb.Signed]) -> None:
        """Others' entries, each exactly the next one; its own, and what comes twice, are skipped."""
        for signed in entries:
            entry = TallyEntry.from_bytes(signed.body)
            count, head = self.known.get(entry.signer, (0, NO_HEAD))
            if entry.signer != self.id and entry.count > count:
                assert (entry.count, entry.previous_head) == (count + 1, head), (
                    "the server sent tally entries with a gap"
                )
                self.known[entry.signer] = (entry.count, entry.head)

    def _tally(self, intent: Intent, attempt: Attempt) -> None:
        if intent.hash in self.tallied:
            return
        self.tallied.add(intent.hash)
        user, operation, source, destination, asset, amount, expires_at = fields(intent)
        entry = TallyEntry(
            intent.cluster, self.id, len(self.entries) + 1, self.head, intent.hash, attempt.hash, _now(),
            user, operation, source, destination, asset, amount, expires_at,
        )  # fmt: skip
        self.entries.append(self.me.sign(labels.TALLY, entry.to_bytes()))
        self.head = entry.head

    def release(self, request: pb.Request) -> pb.Answer | None:
        self.released.append(request.release)
        self._learn_tally(request.release.tally)
        return pb.Answer(done=pb.Done())

    async def after_release(self, release: pb.Release) -> None:
        intent, attempt = self.sessions[release.session_id]
        done = pb.SessionDone(session_id=release.session_id, result=self.result(intent, attempt))
        await self.send(pb.ToServer(session_done=done))

    def result(self, intent: Intent, attempt: Attempt) -> pb.Result:
        made = [sign(self.cluster, item) for item in items(intent, attempt, self._root(intent))]
        return pb.Result(intent_hash=intent.hash, attempt_hash=attempt.hash, items=made, bytes=attempt.data)

    def order(self, request: pb.Request) -> pb.Answer | None:
        return pb.Answer(done=pb.Done())

    def abandon(self, request: pb.Request) -> pb.Answer | None:
        return None

    def veto(self, request: pb.Request) -> pb.Answer | None:
        return pb.Answer(done=pb.Done())


class PolicyRefuser(WillingSigner):
    """Admits, then refuses every session by policy."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        self.opened.append(request.open)
        trace = '[{"rule": "capped", "first_mismatch": "destinations"}]'
        refusal = pb.Refusal(
            reason_class="no_rule_matched",
            check="policy",
            message="no rule matched",
            whose="caller",
            trace=trace,
        )
        return pb.Answer(refusal=refusal)


class SilentAtOpen(WillingSigner):
    """Admits and never votes."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        self.opened.append(request.open)
        return None


class GoneAtRelease(WillingSigner):
    """Votes, and is cut off when it is asked to release."""

    async def after_release(self, release: pb.Release) -> None:
        raise asyncio.CancelledError

    def release(self, request: pb.Request) -> pb.Answer | None:
        super().release(request)
        self._call.cancel()
        return None


class RefusingRelease(WillingSigner):
    """Votes, and refuses to let its share out: what the server cannot know of one that did not answer."""

    def release(self, request: pb.Request) -> pb.Answer | None:
        super().release(request)
        raise Refused("policy_window", "refused as scripted", reason_class="velocity")

    async def after_release(self, release: pb.Release) -> None:
        """Reports nothing."""


class LyingAboutResults(WillingSigner):
    """Reports a signature that is none."""

    def result(self, intent: Intent, attempt: Attempt) -> pb.Result:
        made = super().result(intent, attempt)
        for item in made.items:
            item.signature = bytes(64)
        return made


class VotingForOtherBytes(WillingSigner):
    """Its votes are for another session than the one it was asked for."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        request.open.session += 1
        return super().open(request)


class NotAdmitting(WillingSigner):
    """Refuses to admit, by a named check."""

    check = "external_id"

    def admit(self, request: pb.Request) -> pb.Answer | None:
        raise Refused(self.check, "refused as scripted", reason_class="replay")


class HoldingResults(WillingSigner):
    """Answers Open with the result, as a signer does that finished before the server heard of it."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        self.opened.append(request.open)
        intent = self.intents[request.open.intent_hash]
        attempt = Attempt(intent.hash, request.open.format, request.open.bytes)
        return pb.Answer(result=self.result(intent, attempt))


Kind = Callable[[Cluster, str], WillingSigner]


def _proto(signed: Signed) -> pb.Signed:
    return pb.Signed(body=signed.body, signature=signed.signature)


def _now() -> int:
    return int(time.time() * 1000)
