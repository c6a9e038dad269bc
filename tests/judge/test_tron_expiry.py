"""TRON bytes that expired make room for others, when two sources of the charter establish it; else never."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from quorate.core.audit.events import Event
from quorate.core.chains.tron.decode import txid
from quorate.core.errors import Refused
from quorate.core.model.intent import Attempt
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.judge_open import Opened
from quorate.judge.sources import exchange, expiry
from tests.judge.bench import Bench, Case, release_request
from tests.judge.cluster import ALLOW_ALL
from tests.judge.test_replacement import members_vote
from tests.judge.test_tron import around, coins, honest, refused, show
from tests.judge.tron import CHAIN, TOKEN, TronCluster, payment
from tests.judge.voting_keeper import VotingKeeper
from tests.server.chains.front import NOT_FOUND, Asked, Front, Reply, as_json, front
from tests.server.chains.tron_node import GENESIS, Node

LABELS = ["own-node", "provider-a", "provider-b"]
LIFE_S = 300
LATER_S = 420
"""Past the expiration, and past the minute that sources are given."""
SOLID = "/walletsolidity/getblock"


@pytest.fixture(scope="module")
def cluster() -> TronCluster:
    return TronCluster(ALLOW_ALL, rpc_sources={CHAIN: LABELS})


@dataclass
class World:
    """A signer whose configuration knows two of the charter's three sources."""

    bench: Bench
    nodes: list[Node] = field(default_factory=list)
    fronts: list[Front] = field(default_factory=list)

    def pass_time(self, seconds: int) -> None:
        self.bench.offset_ms += 1000 * seconds
        for node in self.nodes:
            node.offset_s += seconds

    def answer(self, path: str, reply: Reply) -> None:
        """By the second source, to that question."""
        honest_answer = self.fronts[1].answer
        self.fronts[1].answer = lambda asked: reply if asked.path == path else honest_answer(asked)

    @property
    def asked(self) -> int:
        return sum(len(each.asked) for each in self.fronts)


@pytest.fixture
def stopped(cluster: TronCluster, tmp_path: Path) -> Iterator[World]:
    """Its signer does not run."""
    made = World(Bench(cluster, tmp_path, genesis={CHAIN: GENESIS.hex()}))
    with ExitStack() as stack:
        for label in LABELS[:2]:
            made.nodes.append(Node(TOKEN))
            made.fronts.append(stack.enter_context(front(made.nodes[-1])))
            made.bench.sources[label] = made.fronts[-1].url
        yield made


@pytest.fixture
async def world(stopped: World) -> AsyncIterator[World]:
    async with stopped.bench.running():
        yield stopped


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT_S", 0.6)


async def expired(world: World, seconds: int = LATER_S) -> tuple[Case, bytes]:
    """A request whose bytes got a vote and have expired since."""
    case = await world.bench.admit(payment())
    first = honest(world.bench, case)
    await show(world.bench, case, first)
    world.pass_time(seconds)
    return case, first


def gone(bench: Bench) -> list[Event]:
    leaves = [Event.from_leaf(leaf) for leaf in bench.judge.store.leaves.data(0, bench.judge.log.size)]
    return [leaf for leaf in leaves if leaf.event == "attempt_gone"]


async def test_two_sources_make_room_for_one_vote_more_and_no_charge(world: World) -> None:
    case, first = await expired(world)
    later = honest(world.bench, case)
    opened = await show(world.bench, case, later, session=2)
    votes = [r.vote for r in world.bench.keeper.requests if r.HasField("vote")]
    assert [vote.HasField("reserve") for vote in votes] == [True, False]
    assert opened.vote.body
    (leaf,) = gone(world.bench)
    attempt = Attempt(case.intent.hash, "tron-tx", first).hash.hex()
    assert leaf.data == {"intent": case.intent.hash.hex(), "attempt": attempt, "sources": LABELS[:2]}
    own = world.bench.judge.store.tally.own_after(0, 10)
    assert len(own) == 1
    # the other one is now what was voted for
    assert (await refused(world.bench, case, honest(world.bench, case, life_ms=1), session=3)).check == (
        "attempt_fixed"
    )


async def test_it_is_released_and_the_expired_one_is_not(world: World) -> None:
    case = await world.bench.admit(payment())
    peer = world.bench.peer()
    old = await show(world.bench, case, honest(world.bench, case))
    theirs, entries = members_vote(world.bench, peer)
    world.pass_time(LATER_S)
    new = await show(world.bench, case, honest(world.bench, case), session=2)
    with pytest.raises(Refused) as caught:
        await world.bench.judge.release.release(release_request(old, [old.vote, theirs], entries))
    assert caught.value.check == "attempt_fixed"
    theirs, entries = members_vote(world.bench, peer)
    await world.bench.judge.release.release(release_request(new, [new.vote, theirs], entries))
    assert world.bench.keeper.asked.count("release") == 1


async def test_again_and_again_within_the_requests_life(world: World) -> None:
    case, _ = await expired(world)
    for session in (2, 3, 4):
        await show(world.bench, case, honest(world.bench, case), session=session)
        world.pass_time(LATER_S)
    assert len(gone(world.bench)) == 3
    assert len(world.bench.judge.store.tally.own_after(0, 10)) == 1


def executed(world: World, first: bytes) -> None:
    world.nodes[1].executed[txid(first).hex()] = {"id": txid(first).hex()}


def waiting(world: World, first: bytes) -> None:
    """In a block that is not solid yet."""
    world.answer("/wallet/gettransactionbyid", as_json({"txID": txid(first).hex()}))


def info_alone(world: World, first: bytes) -> None:
    world.answer("/walletsolidity/gettransactioninfobyid", as_json({"id": txid(first).hex()}))


def behind(world: World, _: bytes) -> None:
    world.nodes[1].offset_s -= LATER_S


def not_solid_for_long(world: World, _: bytes) -> None:
    world.nodes[1].offset_s -= LATER_S - LIFE_S - 100


def another_network(world: World, _: bytes) -> None:
    world.answer("/wallet/getblockbynum", as_json({"blockID": "0000000000000000" + "ab" * 24}))


def unknown_genesis(world: World, _: bytes) -> None:
    world.bench.genesis.clear()


def one_source(world: World, _: bytes) -> None:
    del world.bench.sources[LABELS[1]]


def no_source(world: World, _: bytes) -> None:
    world.bench.sources.clear()


def not_the_charters(world: World, _: bytes) -> None:
    world.bench.sources["elsewhere"] = world.bench.sources.pop(LABELS[1])


def down(world: World, _: bytes) -> None:
    world.fronts[1].close()


def answering(path: str, reply: Reply) -> Callable[[World, bytes], None]:
    return lambda world, _: world.answer(path, reply)


BLOCK = b'{"block_header": {"raw_data": {"timestamp": 99999999999999}}}'
BY_ID = "/wallet/gettransactionbyid"
REFUSED: dict[str, Callable[[World, bytes], None]] = {
    "executed": executed,
    "waiting": waiting,
    "only its receipt": info_alone,
    "a node that is behind": behind,
    "a block that is solid and too early": not_solid_for_long,
    "another network": another_network,
    "a genesis that this signer does not know": unknown_genesis,
    "one source": one_source,
    "no source": no_source,
    "a source that the charter does not name": not_the_charters,
    "down": down,
    "without solid blocks": answering(SOLID, NOT_FOUND),
    "an error in words": answering(BY_ID, as_json({"Error": "this API is closed"})),
    "an error in numbers": answering(BY_ID, Reply(b"{}", 503)),
    "a list": answering(BY_ID, as_json([])),
    "null": answering(BY_ID, as_json(None)),
    "no JSON": answering(BY_ID, Reply(b"<html>")),
    "a member twice": answering(SOLID, Reply(BLOCK[:-1] + b', "block_header": {}}')),
    "time as text": answering(SOLID, as_json({"block_header": {"raw_data": {"timestamp": "9" * 14}}})),
    "no time": answering(SOLID, as_json({"block_header": {"raw_data": {}}})),
    "elsewhere": answering(BY_ID, Reply(b"{}", 302, headers={"Location": "http://127.0.0.1:1/"})),
    "too deep": answering(BY_ID, Reply(b"[" * 100_000)),
    "too long": answering(BY_ID, Reply(b"{}" + b" " * (1 << 20))),
    "cut off": answering(BY_ID, Reply(b"{}", claimed=100)),
    "a byte now and then": answering(BY_ID, Reply(b"{}" + b" " * 100, pause=0.1)),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_otherwise_the_bytes_stand(world: World, name: str) -> None:
    case, first = await expired(world)
    REFUSED[name](world, first)
    assert (await refused(world.bench, case, honest(world.bench, case), session=2)).check == "attempt_fixed"
    assert gone(world.bench) == []
    assert len(REFUSED) == 25


async def test_what_has_not_expired_is_not_asked_about(world: World) -> None:
    case, _ = await expired(world, LIFE_S - 10)
    assert (await refused(world.bench, case, honest(world.bench, case), session=2)).check == "attempt_fixed"
    assert world.asked == 0


async def test_the_same_is_not_asked_twice_in_a_row(world: World) -> None:
    case, first = await expired(world)
    executed(world, first)
    for session in (2, 3):
        check = (await refused(world.bench, case, honest(world.bench, case), session=session)).check
        assert check == "attempt_fixed"
        asked = world.asked
    assert asked == 7
    world.nodes[1].executed.clear()
    world.pass_time(expiry.PAUSE_MS // 1000)
    await show(world.bench, case, honest(world.bench, case), session=4)


async def test_two_of_three_are_enough(world: World) -> None:
    case, first = await expired(world)
    executed(world, first)
    with front(world.nodes[0]) as third:
        world.bench.sources[LABELS[2]] = third.url
        await show(world.bench, case, honest(world.bench, case), session=2)
    (leaf,) = gone(world.bench)
    assert leaf.data["sources"] == [LABELS[0], LABELS[2]]


async def test_a_restart_forgets_nothing(stopped: World) -> None:
    bench = stopped.bench
    async with bench.running():
        case, first = await expired(stopped)
        await show(bench, case, honest(bench, case), session=2)
    sealed = {"tally_count": bench.keeper.tally_count, "tally_head": bench.keeper.tally_head}
    async with bench.running(**sealed):
        attempts, other = bench.judge.store.attempts, Attempt(case.intent.hash, "tron-tx", b"other")
        assert Attempt(case.intent.hash, "tron-tx", first).hash in attempts.hashes_of(case.intent.hash)
        assert first not in {each.data for each in attempts.others(other)}
        assert len(attempts.others(other)) == 1


async def test_what_happened_meanwhile_counts(world: World) -> None:
    """The request's life ends while a source takes its time."""
    case, _ = await expired(world)
    later, answer = honest(world.bench, case), world.fronts[0].answer

    def slow(asked: Asked) -> Reply:
        if asked.path == BY_ID:
            world.bench.offset_ms += 3_600_000
        return answer(asked)

    world.fronts[0].answer = slow
    assert (await refused(world.bench, case, later, session=2)).check == "expired"


async def test_a_slow_source_holds_up_nothing_else(world: World) -> None:
    other = await world.bench.admit(payment())
    case, _ = await expired(world)
    world.answer(SOLID, Reply(b"{}" + b" " * 100, pause=0.1))
    waiting = asyncio.create_task(refused(world.bench, case, honest(world.bench, case), session=2))
    while not world.asked:
        await asyncio.sleep(0.01)
    before = time.monotonic()
    opened = await world.bench.judge.judge_open.open(
        link_pb2.Open(
            intent_hash=other.intent.hash,
            format="tron-tx",
            bytes=honest(world.bench, other),
            members=["signer-1", "signer-2"],
            session=1,
        )
    )
    assert isinstance(opened, Opened)
    assert not waiting.done()
    assert time.monotonic() - before < 0.3
    with pytest.raises(AssertionError, match="asked for a vote"):  # by the other request
        await waiting


class TestOfOthers:
    """This signer took no part in the first version."""

    def entry(self, bench: Bench, case: Case, data: bytes, peer: VotingKeeper) -> link_pb2.Signed:
        intent = case.intent
        fields = keeper_pb2.TallyFields(
            user=intent.user, operation=intent.operation, source="0",
            destination=intent.destination.address if intent.destination else "", asset="TRX",
            amount=str(intent.amount), expires_at=intent.expires_at,
        )  # fmt: skip
        hash = Attempt(intent.hash, "tron-tx", data).hash
        signed = peer.entry(
            keeper_pb2.Vote(
                intent_hash=intent.hash, attempt_hash=hash, time_ms=bench.now_ms(), reserve=fields
            )
        )
        return link_pb2.Signed(body=signed.body, signature=signed.signature)

    def asked(self, case: Case, data: bytes, **known: Any) -> link_pb2.Open:
        return link_pb2.Open(
            intent_hash=case.intent.hash,
            format="tron-tx",
            bytes=data,
            members=["signer-1", "signer-2"],
            session=2,
            **known,
        )

    async def test_what_was_brought_may_be_gone_and_stays_so(self, world: World) -> None:
        bench, peer = world.bench, world.bench.peer()
        case = await bench.admit(payment())
        first = honest(bench, case)
        known = {"tally": [self.entry(bench, case, first, peer)], "earlier": [first]}
        with pytest.raises(Refused) as caught:
            await bench.judge.judge_open.open(self.asked(case, honest(bench, case, life_ms=200_000), **known))
        assert caught.value.check == "attempt_fixed"
        world.pass_time(LATER_S)
        opened = await bench.judge.judge_open.open(self.asked(case, honest(bench, case), **known))
        assert not isinstance(opened, bytes)
        theirs, _ = members_vote(bench, peer)
        with bench.judge.store.db.unit():
            bench.judge.store.attempts.forget_unvoted()
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))

    async def test_what_does_more_than_was_asked_for_is_never_gone(self, world: World) -> None:
        bench, peer = world.bench, world.bench.peer()
        case = await bench.admit(payment())
        first = around(bench, coins(bench, permission=2))
        known = {"tally": [self.entry(bench, case, first, peer)], "earlier": [first]}
        world.pass_time(LATER_S)
        with pytest.raises(Refused) as caught:
            await bench.judge.judge_open.open(self.asked(case, honest(bench, case), **known))
        assert caught.value.check == "attempt_fixed"
        assert world.asked == 0

    async def test_what_is_withheld_is_not_released_over(self, world: World) -> None:
        bench, peer = world.bench, world.bench.peer()
        case = await bench.admit(payment())
        entry = self.entry(bench, case, honest(bench, case), peer)
        world.pass_time(LATER_S)
        opened = await bench.judge.judge_open.open(self.asked(case, honest(bench, case), tally=[entry]))
        assert not isinstance(opened, bytes)
        theirs, _ = members_vote(bench, peer)
        with pytest.raises(Refused) as caught:
            await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))
        assert caught.value.check == "attempt_agreed"
