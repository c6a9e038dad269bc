"""Approvers' statements as a hostile server has them: genuine ones, of this request and of others, and
everything that can be made of them without an approver's key.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quorate.core.model import canonical, labels
from quorate.core.model.statement import SignedStatement, Statement
from quorate.core.proto import link_pb2 as pb
from tests.core.spec.generate.encode import sshsig
from tests.hostile.bodies import ETH, body
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    PAIR,
    Family,
    Mutation,
    Outcome,
    Run,
    flip,
    from_open,
    harmful,
    neutral,
)
from tests.hostile.world import Stage

FORMS = (
    "statement_form",
    "statement_cluster",
    "statement_charter",
    "statement_intent",
    "statement_approver",
    "statement_signature",
    "statement_time",
)
Make = Callable[[Stage, bytes], list[SignedStatement]]


def families() -> list[Family]:
    return [
        Family("approvals", control, list(_too_few())),
        Family("statements forged", control, list(_forged())),
        Family("statement bits", control, list(_bits())),
        Family("rejections", control, list(_rejected())),
        Family("approvals, otherwise", control, list(_harmless())),
    ]


def say(
    stage: Stage, approver: str, about: bytes, verdict: str = "approve", **changes: Any
) -> SignedStatement:
    """What that person signs. `key` signs in its place."""
    key, now = changes.pop("key", approver), int(time.time())
    honest = Statement(stage.charter.cluster, stage.charter.hash, about, verdict, approver, 1, now, now + 300)
    made = replace(honest, **changes).to_bytes()
    return SignedStatement(made, sshsig(f"{key}/ssh", labels.STATEMENT, made))


def two(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [say(stage, "dana", intent), say(stage, "erin", intent)]


def messages(flow: Flow, said: Mapping[str, Sequence[SignedStatement]]) -> dict[str, pb.Open]:
    """An Open for each member, with the statements that it is shown."""
    return {
        name: flow.open_message(
            statements=[pb.Statement(body=s.body, armor=s.armor) for s in said.get(name, ())]
        )
        for name in flow.members
    }


async def asked(stage: Stage, *, covered: bool) -> Flow:
    """A request of carol's, on file at every signer. It is covered once two people approved it."""
    request = stage.request(body(ETH, stage.account()), by=stage.site.carol, covered=covered)
    flow = Flow(stage, request, list(PAIR))
    await flow.admit()
    flow.build()
    return flow


async def opened_with(flow: Flow, said: Sequence[SignedStatement]) -> Outcome:
    return await from_open(flow, messages(flow, dict.fromkeys(flow.members, said)))


def intent_of(flow: Flow) -> bytes:
    assert flow.intent is not None
    return flow.intent.hash


async def control(stage: Stage) -> Outcome:
    flow = await asked(stage, covered=True)
    return await opened_with(flow, two(stage, intent_of(flow)))


def _with(make: Make, *, covered: bool = False) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await asked(stage, covered=covered)
        return await opened_with(flow, make(stage, intent_of(flow)))

    return run


# ---- too few


def _too_few() -> Iterable[Mutation]:
    lists: dict[str, Make] = {
        "none": lambda stage, intent: [],
        "one": lambda stage, intent: [say(stage, "dana", intent)],
        "the same twice": lambda stage, intent: [say(stage, "dana", intent)] * 2,
        "one approver in sixteen rounds": lambda stage, intent: [
            say(stage, "dana", intent, round=number) for number in range(1, 17)
        ],
        "two, of whom one is in no group": lambda stage, intent: [
            say(stage, "dana", intent),
            say(stage, "gina", intent),
        ],
    }
    for name, make in lists.items():
        yield harmful(name, "approvals", _with(make))
    for shown in PAIR:
        yield harmful(f"shown to {shown} only", "approvals", _shown_to(shown))
    yield harmful("one to each", "approvals", _one_to_each)
    yield harmful("an administrator with an SSH key", "statement_approver", _with(_administrator))


def _administrator(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [*two(stage, intent)[:1], say(stage, "ada", intent, key="mallory")]


def _shown_to(name: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await asked(stage, covered=False)
        return await from_open(flow, messages(flow, {name: two(stage, intent_of(flow))}))

    return run


async def _one_to_each(stage: Stage) -> Outcome:
    flow = await asked(stage, covered=False)
    said = two(stage, intent_of(flow))
    return await from_open(flow, messages(flow, dict(zip(PAIR, ([s] for s in said), strict=True))))


# ---- forged, replayed, spliced


def _forged() -> Iterable[Mutation]:
    now = int(time.time())
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "attacker's key": ("statement_signature", {"key": "mallory"}),
        "another approver's key": ("statement_signature", {"key": "dana"}),
        "another cluster": ("statement_cluster", {"cluster": "00" * 16}),
        "another charter": ("statement_charter", {"charter": bytes(32)}),
        "another intent": ("statement_intent", {"intent": bytes(32)}),
        "expired": ("statement_time", {"issued_at": now - 600, "expires_at": now - 1}),
        "of the future": ("statement_time", {"issued_at": now + 3600, "expires_at": now + 7200}),
        "living too long": ("statement_form", {"expires_at": now + 90_000}),
    }
    for name, (check, change) in changes.items():
        yield harmful(name, check, _with(_second(change)))
    yield harmful("a stranger", "statement_approver", _with(_stranger))
    for name, member, value in (
        ("intent", "intent", None),
        ("round", "round", 2),
        ("approver", "approver", "frank"),
        ("verdict", "verdict", "approve"),
        ("expires_at", "expires_at", now + 200),
    ):
        yield harmful(f"{name} replaced under an old signature", FORMS, _rewritten(member, value))
    yield harmful("all of another request", "statement_intent", _spliced(_whole))
    yield harmful("bodies of this one, signatures of another", "statement_signature", _spliced(_signatures))
    yield harmful("too many", "statement_form", _with(lambda s, i: two(s, i)[:1] * 257))
    yield harmful("white space", "statement_form", _with(_spaced))
    yield harmful("no signature", "statement_signature", _with(_bare))
    yield harmful("signed under another label", "statement_signature", _with(_other_label))


def _second(change: dict[str, Any]) -> Make:
    """Dana approves honestly; what passes for Erin's is made up."""
    return lambda stage, intent: [say(stage, "dana", intent), say(stage, "erin", intent, **change)]


def _stranger(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [say(stage, "dana", intent), say(stage, "mallory", intent)]


def _rewritten(member: str, value: object) -> Run:
    """A genuine statement, about another request or a rejection, with one member made to fit."""

    async def run(stage: Stage) -> Outcome:
        flow = await asked(stage, covered=False)
        intent = intent_of(flow)
        other = say(
            stage,
            "erin",
            bytes(32) if value is None else intent,
            "reject" if member == "verdict" else "approve",
        )
        read: Any = canonical.decode(other.body)
        forged = canonical.encode({**read, member: intent.hex() if value is None else value})
        return await opened_with(flow, [say(stage, "dana", intent), SignedStatement(forged, other.armor)])

    return run


def _whole(ours: list[SignedStatement], theirs: list[SignedStatement]) -> list[SignedStatement]:
    return theirs


def _signatures(ours: list[SignedStatement], theirs: list[SignedStatement]) -> list[SignedStatement]:
    return [replace(s, armor=t.armor) for s, t in zip(ours, theirs, strict=True)]


def _spliced(mix: Callable[..., list[SignedStatement]]) -> Run:
    async def run(stage: Stage) -> Outcome:
        approved, flow = await asked(stage, covered=True), await asked(stage, covered=False)
        theirs = two(stage, intent_of(approved))
        await opened_with(approved, theirs)
        return await opened_with(flow, mix(two(stage, intent_of(flow)), theirs))

    return run


def _spaced(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [replace(s, body=s.body.replace(b",", b", ")) for s in two(stage, intent)]


def _bare(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [replace(s, armor="") for s in two(stage, intent)]


def _other_label(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [replace(s, armor=sshsig("dana/ssh", labels.ORDER, s.body)) for s in two(stage, intent)]


# ---- bits


def _bits() -> Iterable[Mutation]:
    for bit in range(0, 2400, 40):
        yield harmful(f"body, bit {bit}", FORMS, _with(_flipped(bit)))
    for place in range(40, 290, 10):
        yield harmful(f"signature, character {place}", "statement_signature", _with(_armor_changed(place)))


def _flipped(bit: int) -> Make:
    def make(stage: Stage, intent: bytes) -> list[SignedStatement]:
        first, second = two(stage, intent)
        return [first, replace(second, body=flip(second.body, bit % (8 * len(second.body))))]

    return make


def _armor_changed(place: int) -> Make:
    def make(stage: Stage, intent: bytes) -> list[SignedStatement]:
        first, second = two(stage, intent)
        old = second.armor[place]
        new = "\n" if old == "\n" else "B" if old == "A" else "A"
        changed = second.armor[:place] + (new if new != "\n" else "x") + second.armor[place + 1 :]
        return [first, replace(second, armor=changed)]

    return make


# ---- rejections


def _rejected() -> Iterable[Mutation]:
    yield harmful("beside two approvals", "vetoed", _with(_and_a_rejection))
    yield harmful("taken back in a later round", "vetoed", _with(_taken_back))
    yield harmful("by one who is in no group", "vetoed", _with(_rejected_by_gina))
    yield harmful("dropped in the next session", "vetoed", _dropped)
    for name in PAIR:
        yield harmful(f"told to {name} alone, then dropped", "vetoed", _told(name))
    yield harmful("between vote and release", "vetoed", _between)


def _and_a_rejection(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [*two(stage, intent), say(stage, "frank", intent, "reject")]


def _taken_back(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [*_and_a_rejection(stage, intent), say(stage, "frank", intent, round=2)]


def _rejected_by_gina(stage: Stage, intent: bytes) -> list[SignedStatement]:
    return [*two(stage, intent), say(stage, "gina", intent, "reject")]


async def _dropped(stage: Stage) -> Outcome:
    flow = await asked(stage, covered=False)
    intent = intent_of(flow)
    await opened_with(flow, _and_a_rejection(stage, intent))
    flow.session = 2
    return await opened_with(flow, two(stage, intent))


def _told(name: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await asked(stage, covered=False)
        intent = intent_of(flow)
        await _veto(stage, name, intent)
        return await opened_with(flow, two(stage, intent))

    return run


async def _veto(stage: Stage, name: str, intent: bytes) -> None:
    no = say(stage, "frank", intent, "reject")
    veto = pb.Rejection(statement=pb.Statement(body=no.body, armor=no.armor))
    answer = await stage.hub.ask(name, pb.Request(rejection=veto))
    assert answer.HasField("done"), answer


async def _between(stage: Stage) -> Outcome:
    """Both voted; then a rejection reaches them, and the server asks for the shares all the same."""
    from tests.hostile.mutation import from_release

    flow = await asked(stage, covered=False)
    intent = intent_of(flow)
    answers = await flow.open_each(messages(flow, dict.fromkeys(PAIR, two(stage, intent))))
    assert all(answer.HasField("opened") for answer in answers.values()), answers
    for name in PAIR:
        await _veto(stage, name, intent)
    return await from_release(flow)


# ---- what changes nothing


def _harmless() -> Iterable[Mutation]:
    lists: dict[str, Make] = {
        "three": lambda stage, intent: [*two(stage, intent), say(stage, "frank", intent)],
        "in another order": lambda stage, intent: two(stage, intent)[::-1],
        "in round 7": lambda stage, intent: [say(stage, p, intent, round=7) for p in ("dana", "frank")],
        "each twice": lambda stage, intent: two(stage, intent) * 2,
    }
    for name, make in lists.items():
        yield neutral(name, _with(make, covered=True))
    yield neutral("of a request that needs nobody", _unasked)


async def _unasked(stage: Stage) -> Outcome:
    flow = Flow(stage, stage.genuine(ETH), list(PAIR))
    await flow.admit()
    flow.build()
    return await opened_with(flow, two(stage, intent_of(flow)))
