"""Statements at one judge: which it takes, what it votes on, what it remembers, and that a rejection is
final.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.core.audit.events import Event
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import approval
from quorate.core.model.statement import SignedStatement
from quorate.core.proto import link_pb2
from tests.judge.bench import Bench, Case, release_request, vote_request
from tests.judge.cluster import ASKED, PEOPLE, Cluster, raw_eddsa, transfer

OWN = {"type": "VAULT_ACCOUNT", "id": "1"}


@pytest.fixture(scope="module")
def asked() -> Cluster:
    return Cluster(ASKED, PEOPLE)


@pytest.fixture
async def bench(asked: Cluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(asked, tmp_path).running() as running:
        yield running


def sent(*signed: SignedStatement) -> list[link_pb2.Statement]:
    return [link_pb2.Statement(body=s.body, armor=s.armor) for s in signed]


def said(bench: Bench, case: Case, *approvers: str, **changes: Any) -> list[link_pb2.Statement]:
    return sent(*(bench.cluster.say(id, case.intent.hash, **changes) for id in approvers))


async def refused(bench: Bench, case: Case, statements: list[link_pb2.Statement], **fields: Any) -> Refused:
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await bench.open(case, statements=statements, **fields)
    assert bench.keeper.asked.count("vote") == votes, "the keeper was asked for a vote"
    return caught.value


def entries(bench: Bench, event: str) -> list[dict[str, Any]]:
    leaves = bench.judge.store.leaves.data(0, bench.judge.log.size)
    return [dict(e.data) for e in map(Event.from_leaf, leaves) if e.event == event]


async def test_votes_only_with_enough_approvals(bench: Bench) -> None:
    case = await bench.admit()
    for statements in ([], said(bench, case, "dana"), said(bench, case, "dana", "dana")):
        refusal = await refused(bench, case, statements)
        assert (refusal.check, refusal.reason_class, refusal.rule) == ("approvals", "missing_evidence", "two")
    await bench.open(case, statements=said(bench, case, "dana", "erin"))


async def test_what_a_vote_rests_on_is_in_the_log_once(bench: Bench, asked: Cluster) -> None:
    case = await bench.admit()
    statements = said(bench, case, "dana", "erin")
    await bench.open(case, statements=statements)
    await bench.open(case, statements=statements, session=2)
    logged = entries(bench, "approval")
    assert [entry["approver"] for entry in logged] == ["dana", "erin"]
    for entry in logged:
        signed = SignedStatement(entry["statement"].encode(), entry["signature"])
        verified = approval.verify(signed, asked.charter, case.intent.hash, bench.now_ms() // 1000)
        assert (verified.approver, verified.verdict) == (entry["approver"], "approve")
    assert bench.leaves().index("approval") < bench.leaves().index("vote")


async def test_nothing_of_a_refused_session_is_kept(bench: Bench) -> None:
    case = await bench.admit()
    await refused(bench, case, said(bench, case, "dana"))
    assert (await refused(bench, case, said(bench, case, "erin"))).check == "approvals"
    assert entries(bench, "approval") == []


async def test_a_later_session_needs_no_second_showing(bench: Bench) -> None:
    case = await bench.admit()
    await bench.open(case, statements=said(bench, case, "dana", "erin"))
    await bench.open(case, session=2)
    bench.offset_ms = 3_001_000
    assert (await refused(bench, case, [], session=3)).check == "approvals"
    renewed = said(bench, case, "dana", "erin", round=2, issued_at=bench.now_ms() // 1000, expires_at=2**40)
    assert (await refused(bench, case, renewed, session=3)).check == "statement_form"
    now = bench.now_ms() // 1000
    renewed = said(bench, case, "dana", "erin", round=2, issued_at=now, expires_at=now + 60)
    await bench.open(case, statements=renewed, session=3)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"cluster": "00" * 16}, "statement_cluster"),
        ({"charter": bytes(32)}, "statement_charter"),
        ({"intent": bytes(32)}, "statement_intent"),
        ({"key": "mallory"}, "statement_signature"),
        ({"key": "erin"}, "statement_signature"),
        ({"issued_at": 1_700_000_000, "expires_at": 1_700_000_600}, "statement_time"),
    ],
)
async def test_a_statement_that_does_not_hold_refuses_the_session(
    bench: Bench, changes: dict[str, Any], check: str
) -> None:
    case = await bench.admit()
    statements = [*said(bench, case, "dana", **changes), *said(bench, case, "erin", "frank")]
    assert (await refused(bench, case, statements)).check == check
    await bench.open(case, statements=said(bench, case, "erin", "frank"))


async def test_strangers_and_garbage_are_refused(bench: Bench) -> None:
    case = await bench.admit()
    stranger = said(bench, case, "mallory")
    assert (await refused(bench, case, stranger)).check == "statement_approver"
    good = said(bench, case, "dana")[0]
    for body, armor in (
        (b"", good.armor),
        (b"{}", good.armor),
        (good.body, ""),
        (good.body + b" ", good.armor),
    ):
        broken = [link_pb2.Statement(body=body, armor=armor)]
        assert (await refused(bench, case, broken)).check in ("statement_form", "statement_signature")
    assert (await refused(bench, case, [good] * 257)).check == "statement_form"


async def test_approvals_of_another_request_are_worth_nothing(bench: Bench) -> None:
    """Spliced and replayed by a server that has them all."""
    approved, other = await bench.admit(transfer("1")), await bench.admit(transfer("2"))
    statements = said(bench, approved, "dana", "erin")
    await bench.open(approved, statements=statements)
    assert (await refused(bench, other, statements, nonce=1)).check == "statement_intent"
    assert (await refused(bench, other, [], nonce=1)).check == "approvals"


async def test_an_intent_that_needs_nobody_is_not_held_up(bench: Bench) -> None:
    await bench.open(await bench.admit(transfer(destination=OWN)))


async def test_raw_waits_for_people_too(bench: Bench) -> None:
    case = await bench.admit(raw_eddsa())
    assert (await refused(bench, case, [])).check == "approvals"
    await bench.open(case, statements=said(bench, case, "dana", "frank"))


async def test_one_rejection_refuses_whatever_comes_later(bench: Bench) -> None:
    case = await bench.admit()
    all_said = [*said(bench, case, "dana", "erin"), *said(bench, case, "frank", verdict="reject")]
    refusal = await refused(bench, case, all_said)
    assert (refusal.check, refusal.reason_class) == ("vetoed", "vetoed")
    for statements in (
        said(bench, case, "dana", "erin"),
        said(bench, case, "dana", "erin", "frank", round=9),
    ):
        assert (await refused(bench, case, statements)).check == "vetoed"
    assert [entry["approver"] for entry in entries(bench, "veto")] == ["frank"]


async def test_a_rejection_is_remembered_even_where_another_check_refuses(bench: Bench) -> None:
    case = await bench.admit()
    no = said(bench, case, "frank", verdict="reject")
    assert (await refused(bench, case, no, session=0)).check == "vetoed"
    other = await bench.admit(transfer("3"))
    no = said(bench, other, "frank", verdict="reject")
    keys, bench.judge.state.certificates = bench.judge.state.certificates, {}
    assert (await refused(bench, other, no)).check == "key_certified"
    bench.judge.state.certificates = keys
    assert (await refused(bench, other, said(bench, other, "dana", "erin"))).check == "vetoed"


async def test_a_rejection_outlives_its_own_lifetime_and_a_restart(asked: Cluster, tmp_path: Path) -> None:
    one = Bench(asked, tmp_path)
    async with one.running() as bench:
        case = await bench.admit()
        now = bench.now_ms() // 1000
        no = said(bench, case, "frank", verdict="reject", issued_at=now, expires_at=now + 1)
        assert (await refused(bench, case, no)).check == "vetoed"
    async with Bench(asked, tmp_path, offset_ms=2000).running() as bench:
        assert (await refused(bench, case, said(bench, case, "dana", "erin"))).check == "vetoed"


async def test_a_rejection_that_comes_by_itself(bench: Bench) -> None:
    case = await bench.admit()
    no, yes = said(bench, case, "frank", verdict="reject")[0], said(bench, case, "dana")[0]
    request = link_pb2.Request(id=7, rejection=link_pb2.Rejection(statement=no))
    await bench.judge.server_side.handle(link_pb2.ToSigner(request=request))
    assert bench.sent[-1].answer.WhichOneof("answer") == "done"
    assert (await refused(bench, case, said(bench, case, "dana", "erin"))).check == "vetoed"
    with pytest.raises(QuorateError, match="not_a_veto"):
        bench.judge.approvals.veto(yes)
    forged = said(bench, case, "frank", verdict="reject", key="mallory")[0]
    with pytest.raises(Refused, match="not signed by"):
        bench.judge.approvals.veto(forged)


async def test_a_rejection_of_a_request_that_is_not_known_yet(bench: Bench, asked: Cluster) -> None:
    raw = asked.user.request(transfer("4"))
    async with Bench(asked, bench.folder.parent / "other").running() as other:
        intent = (await other.judge.admit.fresh(raw)).intent
    from quorate.core.model.intent import Intent

    known = Intent.from_bytes(intent)
    bench.judge.approvals.veto(sent(asked.say("erin", known.hash, "reject"))[0])
    admitted = await bench.judge.admit.fresh(raw)
    case = Case(raw, known, admitted.admission)
    assert (await refused(bench, case, said(bench, case, "dana", "frank"))).check == "vetoed"


async def test_a_rejection_between_vote_and_release_stops_the_share(bench: Bench) -> None:
    case = await bench.admit()
    opened = await bench.open(case, statements=said(bench, case, "dana", "erin"))
    vote, entry = vote_request(bench, case, opened, bench.peer())
    bench.judge.approvals.veto(said(bench, case, "frank", verdict="reject")[0])
    with pytest.raises(Refused) as caught:
        await bench.judge.release.release(release_request(opened, [opened.vote, vote], [entry]))
    assert caught.value.check == "vetoed"
    assert "release" not in bench.keeper.asked


async def test_a_release_rests_on_what_is_on_file(bench: Bench) -> None:
    case = await bench.admit()
    opened = await bench.open(case, statements=said(bench, case, "dana", "erin"))
    vote, entry = vote_request(bench, case, opened, bench.peer())
    await bench.judge.release.release(release_request(opened, [opened.vote, vote], [entry]))
    assert "release" in bench.keeper.asked


async def test_two_sessions_at_once_log_each_statement_once(bench: Bench) -> None:
    case = await bench.admit()
    statements = said(bench, case, "dana", "erin")
    requests = [bench.request(case, statements=statements, session=number) for number in (1, 2)]
    await asyncio.gather(*(bench.judge.judge_open.open(r) for r in requests))
    assert len(entries(bench, "approval")) == 2


async def test_a_second_rejection_by_the_same_person_takes_no_room(bench: Bench) -> None:
    case = await bench.admit()
    for number in (1, 2, 3):
        bench.judge.approvals.veto(said(bench, case, "frank", verdict="reject", round=number)[0])
    bench.judge.approvals.veto(said(bench, case, "dana", verdict="reject")[0])
    assert [entry["approver"] for entry in entries(bench, "veto")] == ["frank", "dana"]
