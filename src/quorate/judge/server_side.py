"""The judge as the server sees it: every message has one handler, every request one answer, and no answer is
ahead of the disk.
"""

import json
import time
import traceback
from importlib.metadata import version
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter import SignedDocument
from quorate.core.model.records import UNFREEZE, Signed, SignedCertificate
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge import refusals
from quorate.judge.activation import Activation
from quorate.judge.admit import Admit
from quorate.judge.annotating import Annotating
from quorate.judge.approvals import Approvals
from quorate.judge.ceremony import Ceremonies, CeremonyEvents
from quorate.judge.clock import Clock
from quorate.judge.documents import from_link, to_link
from quorate.judge.freezing import Freezing
from quorate.judge.journal import Journal
from quorate.judge.judge_open import JudgeOpen, Opened
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.metrics.measures import Measures
from quorate.judge.outbox import Outbox
from quorate.judge.proposals import Proposals
from quorate.judge.release import Release
from quorate.judge.standing import Standing
from quorate.judge.start_rule import StartRule
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store

PROTOCOL: Final = 1
SOFTWARE: Final = f"quorate {version('quorate')}"
ENTRIES_PER_ANSWER: Final = 5000
"""Own tally entries sent with one vote; what is left goes with the next."""


class ServerSide:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        journal: Journal,
        outbox: Outbox,
        admit: Admit,
        judge_open: JudgeOpen,
        release: Release,
        approvals: Approvals,
        ceremonies: Ceremonies,
        ceremony_events: CeremonyEvents,
        start: StartRule,
        activation: Activation,
        proposals: Proposals,
        freezing: Freezing,
        annotating: Annotating,
        standing: Standing,
        measures: Measures,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._journal = journal
        self._outbox = outbox
        self._admit = admit
        self._open = judge_open
        self._release = release
        self._approvals = approvals
        self._ceremonies = ceremonies
        self._ceremony_events = ceremony_events
        self._start = start
        self._activation = activation
        self._proposals = proposals
        self._freezing = freezing
        self._annotating = annotating
        self._standing = standing
        self._measures = measures
        self._server_has = 0

    def hello(self) -> link_pb2.Hello:
        charter = self._state.require_charter()
        acknowledgement = self._store.charters.acknowledgement()
        return link_pb2.Hello(
            protocol=PROTOCOL,
            signer=self._state.id,
            software=SOFTWARE,
            cluster=charter.cluster,
            charter_version=charter.version,
            charter_hash=charter.hash,
            incarnation=self._state.incarnation,
            acknowledgement=_signed(acknowledgement) if acknowledgement else None,
            isolation=self._state.isolation,
            seal=self._state.seal,
            ready=self._start.ready(),
            certificates=[_certificate(content) for content in self._store.certificates.all()],
            freezes=[to_link(document) for document in self._store.freezes.documents()],
            pending=self._standing.pending(),
            documents=self._annotating.held(),
        )

    def attached(self) -> None:
        for message in self._ceremony_events.unfinished_parts():
            self._outbox(message)
        self._start.wake()

    async def handle(self, message: link_pb2.ToSigner) -> None:
        """Never raises but for cancellation: what a hostile server sends must not end the judge."""
        kind = message.WhichOneof("message")
        try:
            match kind:
                case "request":
                    await self._request(message.request)
                case "envelope":
                    await self._envelope(message.envelope)
                case "welcome":
                    await self._welcome(message.welcome)
                case "peer_connected":
                    await self._connected(message.peer_connected.signer)
                case "peer_query":
                    await self._start.answer(message.peer_query)
                case "peer_answer":
                    await self._start.hear(message.peer_answer)
                case "certificate":
                    await self._ceremonies.complete(message.certificate)
                case _:
                    self._journal("message_unknown")
        except QuorateError as error:
            self._measures.refused(kind or "none", refusals.name(error))
            self._journal("message_refused", kind=kind, code=error.code, detail=error.message[:200])
        except Exception as error:
            self._bug(f"message {kind}", error)

    async def _request(self, request: link_pb2.Request) -> None:
        began = time.perf_counter()
        kind = request.WhichOneof("request") or "none"
        intent_hash = request.open.intent_hash[:32] if kind == "open" else b""
        try:
            answer = await self._perform(kind, request)
        except QuorateError as error:
            answer = self._refused(kind, intent_hash, error)
        except Exception as error:
            self._bug(f"request {kind}", error)
            failure = QuorateError("internal", "the judge failed on this request", "bug", "see its journal")
            answer = self._refused(kind, intent_hash, failure)
        await self._store.db.durable()
        answer.id = request.id
        self._outbox(link_pb2.ToServer(answer=answer))
        self._measures.request_took(kind, time.perf_counter() - began)

    async def _perform(self, kind: str, request: link_pb2.Request) -> link_pb2.Answer:
        match kind:
            case "admit":
                return link_pb2.Answer(admitted=await self._admit.fresh(request.admit.request))
            case "open":
                return self._opened(await self._open.open(request.open))
            case "release":
                await self._release.release(request.release)
            case "order":
                order = await self._ceremonies.order(request.order)
                if order.kind == UNFREEZE:
                    return self._stands()
            case "freeze":
                await self._freezing.freeze(from_link(request.freeze))
                return self._stands()
            case "proposal":
                await self._activation.propose(*_proposal(request.proposal))
                return self._stands()
            case "veto":
                self._proposals.veto(from_link(request.veto))
                return self._stands()
            case "document":
                self._annotating.take(request.document.content)
                return link_pb2.Answer(documents=self._annotating.held())
            case "abandon":
                await self._release.abandon(request.abandon.session_id)
            case "rejection":
                self._approvals.veto(request.rejection.statement)
            case _:
                raise QuorateError(
                    "request_unknown", "this judge does not know the request", "peer", "update the signer"
                )
        return link_pb2.Answer(done=link_pb2.Done())

    def _stands(self) -> link_pb2.Answer:
        return link_pb2.Answer(standing=self._standing.message())

    def _opened(self, opened: Opened | bytes) -> link_pb2.Answer:
        if isinstance(opened, bytes):
            return link_pb2.Answer(result=link_pb2.Result.FromString(opened))
        entries = self._store.tally.own_after(self._server_has, ENTRIES_PER_ANSWER)
        self._server_has += len(entries)
        return link_pb2.Answer(
            opened=link_pb2.Opened(
                vote=_signed(opened.vote),
                session_id=opened.session_id,
                tally=[_signed(entry) for entry in entries],
            )
        )

    def _refused(self, kind: str, intent_hash: bytes, error: QuorateError) -> link_pb2.Answer:
        refusal = refusals.to_link(error, self._state.id, intent_hash)
        self._measures.refused(kind, refusal.check)
        with self._store.db.unit():
            self._log.append("refusal", refusals.to_leaf(error, kind, intent_hash), self._clock())
        self._journal("refused", request=kind, check=refusal.check, intent=intent_hash.hex() or None)
        return link_pb2.Answer(refusal=refusal)

    async def _envelope(self, envelope: link_pb2.Envelope) -> None:
        message = keeper_pb2.Envelope(to=envelope.to, ciphertext=envelope.ciphertext)
        setattr(message, "from", getattr(envelope, "from"))
        await self._keeper.ask(keeper_pb2.ToKeeper(envelope=message))

    async def _welcome(self, welcome: link_pb2.Welcome) -> None:
        self._server_has = min(welcome.tally_count, self._store.tally.head(self._state.id).count)
        for peer in welcome.connected:
            await self._connected(peer)

    async def _connected(self, peer: str) -> None:
        if peer != self._state.id:
            await self._keeper.ask(keeper_pb2.ToKeeper(connected=keeper_pb2.Connected(peer=peer)))
            self._start.wake()

    def _bug(self, where: str, error: Exception) -> None:
        self._measures.bug()
        self._journal(
            "bug", where=where, detail="".join(traceback.format_exception_only(error)).strip()[:500]
        )
        traceback.print_exception(error)


def _proposal(proposal: link_pb2.Proposal) -> tuple[list[SignedDocument], list[Signed]]:
    versions = [from_link(version) for version in proposal.versions]
    return versions, [Signed(said.body, said.signature) for said in proposal.acknowledgements]


def _signed(signed: Signed) -> link_pb2.Signed:
    return link_pb2.Signed(body=signed.body, signature=signed.signature)


def _certificate(content: bytes) -> link_pb2.Certificate:
    signed = SignedCertificate.from_json(json.loads(content))
    return link_pb2.Certificate(body=signed.body, signatures=signed.signatures)
