"""A server that serves two clusters carries over from A to B what signers, requesters and administrators of A
have signed: every signer of B refuses it by name, and B goes on to sign.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from quorate.core.dialects import fireblocks
from quorate.core.evidence import token
from quorate.core.model.charter import load_chain, verify_chain
from quorate.core.model.intent import RAW_FORMAT, Attempt
from quorate.core.model.records import SignedCertificate, verify_certificate
from quorate.core.proto import link_pb2 as pb
from tests.hostile import bodies
from tests.hostile.cluster import order_message
from tests.hostile.flow import Flow, World, refusals
from tests.hostile.hub import Hub
from tests.hostile.requester import Requester
from tests.identity.conftest import Two
from tests.identity.test_links import journal
from tests.small_cluster import EDDSA, SIGNERS, SmallCluster

MEMBERS = ["signer-1", "signer-2"]


@dataclass
class Side:
    """A cluster whose signers are attached to a server in the test's hands, which keeps what they send."""

    cluster: SmallCluster
    world: World
    answers: list[pb.PeerAnswer] = field(default_factory=list)
    envelopes: list[pb.Envelope] = field(default_factory=list)

    def saw_answer(self, answer: pb.PeerAnswer) -> list[pb.PeerAnswer]:
        self.answers.append(answer)
        return [answer]

    def saw_envelope(self, envelope: pb.Envelope) -> list[pb.Envelope]:
        self.envelopes.append(envelope)
        return [envelope]

    def flow(self, request: pb.RawRequest | None = None) -> Flow:
        body = bodies.body(bodies.EDDSA, 0)
        return Flow(self.world, request or self.world.requester.request(body), list(MEMBERS))

    async def voted(self) -> Flow:
        """A request that was admitted and voted for."""
        flow = self.flow()
        assert refusals(await flow.admit()) == {}
        flow.build()
        assert refusals(await flow.open()) == {}
        return flow


async def _attach(cluster: SmallCluster) -> Side:
    charter = verify_chain(load_chain(cluster.charter.read_bytes()))[-1]
    hub = Hub(charter)
    key = load_pem_private_key((cluster.folder / "requester.key").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    side = Side(cluster, World(hub, charter, Requester("payments", key)))
    hub.relay_answer, hub.relay = side.saw_answer, side.saw_envelope
    address = await hub.serve(cluster.server)
    await asyncio.to_thread(_restart, cluster, address)
    await hub.all_ready(SIGNERS)
    return side


def _restart(cluster: SmallCluster, server: str | None = None) -> None:
    cluster.stop(*SIGNERS)
    cluster.start(server=server)


@dataclass
class Sides:
    a: Side
    b: Side


@pytest.fixture
async def sides(two: Two) -> AsyncIterator[Sides]:
    a, b = await asyncio.gather(_attach(two.a), _attach(two.b))
    try:
        yield Sides(a, b)
    finally:
        await asyncio.gather(a.world.hub.close(), b.world.hub.close())
        await asyncio.gather(*(asyncio.to_thread(_restart, cluster) for cluster in (two.a, two.b)))
        await asyncio.gather(*(asyncio.to_thread(cluster.all_vote) for cluster in (two.a, two.b)))


def unseen(side: Side, certificate: SignedCertificate) -> Flow:
    """A request that no signer of this side was shown, with what each of them would make of it."""
    flow = side.flow()
    key = verify_certificate(certificate, [side.world.charter])
    claims = token.peek(flow.request.token)
    intent = fireblocks.to_intent(flow.request.body, claims, side.world.charter, {key.key: key})
    flow.intent, flow.attempt = intent, Attempt(intent.hash, RAW_FORMAT, b"")
    return flow


async def refusal(side: Side, id: str, message: pb.ToSigner) -> str:
    """The code with which a signer refused a message that has no answer, from its journal."""
    before = len(side.cluster.log(id))
    side.world.hub.tell(id, message)
    async with asyncio.timeout(10):
        while not (entry := journal(side.cluster, id, "message_refused", before)):
            await asyncio.sleep(0.02)
    return str(entry["code"])


async def test_nothing_that_was_signed_for_one_cluster_counts_in_another(two: Two, sides: Sides) -> None:
    """One test, because every part of it needs all six signers attached."""
    a, b = sides.a, sides.b
    certificates = [SignedCertificate.from_json(json.loads(path.read_text())) for path in two.certificates]
    of_a, of_b = await a.voted(), await b.voted()

    # A requester's token.
    assert refusals(await b.flow(of_a.request).admit()) == dict.fromkeys(SIGNERS, "token_signature")
    # Admissions: in place of having seen a request of B fresh.
    new = unseen(b, certificates[1])
    opened = await new.open(request=new.request, admissions=list(of_a.admissions.values()))
    assert refusals(opened) == dict.fromkeys(MEMBERS, "admissions")
    # Votes: all of them, or only the other member's.
    released = await of_b.release(votes={name: list(of_a.votes.values()) for name in MEMBERS})
    assert refusals(released) == dict.fromkeys(MEMBERS, "vote_members")
    mixed = {
        name: [(of_b if name == member else of_a).votes[member] for member in MEMBERS] for name in MEMBERS
    }
    assert refusals(await of_b.release(votes=mixed)) == dict.fromkeys(MEMBERS, "vote_shared")
    # An order of the administrators.
    order = order_message(json.loads((two.a.folder / f"{EDDSA}.order").read_text()))
    for id in SIGNERS:
        assert refusals({id: await b.world.hub.ask(id, pb.Request(order=order))}) == {
            id: "keeper:order_cluster"
        }
    # A key certificate, an answer about a signer's start, a message between keepers.
    whole = pb.Certificate(body=certificates[0].body, signatures=certificates[0].signatures)
    assert await refusal(b, "signer-1", pb.ToSigner(certificate=whole)) == "certificate_charter"
    answer = a.answers[0]
    assert await refusal(b, answer.about, pb.ToSigner(peer_answer=answer)) == "peer_signature"
    for envelope, code in ((a.envelopes[0], "channel_handshake"), (a.envelopes[-1], "channel_unknown")):
        assert await refusal(b, envelope.to, pb.ToSigner(envelope=envelope)) == code

    # All the while B signs.
    last = await b.voted()
    assert refusals(await last.release()) == {}
    assert all(isinstance(end, pb.SessionDone) for end in (await last.end()).values())
