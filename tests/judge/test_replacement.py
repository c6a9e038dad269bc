"""Other bytes of a request: a higher fee or nothing at all, and never beside those that were voted for."""

from dataclasses import replace
from typing import Any

import pytest

from quorate.core.audit.events import Event
from quorate.core.errors import Refused
from quorate.core.model import labels
from quorate.core.model.records import Signed, TallyEntry
from quorate.core.proto import keeper_pb2, link_pb2
from tests.judge.bench import Bench, Case, release_request, unsigned
from tests.judge.voting_keeper import VotingKeeper

DEARER = {"max_fee": 2 * 10**9}


async def refused(bench: Bench, case: Case, **fields: Any) -> str:
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await bench.open(case, **fields)
    assert bench.keeper.asked.count("vote") == votes
    return caught.value.check


def cancelling(bench: Bench, **fields: Any) -> dict[str, Any]:
    """A payment of nothing to the paying account itself."""
    return {"to": bench.cluster.address("0"), "value": 0, **fields}


def members_vote(bench: Bench, peer: VotingKeeper) -> tuple[Signed, list[Signed]]:
    """The second member's answer to the Open that this signer answered last: its vote and, with its first
    vote for a request, its entry.
    """
    theirs = keeper_pb2.Vote()
    theirs.CopyFrom(next(r.vote for r in reversed(bench.keeper.requests) if r.HasField("vote")))
    if peer.tally_count:
        theirs.ClearField("reserve")
    del theirs.heads[:]
    for signer in bench.cluster.charter.signers:
        head = bench.judge.store.tally.head(signer.id)
        if signer.id != peer.me.id:
            theirs.heads.append(keeper_pb2.Head(signer=signer.id, count=head.count, head=head.head))
    voted = peer._vote(theirs).voted
    entries = [voted.tally_entry] if voted.HasField("tally_entry") else []
    vote = Signed(voted.vote.body, voted.vote.signature)
    return vote, [Signed(entry.body, entry.signature) for entry in entries]


async def release(bench: Bench, case: Case, peer: VotingKeeper, **fields: Any) -> None:
    opened = await bench.open(case, **fields)
    theirs, entries = members_vote(bench, peer)
    await bench.judge.release.release(release_request(opened, [opened.vote, theirs], entries))


def entry_of(bench: Bench, case: Case, data: bytes, peer: VotingKeeper) -> link_pb2.Signed:
    """What a peer let through: these bytes, for this request."""
    intent = case.intent
    fields = keeper_pb2.TallyFields(
        user=intent.user,
        operation=intent.operation,
        source="0",
        destination=intent.destination.address if intent.destination else "",
        asset=intent.asset or "",
        amount=str(intent.amount),
        expires_at=intent.expires_at,
    )
    ask = keeper_pb2.Vote(
        intent_hash=intent.hash, attempt_hash=case.attempt_hash(data), time_ms=bench.now_ms(), reserve=fields
    )
    signed = peer.entry(ask)
    return link_pb2.Signed(body=signed.body, signature=signed.signature)


async def test_the_same_for_a_higher_fee_and_nothing_else(bench: Bench) -> None:
    case = await bench.admit()
    await bench.open(case)
    assert await refused(bench, case, session=2, nonce=1, **DEARER) == "attempt_fixed"
    assert await refused(bench, case, session=2, max_fee=10**9 - 1) == "attempt_fixed"
    assert await refused(bench, case, session=2, priority=10**8 - 1) == "attempt_fixed"
    assert await refused(bench, case, session=2, value=1, **DEARER) == "effects_match"
    assert await refused(bench, case, session=2, gas=10**9, **DEARER) == "fee_ceiling"
    await bench.open(case, session=2, **DEARER)
    assert await refused(bench, case, session=3, max_fee=2 * 10**9 - 1) == "attempt_fixed"


async def test_all_versions_are_charged_once(bench: Bench) -> None:
    """Ten of ten: a second charge would not fit."""
    case = await bench.admit()
    peer = bench.peer()
    await release(bench, case, peer)
    await release(bench, case, peer, session=2, **DEARER)
    own = bench.judge.store.tally.own_after(0, 10)
    assert [TallyEntry.from_bytes(entry.body).intent_hash for entry in own] == [case.intent.hash]
    assert sum(1 for r in bench.keeper.requests if r.HasField("vote") and r.vote.HasField("reserve")) == 1


async def test_each_version_has_its_own_result(bench: Bench) -> None:
    case = await bench.admit()
    peer = bench.peer()
    await release(bench, case, peer)
    await release(bench, case, peer, session=2, **DEARER)
    results = []
    for session, fields in ((3, {}), (4, DEARER)):
        answer = await bench.judge.judge_open.open(bench.request(case, session=session, **fields))
        assert isinstance(answer, bytes)
        results.append(link_pb2.Result.FromString(answer))
    assert [result.bytes for result in results] == [unsigned(case.intent), unsigned(case.intent, **DEARER)]
    assert results[0].items[0].signature != results[1].items[0].signature


async def test_a_lower_version_is_not_released_after_a_higher_one(bench: Bench) -> None:
    case = await bench.admit()
    opened = await bench.open(case)
    theirs, entries = members_vote(bench, bench.peer())
    await bench.open(case, session=2, **DEARER)
    with pytest.raises(Refused) as caught:
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], entries))
    assert caught.value.check == "attempt_fixed"


async def test_only_what_was_voted_for_is_taken_back(bench: Bench) -> None:
    case = await bench.admit()
    assert await refused(bench, case, **cancelling(bench)) == "effects_match"
    await bench.open(case)
    assert await refused(bench, case, session=2, **cancelling(bench, nonce=1)) == "attempt_fixed"
    assert await refused(bench, case, session=2, **cancelling(bench, value=1)) == "effects_match"
    assert await refused(bench, case, session=2, **cancelling(bench, data=b"\x01")) == "blind"
    elsewhere = cancelling(bench, to=bench.cluster.address("1"))
    assert await refused(bench, case, session=2, **elsewhere) == "effects_match"
    await bench.open(case, session=2, **cancelling(bench))
    last = Event.from_leaf(bench.judge.store.leaves.data(0, bench.judge.log.size)[-2])
    assert (last.event, last.data["verdict"], last.data["rule"]) == ("decision", "cancel", None)


async def test_what_was_taken_back_stays_so(bench: Bench) -> None:
    case = await bench.admit()
    await bench.open(case)
    await bench.open(case, session=2, **cancelling(bench))
    assert await refused(bench, case, session=3) == "attempt_fixed"
    assert await refused(bench, case, session=3, max_fee=9 * 10**9) == "attempt_fixed"
    await bench.open(case, session=3, **cancelling(bench, max_fee=9 * 10**9))


async def test_a_request_may_be_taken_back_when_it_may_not_be_paid_any_more(bench: Bench) -> None:
    case = await bench.admit()
    await bench.open(case)
    bench.offset_ms = 1000 * bench.cluster.charter.request_lifetime + 1000
    assert await refused(bench, case, session=2, **DEARER) == "expired"
    peer = bench.peer()
    entry = entry_of(bench, case, unsigned(case.intent), peer)
    opened = await bench.open(case, session=2, tally=[entry], **cancelling(bench))
    theirs, _ = members_vote(bench, peer)
    await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))
    assert "release" in bench.keeper.asked


@pytest.mark.parametrize(
    ("scope", "subject", "check"),
    [("user", "<user>", ""), ("asset", "ETH", ""), ("account", "0", "frozen"), ("key", "ecdsa", "frozen")],
)
async def test_what_a_frozen_user_asked_for_may_be_taken_back(
    bench: Bench, scope: str, subject: str, check: str
) -> None:
    case = await bench.admit()
    await bench.open(case)
    who = bench.cluster.user.id if subject == "<user>" else subject
    await bench.judge.freezing.freeze(bench.cluster.freeze(1, scope, who))
    assert await refused(bench, case, session=2, **DEARER) == "frozen"
    if check:
        assert await refused(bench, case, session=2, **cancelling(bench)) == check
    else:
        await bench.open(case, session=2, **cancelling(bench))


class TestOfOthers:
    """This signer took no part in the first version: the server brings it, and an entry proves it."""

    async def test_a_replacement_of_what_was_brought(self, bench: Bench) -> None:
        case, peer = await bench.admit(), bench.peer()
        first = unsigned(case.intent)
        known = {"tally": [entry_of(bench, case, first, peer)], "earlier": [first]}
        assert await refused(bench, case, nonce=1, **DEARER, **known) == "attempt_fixed"
        assert await refused(bench, case, max_fee=10**9 - 1, **known) == "attempt_fixed"
        opened = await bench.open(case, **DEARER, **known)
        theirs, _ = members_vote(bench, peer)
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))

    async def test_it_may_be_taken_back(self, bench: Bench) -> None:
        case, peer = await bench.admit(), bench.peer()
        first = unsigned(case.intent)
        known = {"tally": [entry_of(bench, case, first, peer)], "earlier": [first]}
        await bench.open(case, **cancelling(bench), **known)

    async def test_bytes_that_no_entry_names_are_nothing(self, bench: Bench) -> None:
        case, peer = await bench.admit(), bench.peer()
        entry = entry_of(bench, case, unsigned(case.intent), peer)
        made_up = {"tally": [entry], "earlier": [unsigned(case.intent, nonce=5)]}
        assert await refused(bench, case, **cancelling(bench, nonce=5), **made_up) == "effects_match"

    async def test_without_them_nothing_is_released(self, bench: Bench) -> None:
        case, peer = await bench.admit(), bench.peer()
        entry = entry_of(bench, case, unsigned(case.intent), peer)
        opened = await bench.open(case, **DEARER, tally=[entry])
        theirs, _ = members_vote(bench, peer)
        with pytest.raises(Refused) as caught:
            await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))
        assert caught.value.check == "attempt_agreed"

    async def test_an_entry_for_bytes_that_nobody_shows_stops_it(self, bench: Bench) -> None:
        case, peer = await bench.admit(), bench.peer()
        first = unsigned(case.intent)
        entry = entry_of(bench, case, first, peer)
        parsed = TallyEntry.from_bytes(entry.body)
        second = replace(parsed, count=2, previous_head=parsed.head, attempt_hash=b"\x07" * 32)
        made = bench.cluster.members[peer.me.id].sign(labels.TALLY, second.to_bytes())
        peer.tally_count, peer.tally_head = second.count, second.head
        tally = [entry, link_pb2.Signed(body=made.body, signature=made.signature)]
        opened = await bench.open(case, **DEARER, tally=tally, earlier=[first])
        theirs, _ = members_vote(bench, peer)
        with pytest.raises(Refused) as caught:
            await bench.judge.release.release(release_request(opened, [opened.vote, theirs], []))
        assert caught.value.check == "attempt_agreed"
