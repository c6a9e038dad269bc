"""The second yes: votes are whole and theirs, no tally entry is unknown, and the policy still allows it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from quorate.core.errors import QuorateError, Refused
from quorate.core.model import labels
from quorate.core.model.records import Head, Signed, TallyEntry, Vote
from quorate.core.proto import link_pb2
from quorate.judge.judge_open import Opened
from tests.judge.bench import Bench, Case, release_request, vote_request
from tests.judge.cluster import transfer


class Released:
    """A session that only waits for its release, with the other member's honest vote and entry."""

    def __init__(self, bench: Bench, case: Case, opened: Opened, vote: Signed, entry: Signed) -> None:
        self.bench, self.case, self.opened, self.vote, self.entry = bench, case, opened, vote, entry

    @classmethod
    async def make(cls, bench: Bench, amount: str = "1", **fields: object) -> "Released":
        case = await bench.admit(transfer(amount))
        opened = await bench.open(case, **fields)
        return cls(bench, case, opened, *vote_request(bench, case, opened, bench.peer()))

    def altered(self, change: Callable[[Vote], Vote]) -> Signed:
        """The other member's vote, changed and signed by it anew."""
        body = change(Vote.from_bytes(self.vote.body)).to_bytes()
        return self.bench.cluster.members["signer-2"].sign(labels.VOTE, body)

    async def release(self, votes: list[Signed] | None = None, entries: list[Signed] | None = None) -> None:
        votes = [self.opened.vote, self.vote] if votes is None else votes
        entries = [self.entry] if entries is None else entries
        await self.bench.judge.release.release(release_request(self.opened, votes, entries))

    async def refused(self, votes: list[Signed] | None = None, entries: list[Signed] | None = None) -> str:
        with pytest.raises(Refused) as caught:
            await self.release(votes, entries)
        assert "release" not in self.bench.keeper.asked
        return caught.value.check


async def test_votes_must_be_whole(bench: Bench) -> None:
    session = await Released.make(bench)
    own, theirs = session.opened.vote, session.vote
    assert await session.refused([own, Signed(theirs.body[:-1], theirs.signature)]) == "vote_form"
    assert await session.refused([own]) == "vote_members"
    assert await session.refused([own, own]) == "vote_members"
    assert await session.refused([own, theirs, theirs]) == "vote_members"
    third = session.altered(lambda vote: replace(vote, voter="signer-1"))
    assert await session.refused([theirs, third]) == "vote_members"
    assert (
        await session.refused([own, session.altered(lambda vote: replace(vote, session=2))]) == "vote_shared"
    )
    assert (
        await session.refused([own, session.altered(lambda v: replace(v, attempt_hash=bytes(32)))])
        == "vote_shared"
    )
    assert await session.refused([own, Signed(theirs.body, bytes(64))]) == "vote_signature"
    late = session.altered(lambda vote: replace(vote, time_ms=vote.time_ms + 5001))
    assert await session.refused([own, late]) == "vote_time"
    await session.release()


async def test_an_entry_that_a_voter_knows_must_be_known(bench: Bench) -> None:
    session = await Released.make(bench)
    assert await session.refused(entries=[]) == "tally_missing"
    heads = (Head("signer-1", 1, bytes(32)), Head("signer-2", 1, bytes(32)), Head("signer-3", 7, bytes(32)))
    knows_more = session.altered(lambda vote: replace(vote, heads=heads))
    assert await session.refused([session.opened.vote, knows_more]) == "tally_missing"
    await session.release()


async def test_two_histories_of_a_signer_are_refused(bench: Bench) -> None:
    session = await Released.make(bench)
    vote = Vote.from_bytes(session.vote.body)
    heads = tuple(
        replace(head, head=b"\x01" * 32) if head.signer == "signer-1" else head for head in vote.heads
    )
    assert (
        await session.refused([session.opened.vote, session.altered(lambda v: replace(v, heads=heads))])
        == "tally_fork"
    )

    entry = TallyEntry.from_bytes(session.entry.body)
    other = bench.cluster.members["signer-2"].sign(labels.TALLY, replace(entry, amount=1).to_bytes())
    assert await session.refused(entries=[session.entry, other]) == "tally_fork"


async def test_entries_are_their_owners_and_in_order(bench: Bench) -> None:
    session = await Released.make(bench)
    entry = TallyEntry.from_bytes(session.entry.body)
    assert await session.refused(entries=[Signed(session.entry.body, bytes(64))]) == "tally_signature"
    assert await session.refused(entries=[Signed(b"x", bytes(64))]) == "tally_form"
    sign = bench.cluster.members["signer-2"].sign
    gap = sign(labels.TALLY, replace(entry, count=3, previous_head=b"\x01" * 32).to_bytes())
    assert await session.refused(entries=[gap]) == "tally_missing"
    forged = bench.cluster.members["signer-3"].sign(labels.TALLY, session.entry.body)
    assert await session.refused(entries=[forged]) == "tally_signature"
    assert bench.judge.store.tally.head("signer-2").count == 0, "a refused batch leaves nothing behind"
    await session.release()


async def test_other_bytes_that_a_signer_let_through_are_refused(bench: Bench) -> None:
    """A dishonest judge that has its keeper vote for two sets of bytes leaves two entries of one history."""
    session = await Released.make(bench)
    entry = TallyEntry.from_bytes(session.entry.body)
    second = replace(entry, count=2, previous_head=entry.head, attempt_hash=b"\x07" * 32)
    signed = bench.cluster.members["signer-2"].sign(labels.TALLY, second.to_bytes())
    assert await session.refused(entries=[session.entry, signed]) == "attempt_agreed"


async def test_an_entry_dated_ahead_counts_as_made_now(bench: Bench) -> None:
    session = await Released.make(bench)
    entry = TallyEntry.from_bytes(session.entry.body)
    late = replace(entry, intent_hash=b"\x08" * 32, time_ms=2**62, count=2, previous_head=entry.head)
    signed = bench.cluster.members["signer-2"].sign(labels.TALLY, late.to_bytes())
    await session.release(entries=[session.entry, signed])
    dates = [line.time_ms for line in bench.judge.store.tally.lines(entry.asset, 0)]
    assert max(dates) < 2**42, "no later than this signer's clock and the skew"


async def test_the_window_is_the_union_of_all_signers(bench: Bench) -> None:
    """6 ETH here, 6 more that only another signer let through: the second yes finds that 10 are exceeded."""
    session = await Released.make(bench, "6")
    entry = TallyEntry.from_bytes(session.entry.body)
    sign = bench.cluster.members["signer-3"].sign
    theirs = replace(entry, signer="signer-3", intent_hash=b"\x07" * 32, count=1, previous_head=bytes(32))
    unseen = sign(labels.TALLY, theirs.to_bytes())
    assert await session.refused(entries=[session.entry, unseen]) == "policy_window"


async def test_the_same_intent_counts_once_over_all_signers(bench: Bench) -> None:
    session = await Released.make(bench, "6")
    entry = TallyEntry.from_bytes(session.entry.body)
    sign = bench.cluster.members["signer-3"].sign
    same = replace(entry, signer="signer-3", count=1, previous_head=bytes(32))
    await session.release(entries=[session.entry, sign(labels.TALLY, same.to_bytes())])


async def test_foreign_entries_count_at_open(bench: Bench) -> None:
    session = await Released.make(bench, "1")
    entry = TallyEntry.from_bytes(session.entry.body)
    sign = bench.cluster.members["signer-3"].sign
    body = replace(entry, signer="signer-3", intent_hash=b"\x07" * 32, amount=8 * 10**18).to_bytes()
    signed = sign(labels.TALLY, body)
    tally = [link_pb2.Signed(body=signed.body, signature=signed.signature)]
    late = await bench.admit(transfer("2"))
    with pytest.raises(Refused) as caught:
        await bench.open(late, nonce=1, tally=tally)
    assert caught.value.check == "policy_window"
    await bench.open(await bench.admit(transfer("1")), nonce=1)


async def test_a_request_that_expired_since_the_vote_is_not_released(bench: Bench) -> None:
    session = await Released.make(bench)
    bench.offset_ms = 3_601_000
    assert await session.refused() == "expired"


async def test_unknown_and_abandoned_sessions(bench: Bench) -> None:
    session = await Released.make(bench)
    with pytest.raises(Refused) as caught:
        await bench.judge.release.release(link_pb2.Release(session_id=bytes(32)))
    assert caught.value.check == "session_known"
    await bench.judge.release.abandon(session.opened.session_id)
    assert await session.refused() == "session_known"
    assert bench.judge.store.tally.has_voted(session.case.intent.hash), "the server's word frees nothing"


async def test_a_release_comes_once(bench: Bench) -> None:
    session = await Released.make(bench)
    await session.release()
    await session.release()
    assert bench.keeper.asked.count("release") == 1


async def test_released_is_on_disk_before_a_share_leaves(bench: Bench) -> None:
    import sqlite3

    session = await Released.make(bench)
    seen: list[str] = []
    honest = bench.sent.append

    def look(message: link_pb2.ToServer) -> None:
        copy = bench.folder / "copy"
        copy.mkdir(exist_ok=True)
        for name in ("judge.sqlite", "judge.sqlite-wal"):
            copy.joinpath(name).write_bytes(bench.folder.joinpath(name).read_bytes())
        with sqlite3.connect(copy / "judge.sqlite") as connection:
            seen.extend(row[0] for row in connection.execute("SELECT state FROM sessions"))
        honest(message)

    bench.judge.outbox.bind(look)
    await session.release()
    assert [message.WhichOneof("message") for message in bench.sent] == ["envelope", "session_done"]
    assert seen[0] in ("released", "done")


async def test_a_repeated_r_is_kept_in_and_silences_the_signer(bench: Bench) -> None:
    bench.keeper.fixed_r = b"\x07" * 32
    first = await Released.make(bench)
    await first.release()
    done = [m for m in bench.sent if m.WhichOneof("message") == "session_done"]
    assert len(done) == 1

    case = await bench.admit()
    opened = await bench.open(case, nonce=1)
    peer = bench.peer()
    peer.tally_count, peer.tally_head = 1, TallyEntry.from_bytes(first.entry.body).head
    vote, entry = vote_request(bench, case, opened, peer)
    await bench.judge.release.release(release_request(opened, [opened.vote, vote], [entry]))
    assert [m for m in bench.sent if m.WhichOneof("message") == "session_done"] == done
    with pytest.raises(QuorateError, match="repeated_r"):
        await bench.open(await bench.admit(), nonce=2)
