"""The straight way: admit, open, release, result."""

from quorate.core.model.records import Vote
from quorate.core.proto import link_pb2
from tests.judge.bench import Bench, release_request, vote_request


async def test_a_transfer_from_admission_to_result(bench: Bench) -> None:
    case = await bench.admit()
    opened = await bench.open(case)
    vote = Vote.from_bytes(opened.vote.body)
    assert (vote.intent_hash, vote.members, vote.session) == (case.intent.hash, ("signer-1", "signer-2"), 1)

    theirs, entry = vote_request(bench, case, opened, bench.peer())
    await bench.judge.release.release(release_request(opened, [opened.vote, theirs], [entry]))

    kinds = [message.WhichOneof("message") for message in bench.sent]
    assert kinds == ["envelope", "session_done"]
    again = await bench.judge.judge_open.open(bench.request(case, session=2))
    assert isinstance(again, bytes)
    assert link_pb2.Result.FromString(again) == bench.sent[-1].session_done.result
    assert bench.leaves() == [
        "charter", "key_created", "key_created", "admission", "decision", "vote", "release", "result",
    ]  # fmt: skip
