"""A keeper that says yes to everything, in process: real frames, real signatures, no shares and none of the
real one's checks.

It answers in order, counts what it let out, and sends its state as a blob with every vote, as the real one
does.
"""

import asyncio
import base64
import secrets
import socket
from dataclasses import dataclass, field

from quorate.core.audit.checkpoint import Checkpoint, Verifier, origin
from quorate.core.model import labels
from quorate.core.model.freeze import Freeze, FreezeSet
from quorate.core.model.intent import Item
from quorate.core.model.records import (
    UNFREEZE,
    Acknowledgement,
    Admission,
    Head,
    Known,
    Order,
    PeerState,
    Signed,
    TallyEntry,
    Vote,
)  # fmt: skip
from quorate.core.model.tally import NO_HEAD
from quorate.core.model.vote import RANDOMNESS
from quorate.core.proto import keeper_pb2 as pb
from tests.judge.cluster import Cluster, Member


@dataclass
class VotingKeeper:
    """`refuse` maps a request's name to the error code it gets; `persist` makes it answer with a state
    blob.
    """

    cluster: Cluster
    me: Member
    may_vote: bool = True
    activated: bool = True
    incarnation: int = 1
    refuse: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[pb.ToKeeper] = field(default_factory=list)
    tally_count: int = 0
    tally_head: bytes = NO_HEAD
    log_size: int = 0
    log_root: bytes = b""
    reserved: set[bytes] = field(default_factory=set)
    votes: dict[bytes, Vote] = field(default_factory=dict)
    fixed_r: bytes = b""
    freezes: FreezeSet = field(default_factory=FreezeSet)

    async def start(self) -> socket.socket:
        """Runs until the judge's end, which this returns, is closed."""
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        self._task = asyncio.create_task(self._run(reader, writer))
        return theirs

    def kill(self) -> None:
        self._task.cancel()

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(4), "big")
                request = pb.ToKeeper.FromString(await reader.readexactly(length))
                reply = self._answer(request)
                reply.id = request.id
                frame = reply.SerializeToString()
                writer.write(len(frame).to_bytes(4, "big") + frame)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, request: pb.ToKeeper) -> pb.FromKeeper:
        name = request.WhichOneof("request") or ""
        self.asked.append(name)
        self.requests.append(request)
        if name in self.refuse:
            return pb.FromKeeper(
                error=pb.Error(code=self.refuse[name], message="told to refuse", whose="peer")
            )
        reply: pb.FromKeeper = getattr(self, f"_{name}")(getattr(request, name))
        reply.persist.append(pb.Blob(name="state", content=b"state %d" % len(self.asked)))
        return reply

    def _load(self, load: pb.Load) -> pb.FromKeeper:
        charter = self.cluster.charter
        self.activated = bool(load.charters)
        return pb.FromKeeper(
            loaded=pb.Loaded(
                signer=self.me.id,
                vote_key=self.me.vote_key,
                log_key=self.me.log_key,
                envelope_key=self.me.envelope,
                seal="key-file",
                incarnation=self.incarnation,
                start_nonce=bytes(32),
                start=self._start(),
                charter_version=1 if self.activated else 0,
                charter_hash=charter.hash if self.activated else b"",
                tally_count=self.tally_count,
                tally_head=self.tally_head,
                log_size=self.log_size,
                log_root=self.log_root,
                program_version="voting-keeper",
                freeze_count=self.freezes.state.count,
                freeze_hash=self.freezes.state.hash,
            )
        )

    @property
    def _freeze_state(self) -> tuple[int, bytes]:
        return self.freezes.state.count, self.freezes.state.hash

    def _start(self) -> pb.StartState:
        return pb.StartState(may_vote=self.may_vote, needed=2)

    def _status(self, _: pb.Status) -> pb.FromKeeper:
        return pb.FromKeeper(status=pb.StatusReply(start=self._start(), incarnation=self.incarnation))

    def _accept_charter(self, accept: pb.AcceptCharter) -> pb.FromKeeper:
        from quorate.core.model.charter import parse

        charter = parse(accept.charter.body)
        body = Acknowledgement(
            charter.cluster,
            self.me.id,
            charter.version,
            charter.hash,
            *self._freeze_state,
            self.incarnation,
            1,
        ).to_bytes()
        signed = self._sign(labels.ACKNOWLEDGEMENT, body)
        return pb.FromKeeper(
            charter_accepted=pb.CharterAccepted(
                acknowledgement=signed, version=charter.version, hash=charter.hash
            )
        )

    def _answer_peer(self, ask: pb.AnswerPeer) -> pb.FromKeeper:
        charter = self.cluster.charter
        state = PeerState(
            charter.cluster, self.me.id, ask.about, ask.nonce, 1, charter.hash, *self._freeze_state,
            ask.time_ms,
            Known(1, 0, NO_HEAD, 0),
        )  # fmt: skip
        return pb.FromKeeper(peer_state=self._sign(labels.PEER_STATE, state.to_bytes()))

    def _hear_peer(self, hear: pb.HearPeer) -> pb.FromKeeper:
        self.may_vote = True
        return pb.FromKeeper(start_state=self._start())

    def _sign_admission(self, ask: pb.SignAdmission) -> pb.FromKeeper:
        admission = Admission(
            self.cluster.charter.cluster, self.me.id, self.incarnation, ask.intent_hash, ask.user,
            ask.token_nonce, ask.external_id if ask.HasField("external_id") else None, ask.time_ms,
        )  # fmt: skip
        return pb.FromKeeper(admission=self._sign(labels.ADMISSION, admission.to_bytes()))

    def _checkpoint(self, ask: pb.Checkpoint) -> pb.FromKeeper:
        from quorate.core.audit.merkle import verify_consistency

        if self.log_size:
            verify_consistency(self.log_size, ask.size, self.log_root, ask.root, list(ask.consistency))
        self.log_size, self.log_root = ask.size, ask.root
        name = origin(self.cluster.charter.cluster, self.me.id)
        text = Checkpoint(name, ask.size, ask.root).to_text()
        content = Verifier(name, self.me.log_key).key_id + self.me.log.sign(text.encode())
        note = f"{text}\n— {name} {base64.b64encode(content).decode()}\n"
        return pb.FromKeeper(checkpoint_note=pb.CheckpointNote(note=note))

    def _order(self, ask: pb.Order) -> pb.FromKeeper:
        order = Order.from_bytes(ask.order.body)
        if order.kind != UNFREEZE:
            return pb.FromKeeper(done=pb.Done())
        self.freezes = self.freezes.lift(order.freezes or ())
        return pb.FromKeeper(acknowledged=self._acknowledged())

    def _freeze(self, ask: pb.Freeze) -> pb.FromKeeper:
        self.freezes = self.freezes.add(Freeze.from_bytes(ask.freeze.body))
        return pb.FromKeeper(acknowledged=self._acknowledged())

    def _acknowledged(self) -> pb.Acknowledged:
        charter, state = self.cluster.charter, self.freezes.state
        body = Acknowledgement(
            charter.cluster, self.me.id, charter.version, charter.hash, state.count, state.hash,
            self.incarnation, 1,
        ).to_bytes()  # fmt: skip
        signed = self._sign(labels.ACKNOWLEDGEMENT, body)
        return pb.Acknowledged(acknowledgement=signed, freeze_count=state.count, freeze_hash=state.hash)

    def _certificate(self, _: pb.Certificate) -> pb.FromKeeper:
        return pb.FromKeeper(done=pb.Done())

    def _connected(self, _: pb.Connected) -> pb.FromKeeper:
        return pb.FromKeeper(done=pb.Done())

    def _abandon(self, _: pb.Abandon) -> pb.FromKeeper:
        return pb.FromKeeper(done=pb.Done())

    def _adopt_tally(self, adopt: pb.AdoptTally) -> pb.FromKeeper:
        for signed in adopt.entries:
            entry = TallyEntry.from_bytes(signed.body)
            self.tally_count, self.tally_head = entry.count, entry.head
        return pb.FromKeeper(done=pb.Done())

    def _vote(self, ask: pb.Vote) -> pb.FromKeeper:
        entry = None
        if ask.HasField("reserve"):
            entry = self.entry(ask)
        vote = self.vote_for(ask)
        self.votes[vote.session_id] = vote
        voted = pb.Voted(
            vote=self._sign(labels.VOTE, vote.to_bytes()), session_id=vote.session_id, tally_entry=entry
        )
        return pb.FromKeeper(voted=voted)

    def entry(self, ask: pb.Vote) -> pb.Signed:
        """The next entry of this signer's chain."""
        fields = ask.reserve
        entry = TallyEntry(
            self.cluster.charter.cluster, self.me.id, self.tally_count + 1, self.tally_head, ask.intent_hash,
            ask.attempt_hash, ask.time_ms, fields.user, fields.operation, fields.source, fields.destination,
            fields.asset, int(fields.amount), fields.expires_at,
        )  # fmt: skip
        self.tally_count, self.tally_head = entry.count, entry.head
        return self._sign(labels.TALLY, entry.to_bytes())

    def vote_for(self, ask: pb.Vote) -> Vote:
        charter = self.cluster.charter
        known = {head.signer: Head(head.signer, head.count, head.head) for head in ask.heads}
        known[self.me.id] = Head(self.me.id, self.tally_count, self.tally_head)
        items = tuple(Item(item.scheme, tuple(item.path), item.message) for item in ask.items)
        randomness = tuple(secrets.token_bytes(RANDOMNESS[item.scheme]) for item in items)
        return Vote(
            charter.cluster, charter.hash, *self._freeze_state, ask.key, 1, ask.intent_hash, ask.attempt_hash,
            items,
            tuple(ask.members), ask.session, self.me.id, self.incarnation, ask.time_ms, randomness,
            tuple(known[signer.id] for signer in charter.signers),
        )  # fmt: skip

    def _release(self, release: pb.Release) -> pb.FromKeeper:
        vote = self.votes[release.session_id]
        items = [
            pb.ItemSignature(
                signature=(self.fixed_r or secrets.token_bytes(32)) + bytes(32), public_key=bytes(32)
            )
            for _ in vote.items
        ]
        signature = pb.Event(signature=pb.Signature(session_id=release.session_id, items=items))
        send = pb.Event(send=pb.Envelope(to="signer-2", ciphertext=b"share"))
        return pb.FromKeeper(done=pb.Done(), events=[send, signature])

    def _sign(self, label: str, body: bytes) -> pb.Signed:
        signed: Signed = self.me.sign(label, body)
        return pb.Signed(body=signed.body, signature=signed.signature)
