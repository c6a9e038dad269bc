"""The votes at release: every field of every vote, under the signature it had, under others, or another
session's.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.model import canonical, labels
from quorate.core.model.intent import Item
from quorate.core.model.records import Vote
from quorate.core.model.vote import Head
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ECDSA, EDDSA, ETH, KINDS, USDC_TRANSFER
from tests.hostile.ceremony import SKEW
from tests.hostile.flow import Flow, refusals, vote_of
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    admitted,
    flip,
    from_open,
    from_release,
    harmful,
    neutral,
    opened,
    random_hash,
    signs,
)
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
MEMBERS, SHARED, SIGNATURE, FORM = "vote_members", "vote_shared", "vote_signature", "vote_form"

Reseal = Callable[[Vote, pb.Signed], pb.Signed]
Ballots = Callable[[dict[str, pb.Signed]], Sequence[pb.Signed]]
"""From the honest votes by voter to what signer-1 is shown."""


def families() -> list[Family]:
    votes = [Family(f"vote fields, {kind}", signs(kind), list(_fields(kind))) for kind in KINDS]
    return [
        *votes,
        Family("vote bytes", signs(EDDSA), list(_bytes())),
        Family("vote sets", signs(ECDSA), list(_sets())),
        Family("votes of another session", _voted_twice, list(_other_sessions())),
        Family("vote time", signs(ETH), list(_times()), at_once=32),
        Family("vote of a voter set back", signs(EDDSA), list(_set_back()), at_once=1),
    ]


# ---- seals


def _old(vote: Vote, honest: pb.Signed) -> pb.Signed:
    return pb.Signed(body=vote.to_bytes(), signature=honest.signature)


def _attacker(vote: Vote, honest: pb.Signed) -> pb.Signed:
    key = Ed25519PrivateKey.generate()
    return pb.Signed(
        body=vote.to_bytes(), signature=key.sign(canonical.labelled(labels.VOTE, vote.to_bytes()))
    )


def _empty(vote: Vote, honest: pb.Signed) -> pb.Signed:
    return pb.Signed(body=vote.to_bytes(), signature=b"")


_SEALS: dict[str, Reseal] = {"old signature": _old, "attacker's key": _attacker, "no signature": _empty}


# ---- fields


def _fields(kind: str) -> Iterable[Mutation]:
    for name, check, change in _changes(kind):
        for seal, reseal in _SEALS.items():
            yield harmful(f"their {name}, {seal}", check, _theirs(kind, change, reseal))
        yield harmful(f"our {name}", MEMBERS if check != FORM else FORM, _ours(kind, change))


def _changes(kind: str) -> Iterable[tuple[str, str, Callable[[Vote], Vote]]]:
    shared: dict[str, Callable[[Vote], Any]] = {
        "cluster": lambda v: "0" * 32,
        "charter_hash": lambda v: flip(v.charter_hash, 0),
        "freeze_count": lambda v: 1,
        "freeze_hash": lambda v: flip(v.freeze_hash, 255),
        "key": lambda v: "other",
        "epoch": lambda v: v.epoch + 1,
        "intent_hash": lambda v: flip(v.intent_hash, 7),
        "attempt_hash": lambda v: flip(v.attempt_hash, 7),
        "session": lambda v: v.session + 1,
        "members": lambda v: (S1, S2, S3),
    }
    for name, value in shared.items():
        yield name, SHARED, partial(_with, name, value)
    items: dict[str, Callable[[Vote], Any]] = {
        "message": lambda v: replace(v.items[0], message=flip(v.items[0].message, 0)),
        "path": lambda v: replace(v.items[0], path=(*v.items[0].path[:-1], v.items[0].path[-1] + 1)),
    }
    for name, item in items.items():
        yield f"item's {name}", SHARED, partial(_with, "items", partial(_only, item))
    if kind != EDDSA:
        yield "item's scheme", FORM, partial(_with, "items", partial(_only, _bip340))
        yield "item's scheme and randomness", SHARED, _as_bip340
    yield "items twice", SHARED, lambda v: replace(v, items=v.items * 2, randomness=v.randomness * 2)
    own: dict[str, Callable[[Vote], Any]] = {
        "incarnation": lambda v: v.incarnation + 1,
        "time_ms": lambda v: v.time_ms + 1,
        "randomness": lambda v: (flip(v.randomness[0], 3),),
        "heads": lambda v: tuple(Head(h.signer, h.count + 1, h.head) for h in v.heads),
        "heads left out": lambda v: v.heads[:1],
    }
    for name, value in own.items():
        member = name.split()[0]
        yield name, SIGNATURE, partial(_with, member, value)
    yield "randomness left out", FORM, lambda v: replace(v, randomness=())
    yield "voter", FORM, lambda v: replace(v, voter=S3)
    assert {name for name in (*shared, *own)} <= {*(f.name for f in fields(Vote)), "heads left out"}


def _with(member: str, value: Callable[[Vote], Any], vote: Vote) -> Vote:
    return replace(vote, **{member: value(vote)})


def _bip340(vote: Vote) -> Item:
    return replace(vote.items[0], scheme=2)


def _as_bip340(vote: Vote) -> Vote:
    """With as much randomness as that scheme has: of the form of a vote, about another signature."""
    return replace(vote, items=(_bip340(vote),), randomness=(bytes(66),))


def _only(item: Callable[[Vote], Any], vote: Vote) -> tuple[Any, ...]:
    return (item(vote),)


def _theirs(kind: str, change: Callable[[Vote], Vote], reseal: Reseal) -> Run:
    return _shown(kind, lambda votes: [votes[S1], reseal(change(vote_of(votes[S2])), votes[S2])])


def _ours(kind: str, change: Callable[[Vote], Vote]) -> Run:
    return _shown(kind, lambda votes: [_old(change(vote_of(votes[S1])), votes[S1]), votes[S2]])


def _shown(kind: str, ballots: Ballots, both: bool = False) -> Run:
    """An honest session; then signer-1 (or both) is shown other votes."""

    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        shown = ballots(flow.votes)
        return await from_release(flow, {S1: shown, S2: shown} if both else {S1: shown})

    return run


# ---- bytes and sets


def _bytes() -> Iterable[Mutation]:
    for bit in range(0, 512, 16):
        yield harmful(f"signature, bit {bit}", SIGNATURE, _shown(EDDSA, _second(_flip_signature(bit))))
    expected = (FORM, SHARED, SIGNATURE, MEMBERS)
    for at in range(0, 560, 8):
        yield harmful(f"body, byte {at}", expected, _shown(EDDSA, _second(_flip_body(at))))
    for cut in (0, 1, 40, 100, 200, 400):
        yield harmful(f"body cut to {cut}", FORM, _shown(EDDSA, _second(_cut(cut))))
    yield harmful("trailing byte", FORM, _shown(EDDSA, _second(_longer)))
    for label in (labels.ADMISSION, labels.TALLY, labels.PEER_STATE):
        name = label.split("/")[1]
        yield harmful(f"under the label of {name}", SIGNATURE, _shown(EDDSA, _second(_labelled(label))))


def _second(change: Callable[[pb.Signed], pb.Signed]) -> Ballots:
    return lambda votes: [votes[S1], change(votes[S2])]


def _flip_signature(bit: int) -> Callable[[pb.Signed], pb.Signed]:
    return lambda vote: pb.Signed(body=vote.body, signature=flip(vote.signature, bit))


def _flip_body(at: int) -> Callable[[pb.Signed], pb.Signed]:
    def change(vote: pb.Signed) -> pb.Signed:
        bit = 8 * (at % len(vote.body)) + at % 7
        return pb.Signed(body=flip(vote.body, bit), signature=vote.signature)

    return change


def _cut(length: int) -> Callable[[pb.Signed], pb.Signed]:
    return lambda vote: pb.Signed(body=vote.body[:length], signature=vote.signature)


def _longer(vote: pb.Signed) -> pb.Signed:
    return pb.Signed(body=vote.body + b"\0", signature=vote.signature)


def _labelled(label: str) -> Callable[[pb.Signed], pb.Signed]:
    key = Ed25519PrivateKey.generate()
    return lambda vote: pb.Signed(body=vote.body, signature=key.sign(canonical.labelled(label, vote.body)))


def _sets() -> Iterable[Mutation]:
    sets: dict[str, Ballots] = {
        "none": lambda v: [],
        "ours alone": lambda v: [v[S1]],
        "theirs alone": lambda v: [v[S2]],
        "ours twice": lambda v: [v[S1], v[S1]],
        "theirs twice": lambda v: [v[S2], v[S2]],
        "theirs once too often": lambda v: [v[S1], v[S2], v[S2]],
        "ours once too often": lambda v: [v[S1], v[S1], v[S2]],
        "a hundred": lambda v: [v[S1]] * 50 + [v[S2]] * 50,
    }
    for kind in KINDS:
        for name, ballots in sets.items():
            yield harmful(f"{kind}: {name}", MEMBERS, _shown(kind, ballots))
            yield harmful(f"{kind}: {name}, to both", MEMBERS, _shown(kind, ballots, both=True))
        yield harmful(f"{kind}: an empty one", FORM, _shown(kind, lambda v: [v[S1], pb.Signed()]))
        yield neutral(f"{kind}: in another order", _shown(kind, lambda v: [v[S2], v[S1]]))


# ---- other sessions


def _other_sessions() -> Iterable[Mutation]:
    for kind in KINDS:
        for other in KINDS:
            yield harmful(f"{kind}: their vote for another {other}", SHARED, _vote_for_another(kind, other))
        yield harmful(f"{kind}: both votes of another request", MEMBERS, _both_of_another(kind))
        yield harmful(f"{kind}: their vote of the session before", SHARED, _session_before(kind))
        yield harmful(f"{kind}: the third signer's vote", MEMBERS, _third(kind))
        yield harmful(f"{kind}: a session nobody opened", "session_known", _unknown_session(kind))
        yield harmful(f"{kind}: a session that was given up", "session_known", _given_up(kind))


def _vote_for_another(kind: str, other: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow, second = await opened(stage, kind), await opened(stage, other)
        outcome = await from_release(flow, {S1: [flow.votes[S1], second.votes[S2]]})
        await second.abandon()
        return outcome

    return run


def _both_of_another(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow, second = await opened(stage, kind), await opened(stage, kind)
        outcome = await from_release(flow, {name: list(second.votes.values()) for name in flow.members})
        await second.abandon()
        return outcome

    return run


def _session_before(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        before = flow.votes[S2]
        flow.session = 2
        await flow.open()
        return await from_release(flow, {S1: [flow.votes[S1], before]})

    return run


async def _voted_twice(stage: Stage) -> Outcome:
    """A session that the server forgot, and the next one."""
    flow = await opened(stage, EDDSA)
    flow.session = 2
    return await from_open(flow)


def _third(kind: str) -> Run:
    """Two sessions of one request, signer-1 in both: a vote of the one in the other."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        first = Flow(stage, flow.request, [S1, S2], flow.intent, attempt=flow.attempt)
        second = Flow(stage, flow.request, [S1, S3], flow.intent, attempt=flow.attempt, session=2)
        await first.open()
        await second.open()
        outcome = await from_release(first, {S1: [first.votes[S1], second.votes[S3]]})
        await second.abandon()
        return outcome

    return run


def _unknown_session(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        release = pb.Release(session_id=random_hash(), votes=list(flow.votes.values()))
        answer = await stage.hub.ask(S1, pb.Request(release=release))
        await flow.abandon()
        return Outcome(frozenset(refusals({S1: answer}).values()))

    return run


def _given_up(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        opened_, votes = dict(flow.opened), list(flow.votes.values())
        await flow.abandon()
        flow.opened = opened_
        return await from_release(flow, dict.fromkeys(flow.members, votes))

    return run


# ---- time, and voters that were set back


def _times() -> Iterable[Mutation]:
    for kind in KINDS:
        yield harmful(f"{kind}: votes too far apart", "vote_time", _apart(kind))


def _apart(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        await flow.open(at=[S1])
        await asyncio.sleep(SKEW + 0.3)
        await flow.open(at=[S2])
        return await from_release(flow)

    return run


def _set_back() -> Iterable[Mutation]:
    """signer-2 votes, is restarted, and its vote from before is used: what it drew for it is gone."""
    for kind in (USDC_TRANSFER, EDDSA):
        yield harmful(f"{kind}: the vote of an incarnation that ended", "keeper:vote_rollback", _ended(kind))
        yield harmful(f"{kind}: a vote that was overtaken", "keeper:vote_rollback", _overtaken(kind))


def _ended(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        await flow.open(at=[S2])
        await stage.restart(S2)
        await stage.ready()
        await signs(EDDSA)(stage)
        await flow.open(at=[S1])
        answers = await flow.release(at=[S1])
        outcome = Outcome(frozenset(refusals(answers).values()))
        await flow.abandon()
        return outcome

    return run


def _overtaken(kind: str) -> Run:
    """signer-2 votes, then lets through something else; only after that signer-1 votes for the first."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        await flow.open(at=[S2])
        await signs(EDDSA)(stage)
        await flow.open(at=[S1])
        return await from_release(flow)

    return run
