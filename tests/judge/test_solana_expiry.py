"""Solana messages that died make room for others, when two sources of the charter establish it; else never.

Both sources stand before one real runtime.
"""

import base64
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from solders.transaction_metadata import TransactionMetadata

from quorate.core.chains import base58
from quorate.core.chains.solana.attach import attach
from quorate.core.chains.solana.expired import CLOCK, MOST, WAIT_S
from quorate.core.errors import Refused
from quorate.core.model.intent import Attempt, Item
from quorate.judge.sources import exchange
from quorate.server.chains.networks import GENESIS
from tests.judge.bench import Bench, Case
from tests.judge.cluster import ALLOW_ALL
from tests.judge.solana_cluster import CHAIN, SolanaCluster, pay
from tests.judge.test_solana import ask, honest
from tests.judge.test_tron_expiry import gone
from tests.server.chains.front import Asked, Front, Reply, as_json, front
from tests.server.solana_node import SolanaNode
from tests.server.whole_keys import sign

LABELS = ["own-node", "provider-a"]
SOL = 10**9
PATH = (44, 501, 0, 0, 0)


@pytest.fixture(scope="module")
def solana() -> SolanaCluster:
    return SolanaCluster(ALLOW_ALL, rpc_sources={CHAIN: LABELS})


@dataclass
class World:
    bench: Bench
    node: SolanaNode
    sender: str
    fronts: list[Front] = field(default_factory=list)

    def pass_time(self, seconds: int) -> None:
        self.bench.offset_ms += 1000 * seconds
        self.node.offset_s += seconds
        self.node.expire()

    def answer(self, method: str, change: Callable[[list[Any], Any], Any]) -> None:
        """The second source's: made of the parameters and of the honest result."""
        honest_answer = self.fronts[1].answer

        def answer(asked: Asked) -> Reply:
            call = asked.json
            if call["method"] != method:
                return honest_answer(asked)
            result = json.loads(honest_answer(asked).body).get("result")
            return as_json({"jsonrpc": "2.0", "id": call["id"], "result": change(call["params"], result)})

        self.fronts[1].answer = answer

    def bytes(self, case: Case) -> bytes:
        blockhash = str(self.node.run(lambda world: world.vm.latest_blockhash()))
        return honest(self.sender, case.intent.effects[0], blockhash=blockhash)

    def signed(self, data: bytes) -> bytes:
        """By the account's key: another signature each time."""
        wire, _ = attach(data, [sign(self.bench.cluster, Item(1, PATH, data)).signature])
        return wire

    def execute(self, data: bytes) -> None:
        wire = self.signed(data)
        result = self.node.run(lambda world: world.broadcast(wire))
        assert isinstance(result, TransactionMetadata), result
        self.node.note(wire)


@pytest.fixture
async def world(solana: SolanaCluster, tmp_path: Path) -> AsyncIterator[World]:
    node, bench = SolanaNode(), Bench(solana, tmp_path)
    made = World(bench, node, solana.solana_address("0"))
    node.fund(made.sender, 10 * SOL)
    with ExitStack() as stack:
        stack.callback(node.close)
        for label in LABELS:
            made.fronts.append(stack.enter_context(front(node.answer)))
            bench.sources[label] = made.fronts[-1].url
        async with bench.running():
            yield made


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT_S", 0.6)


async def dead(world: World, seconds: int = WAIT_S + 1) -> tuple[Case, bytes]:
    case = await world.bench.admit(pay())
    first = world.bytes(case)
    await ask(world.bench, case, first)
    world.pass_time(seconds)
    return case, first


async def refused(world: World, case: Case, data: bytes) -> str:
    votes = world.bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await ask(world.bench, case, data, session=2)
    assert world.bench.keeper.asked.count("vote") == votes
    return caught.value.check


async def test_two_sources_make_room_for_one_vote_more_and_no_charge(world: World) -> None:
    case, first = await dead(world)
    await ask(world.bench, case, world.bytes(case), session=2)
    votes = [r.vote for r in world.bench.keeper.requests if r.HasField("vote")]
    assert [vote.HasField("reserve") for vote in votes] == [True, False]
    (leaf,) = gone(world.bench)
    attempt = Attempt(case.intent.hash, "solana-message", first).hash.hex()
    assert leaf.data == {"intent": case.intent.hash.hex(), "attempt": attempt, "sources": LABELS}


async def test_other_payments_of_the_account_are_no_hindrance(world: World) -> None:
    other = await world.bench.admit(pay("2"))
    world.execute(world.bytes(other))
    case, _ = await dead(world)
    await ask(world.bench, case, world.bytes(case), session=2)
    asked = [asked.json["method"] for asked in world.fronts[0].asked]
    assert asked.count("getTransaction") == 1


async def test_bytes_that_were_executed_by_whatever_signature_stand(world: World) -> None:
    case = await world.bench.admit(pay())
    first = world.bytes(case)
    await ask(world.bench, case, first)
    assert world.signed(first) != world.signed(first)
    world.execute(first)
    world.pass_time(WAIT_S + 1)
    assert await refused(world, case, world.bytes(case)) == "attempt_fixed"


def one_source(world: World) -> None:
    del world.bench.sources[LABELS[1]]


def down(world: World) -> None:
    world.fronts[1].close()


def clock(seconds: int) -> Callable[[World], None]:
    """Of the chain, other than the signer's."""

    def change(world: World) -> None:
        def earlier(params: list[Any], result: Any) -> Any:
            assert params[0] == CLOCK
            slot, *others, now = struct.unpack("<QqQQq", base64.b64decode(result["value"]["data"][0]))
            data = struct.pack("<QqQQq", slot, *others, now + seconds)
            result["value"]["data"][0] = base64.b64encode(data).decode()
            return result

        world.answer("getAccountInfo", earlier)

    return change


def saying(method: str, change: Callable[[list[Any], Any], Any]) -> Callable[[World], None]:
    return lambda world: world.answer(method, change)


def entry(number: int, seconds: int) -> dict[str, Any]:
    signature = base58.encode(number.to_bytes(64, "big"))
    return {"signature": signature, "slot": 2000 - number, "blockTime": seconds, "err": None}


def long(params: list[Any], result: Any) -> Any:
    now, limit = result[0]["blockTime"] + 24 * 3600, params[1]["limit"]
    return [entry(number, now) for number in range(limit - 1)] + [entry(limit, now)]


HISTORY = "getSignaturesForAddress"
REFUSED: dict[str, Callable[[World], None]] = {
    "one source": one_source,
    "down": down,
    "another network": saying("getGenesisHash", lambda _, __: GENESIS["solana", "testnet"]),
    "no genesis": saying("getGenesisHash", lambda _, __: None),
    "a chain that stood still": clock(-2),
    "no clock": saying("getAccountInfo", lambda _, result: {**result, "value": None}),
    "a blockhash that lives": saying("isBlockhashValid", lambda _, result: {**result, "value": True}),
    "neither dead nor alive": saying("isBlockhashValid", lambda _, result: {**result, "value": None}),
    "a node that is behind": saying("isBlockhashValid", lambda _, r: {**r, "context": {"slot": 7}}),
    "a history too long": saying(HISTORY, long),
    "a history that does not reach back": saying(HISTORY, lambda _, __: []),
    "a history without times": saying(HISTORY, lambda _, r: [{**r[0], "blockTime": None}]),
    "a history in disorder": saying(HISTORY, lambda _, r: [entry(9, 1), *r, entry(1, 1)]),
    "no history": saying(HISTORY, lambda _, __: None),
    "a transaction that is not shown": saying(HISTORY, lambda _, r: [entry(1, r[0]["blockTime"] * 2), *r]),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_otherwise_the_bytes_stand(world: World, name: str) -> None:
    case, _ = await dead(world)
    REFUSED[name](world)
    assert await refused(world, case, world.bytes(case)) == "attempt_fixed"
    assert gone(world.bench) == []
    assert len(REFUSED) == 15


async def test_another_transaction_than_was_asked_for_stands_for_nothing(world: World) -> None:
    case, first = await dead(world)
    wire = wired(first[:-1] + b"\x07", 2)
    world.answer(HISTORY, lambda _, r: [entry(1, r[0]["blockTime"] + 24 * 3600), *r])
    world.answer("getTransaction", lambda _, __: {"transaction": [base64.b64encode(wire).decode(), "base64"]})
    assert await refused(world, case, world.bytes(case)) == "attempt_fixed"


async def test_it_is_too_early_for_ten_minutes(world: World) -> None:
    case, _ = await dead(world, WAIT_S - 30)
    assert await refused(world, case, world.bytes(case)) == "attempt_fixed"
    assert [asked for each in world.fronts for asked in each.asked] == []


async def test_as_many_transactions_as_are_looked_at(world: World) -> None:
    case, first = await dead(world)
    made = [wired(first[:-1] + bytes([number]), number) for number in range(MOST)]
    wire = {base58.encode(each[1:65]): each for each in made if each[65:] != first}

    def busy(params: list[Any], result: Any) -> Any:
        newest = result[0]["blockTime"] + 24 * 3600
        shown = [{**entry(0, newest), "signature": name} for name in wire]
        return [*shown, *result][: params[1]["limit"]]

    def shown(params: list[Any], result: Any) -> Any:
        return {"transaction": [base64.b64encode(wire[params[0]]).decode(), "base64"]}

    world.answer(HISTORY, busy)
    world.answer("getTransaction", shown)
    await ask(world.bench, case, world.bytes(case), session=2)
    assert len(gone(world.bench)) == 1


def wired(message: bytes, number: int) -> bytes:
    """As it stands in a block, under a signature that is none."""
    return b"\x01" + number.to_bytes(64, "big") + message
