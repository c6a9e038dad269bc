"""A judge under test: all its parts over a real database and a keeper that votes, without a server."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account.typed_transactions import TypedTransaction

from quorate.core.model.intent import Attempt, Intent, format_for
from quorate.core.model.records import Signed
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.assembly import Judge, assemble
from quorate.judge.config import Config
from quorate.judge.judge_open import Opened
from quorate.judge.store.store import open_store
from tests.judge.cluster import Cluster, transfer
from tests.judge.voting_keeper import VotingKeeper


@dataclass
class Bench:
    """`offset_ms` moves this signer's clock; `sent` is what went to the server; `sources` and `genesis` as in
    its signer.json.
    """

    cluster: Cluster
    folder: Path
    id: str = "signer-1"
    offset_ms: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    genesis: dict[str, str] = field(default_factory=dict)
    sent: list[link_pb2.ToServer] = field(default_factory=list)
    journal: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    judge: Judge = field(init=False)
    keeper: VotingKeeper = field(init=False)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset_ms

    @asynccontextmanager
    async def running(self, activate: bool = True, **keeper: Any) -> AsyncIterator["Bench"]:
        """With the charter and both keys in force unless told otherwise; may be used again on the same
        folder.
        """
        failures: list[Exception] = []
        self.folder.mkdir(exist_ok=True)
        self.keeper = VotingKeeper(self.cluster, self.cluster.members[self.id], **keeper)
        store = open_store(self.folder / "judge.sqlite", self.id, failures.append)
        if not store.blobs.all():
            with store.db.unit():
                store.blobs.put([("seal", b"seal"), ("identity", b"identity"), ("state", b"state")])
        theirs = await self.keeper.start()
        reader, writer = await asyncio.open_connection(sock=theirs)
        config = Config(self.folder, self.id, "127.0.0.1:1", sources=self.sources, genesis=self.genesis)
        self.judge = assemble(config, store, reader, writer, self.now_ms, self._note)
        self.judge.outbox.bind(self.sent.append)
        task = asyncio.create_task(self.judge.keeper.run())
        try:
            await self.judge.load()
            if activate and not self.judge.state.charters:
                await self._activate()
            yield self
            assert not failures
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            writer.close()
            store.db.close()
            self.keeper.kill()

    async def _activate(self) -> None:
        from tests.judge.cluster import chain_json

        await self.judge.activation.activate(
            chain_json(self.cluster.document), self.cluster.charter.hash.hex()
        )
        for certificate in self.cluster.certificates.values():
            message = link_pb2.Certificate(body=certificate.body, signatures=certificate.signatures)
            await self.judge.server_side.handle(link_pb2.ToSigner(certificate=message))

    def _note(self, event: str, /, **fields: Any) -> None:
        self.journal.append((event, fields))

    async def admit(self, body: dict[str, Any] | None = None, **claims: Any) -> "Case":
        raw = self.cluster.user.request(body if body is not None else transfer(), **claims)
        admitted = await self.judge.admit.fresh(raw)
        return Case(raw, Intent.from_bytes(admitted.intent), admitted.admission)

    async def open(self, case: "Case", **fields: Any) -> Opened:
        opened = await self.judge.judge_open.open(self.request(case, **fields))
        assert isinstance(opened, Opened)
        return opened

    def request(self, case: "Case", **fields: Any) -> link_pb2.Open:
        transaction = {k: fields.pop(k) for k in list(fields) if k in TRANSACTION_FIELDS}
        is_transfer = case.intent.operation == "TRANSFER"
        default: dict[str, Any] = {
            "intent_hash": case.intent.hash,
            "format": format_for(case.intent),
            "bytes": unsigned(case.intent, **transaction) if is_transfer and "bytes" not in fields else b"",
            "members": ["signer-1", "signer-2"],
            "session": 1,
        }
        return link_pb2.Open(**{**default, **fields})

    def peer(self, id: str = "signer-2") -> VotingKeeper:
        """Another signer's keeper, to make its votes and tally entries with."""
        return VotingKeeper(self.cluster, self.cluster.members[id])

    def leaves(self) -> list[str]:
        from quorate.core.audit.events import Event

        size = self.judge.log.size
        return [Event.from_leaf(leaf).event for leaf in self.judge.store.leaves.data(0, size)]


TRANSACTION_FIELDS = {"nonce", "to", "value", "data", "chain_id", "gas", "max_fee", "priority", "access_list"}


@dataclass(frozen=True)
class Case:
    """A request that was admitted."""

    raw: link_pb2.RawRequest
    intent: Intent
    admission: link_pb2.Signed

    def attempt_hash(self, data: bytes) -> bytes:
        return Attempt(self.intent.hash, "evm-tx", data).hash


def unsigned(intent: Intent, **changes: Any) -> bytes:
    """An honest server's bytes for a native transfer, some fields replaced."""
    fields = {
        "nonce": 0,
        "to": intent.effects[0].to if intent.effects else "0x" + "00" * 20,
        "value": intent.amount or 0,
        "data": b"",
        "chain_id": 31337,
        "gas": 21_000,
        "max_fee": 10**9,
        "priority": 10**8,
        "access_list": [],
        **changes,
    }
    transaction = TypedTransaction.from_dict(
        {
            "type": 2,
            "chainId": fields["chain_id"],
            "nonce": fields["nonce"],
            "maxPriorityFeePerGas": fields["priority"],
            "maxFeePerGas": fields["max_fee"],
            "gas": fields["gas"],
            "to": fields["to"],
            "value": fields["value"],
            "data": fields["data"],
            "accessList": fields["access_list"],
        }
    )
    inner = transaction.transaction
    return bytes([2]) + _unsigned_payload(inner)


def _unsigned_payload(inner: Any) -> bytes:
    import rlp
    from eth_account._utils.transaction_utils import transaction_rpc_to_rlp_structure

    unsigned_serializer = type(inner)._unsigned_transaction_serializer
    values = transaction_rpc_to_rlp_structure(inner.dictionary)
    without = {k: v for k, v in values.items() if k not in ("v", "r", "s", "type")}
    return rlp.encode(unsigned_serializer.from_dict(without))


def vote_request(bench: Bench, case: Case, opened: Opened, peer: VotingKeeper) -> tuple[Signed, Signed]:
    """What an honest second member answers to the same Open: (its vote, its tally entry)."""
    ask = next(r.vote for r in reversed(bench.keeper.requests) if r.WhichOneof("request") == "vote")
    reserve = keeper_pb2.TallyFields()
    reserve.CopyFrom(
        next(
            r.vote.reserve
            for r in bench.keeper.requests
            if r.WhichOneof("request") == "vote"
            and r.vote.intent_hash == case.intent.hash
            and r.vote.HasField("reserve")
        )
    )
    theirs = keeper_pb2.Vote()
    theirs.CopyFrom(ask)
    theirs.reserve.CopyFrom(reserve)
    del theirs.heads[:]
    for signer in bench.cluster.charter.signers:
        head = bench.judge.store.tally.head(signer.id)
        if signer.id != peer.me.id:
            theirs.heads.append(keeper_pb2.Head(signer=signer.id, count=head.count, head=head.head))
    theirs.time_ms = ask.time_ms
    reply = peer._vote(theirs)
    vote, entry = reply.voted.vote, reply.voted.tally_entry
    return Signed(vote.body, vote.signature), Signed(entry.body, entry.signature)


def release_request(opened: Opened, votes: list[Signed], entries: list[Signed]) -> link_pb2.Release:
    return link_pb2.Release(
        session_id=opened.session_id,
        votes=[link_pb2.Signed(body=v.body, signature=v.signature) for v in votes],
        tally=[link_pb2.Signed(body=e.body, signature=e.signature) for e in entries],
    )
