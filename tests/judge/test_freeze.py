"""Freezes at the judge: refused at admission, before a vote and before a release; never forgotten."""

from dataclasses import replace
from pathlib import Path

import pytest

from quorate.core.errors import QuorateError, Refused
from quorate.core.model import labels
from quorate.core.model.charter import SignedDocument
from quorate.core.model.freeze import FreezeSet
from quorate.core.model.records import Acknowledgement
from quorate.core.proto import link_pb2
from quorate.judge.documents import to_link
from tests.judge.bench import Bench, release_request, vote_request
from tests.judge.cluster import Administrator, Cluster, chain_json, raw_eddsa, transfer
from tests.judge.test_local_socket import Client
from tests.judge.test_server_side import ask


async def freeze(bench: Bench, *arguments: object) -> None:
    await bench.judge.freezing.freeze(bench.cluster.freeze(*arguments))  # type: ignore[arg-type]


async def lift(bench: Bench, *numbers: int) -> link_pb2.Answer:
    order = bench.cluster.unfreeze(*numbers)
    signatures = [link_pb2.SshSignature(administrator=id, armor=armor) for id, armor in order.signatures]
    return await ask(bench, order=link_pb2.Order(body=order.body, signatures=signatures))


@pytest.mark.parametrize(
    ("scope", "subject"),
    [("workspace", None), ("account", "0"), ("asset", "ETH"), ("key", "ecdsa"), ("user", "<user>")],
)
async def test_what_is_frozen_is_refused_at_every_step(bench: Bench, scope: str, subject: str | None) -> None:
    case = await bench.admit()
    opened = await bench.open(case)
    vote, entry = vote_request(bench, case, opened, bench.peer())
    await freeze(bench, 1, scope, bench.cluster.user.id if subject == "<user>" else subject)
    for step in (
        bench.admit(transfer("2")),
        bench.open(case, session=2),
        bench.judge.release.release(release_request(opened, [opened.vote, vote], [entry])),
    ):
        with pytest.raises(Refused) as caught:
            await step
        assert (caught.value.check, caught.value.reason_class) == ("frozen", "frozen")
    assert "release" not in bench.keeper.asked
    await lift(bench, 1)
    await bench.open(case, session=3)


async def test_other_subjects_go_on(bench: Bench) -> None:
    for number, (scope, subject) in enumerate(
        [("account", "7"), ("asset", "USDC"), ("key", "eddsa"), ("user", "somebody")]
    ):
        await freeze(bench, number, scope, subject)
    await bench.open(await bench.admit())
    with pytest.raises(Refused, match="frozen"):
        await bench.admit(raw_eddsa())


async def test_a_freeze_is_recorded_acknowledged_and_told(bench: Bench) -> None:
    document = bench.cluster.freeze()
    answer = await ask(bench, freeze=to_link(document))
    said = Acknowledgement.from_bytes(answer.standing.acknowledgement.body)
    known = bench.judge.state.freezes.state
    assert (said.freeze_count, said.freeze_hash) == (known.count, known.hash) != (0, FreezeSet().state.hash)
    assert bench.leaves()[-1] == "freeze"
    told = [message.WhichOneof("message") for message in bench.sent[-3:]]
    assert told == ["freeze", "standing", "answer"]
    hello = bench.judge.server_side.hello()
    assert [frozen.body for frozen in hello.freezes] == [document.body]
    assert hello.acknowledgement == answer.standing.acknowledgement

    before = len(bench.keeper.asked)
    again = await ask(bench, freeze=to_link(document))
    assert again.standing == answer.standing
    assert len(bench.keeper.asked) == before, "the same again is not asked again"

    assert (await lift(bench, 1)).standing.acknowledgement.body != said.to_bytes()
    assert bench.leaves()[-1] == "unfreeze"
    refused = await ask(bench, freeze=to_link(document))
    assert refused.refusal.check == "freeze_lifted"


async def test_freezes_survive_a_restart(capped: Cluster, tmp_path: Path) -> None:
    bench = Bench(capped, tmp_path)
    async with bench.running():
        await freeze(bench, 1)
        await freeze(bench, 2)
        await lift(bench, 2, 3)
        known = bench.judge.state.freezes
    async with bench.running(freezes=known):
        assert bench.judge.state.freezes == known
        with pytest.raises(Refused, match="frozen"):
            await bench.admit()
        for number in (2, 3):
            with pytest.raises(QuorateError, match="freeze_lifted"):
                await freeze(bench, number)
    with pytest.raises(QuorateError, match="freeze_mismatch"):
        async with bench.running(freezes=FreezeSet()):
            pass


async def test_a_keepers_refusal_freezes_nothing(bench: Bench) -> None:
    bench.keeper.refuse["freeze"] = "freeze_limit"
    with pytest.raises(QuorateError, match="freeze_limit"):
        await freeze(bench)
    assert bench.judge.state.freezes == FreezeSet()
    assert bench.judge.store.freezes.documents() == ()
    await bench.open(await bench.admit())


async def test_freezes_that_nobody_may_make(bench: Bench) -> None:
    cluster, good = bench.cluster, bench.cluster.freeze()
    mallory = Administrator().sign(labels.FREEZE, good.body)
    as_order = cluster.administrator.sign(labels.ORDER, good.body)
    tries = [
        (replace(good, signatures=()), "freeze_signature"),
        (replace(good, signatures=(("alice", mallory),)), "freeze_signature"),
        (replace(good, signatures=(("mallory", mallory),)), "freeze_signature"),
        (replace(good, signatures=(*good.signatures, *good.signatures)), "freeze_signature"),
        (replace(good, signatures=(("alice", as_order),)), "freeze_signature"),
        (cluster.freeze(by="mallory"), "freeze_signature"),
        (cluster.freeze(cluster="00" * 16), "freeze_cluster"),
        (SignedDocument(b"{}", good.signatures), "missing_member"),
    ]
    for document, code in tries:
        answer = await ask(bench, freeze=to_link(document))
        assert answer.refusal.check == code
    assert "freeze" not in bench.keeper.asked
    assert bench.judge.state.freezes == FreezeSet()
    await freeze(bench, 1)
    with pytest.raises(QuorateError, match="freeze_conflict"):
        await freeze(bench, 1, "asset", "ETH")


async def test_a_former_administrator_freezes_nothing_new(bench: Bench) -> None:
    old, new = bench.cluster.freeze(1, "asset", "USDC"), bench.cluster.freeze(2)
    await bench.judge.freezing.freeze(old)
    carol = {"id": "carol", "ssh_key": Administrator().public_key}
    administrators = {"quorum": 1, "members": [carol]}
    document = bench.cluster.next_charter(administrators=administrators)
    await bench.judge.activation.activate(chain_json(bench.cluster.document, document), None)
    with pytest.raises(QuorateError, match="freeze_signature"):
        await bench.judge.freezing.freeze(new)
    await bench.judge.freezing.freeze(old)
    assert list(bench.judge.state.freezes.in_force) == [f"{1:032x}"]


async def test_the_operators_socket(bench: Bench) -> None:
    document = bench.cluster.freeze(1, "user", bench.cluster.user.id)
    from quorate.core.model.charter.chain import document_json

    async with Client(bench) as client:
        answer = await client.ask(do="freeze", **document_json(document, "freeze"))
        assert answer["ok"], answer
        said = Acknowledgement.from_bytes(bytes.fromhex(answer["acknowledgement"]["body"]))
        assert said.freeze_count == 1
        status = await client.ask(do="status")
        assert [(f["scope"], f["by"]) for f in status["freezes"]] == [("user", "alice")]
        assert (status["freeze_count"], status["freeze_hash"]) == (1, said.freeze_hash.hex())
        refused = await client.ask(do="freeze", freeze={}, signatures=[])
        assert refused["error"]["code"] == "missing_member"
