"""What administrators have frozen, and a server that would rather not know; freezes and their lifting that
nobody may order.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable
from typing import Any

from quorate.client.ceremony import ssh
from quorate.core.model import canonical, labels
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ETH, body
from tests.hostile.ceremony import ADMINISTRATORS, MALLORY
from tests.hostile.flow import Flow, refusals
from tests.hostile.mutation import (
    PAIR,
    Family,
    Mutation,
    Outcome,
    Run,
    from_admission,
    from_open,
    from_release,
    harmful,
    signs,
)
from tests.hostile.world import Stage

ADA, BEN = ADMINISTRATORS[:2]
Document = dict[str, Any]
Entries = list[tuple[str, str]]


def families() -> list[Family]:
    """One after the other: every freeze ends the sessions that are under way."""
    return [
        Family("frozen", _elsewhere, list(_frozen()), at_once=1),
        Family("freezes", signs(ETH), [*_freezes(), *_lifting()], at_once=1),
    ]


# ---- what is frozen


async def _elsewhere(stage: Stage) -> Outcome:
    """One account is frozen at every signer; another one pays."""
    await _freeze(stage, stage.account())
    return await signs(ETH)(stage)


def _frozen() -> Iterable[Mutation]:
    yield harmful("an account, asked for after", "frozen", _asked_after)
    yield harmful("an account, admitted before", "frozen", _admitted_before)
    yield harmful("an account, voted before", ("frozen", "session_known"), _voted_before)


async def _asked_after(stage: Stage) -> Outcome:
    account = stage.account()
    await _freeze(stage, account)
    return await from_admission(stage, stage.request(body(ETH, account), covered=False))


async def _admitted_before(stage: Stage) -> Outcome:
    flow = await _admitted(stage, account := stage.account())
    await _freeze(stage, account)
    return await from_open(flow)


async def _voted_before(stage: Stage) -> Outcome:
    flow = await _admitted(stage, account := stage.account())
    answers = await flow.open()
    if refusals(answers):
        raise RuntimeError(f"an honest session was refused: {refusals(answers)}")
    await _freeze(stage, account)
    return await from_release(flow)


async def _admitted(stage: Stage, account: int) -> Flow:
    flow = Flow(stage, stage.request(body(ETH, account), covered=False), list(PAIR))
    await flow.admit()
    flow.build()
    return flow


# ---- who may freeze


def document_of(stage: Stage, **changes: Any) -> Document:
    freeze: Document = {
        "cluster": stage.charter.cluster,
        "id": secrets.token_hex(16),
        "scope": "workspace",
        "subject": None,
        "by": ADA,
        "created_at": int(time.time()),
    }
    return {**freeze, **changes}


def signed_by(stage: Stage, data: bytes, *names: str, label: str = labels.FREEZE, key: str = "") -> Entries:
    return [(name, ssh.sign(label, data, stage.site.administrator(key or name))) for name in names]


async def _freeze(stage: Stage, account: int) -> None:
    """As an administrator does: at every signer."""
    data = canonical.encode(document_of(stage, scope="account", subject=str(account)))
    entries = await asyncio.to_thread(signed_by, stage, data, ADA)
    outcome = await sent(stage, data, entries, stage.names)
    if outcome.refused:
        raise RuntimeError(f"an honest freeze was refused: {outcome}")


def _freezes() -> Iterable[Mutation]:
    """A freeze that is taken counts as signed: a stranger could stop the cluster."""
    tries: dict[str, tuple[str, Document, Any]] = {
        "nobody's": ("signature", {}, lambda s, d: []),
        "a stranger's": ("signature", {}, lambda s, d: signed_by(s, d, ADA, key=MALLORY)),
        "a stranger's own": ("signature", {"by": MALLORY}, lambda s, d: signed_by(s, d, MALLORY)),
        "another's than it names": ("signature", {}, lambda s, d: signed_by(s, d, BEN)),
        "two": ("signature", {}, lambda s, d: signed_by(s, d, ADA, BEN)),
        "of an order": ("signature", {}, lambda s, d: signed_by(s, d, ADA, label=labels.ORDER)),
        "of another body": ("signature", {}, lambda s, d: signed_by(s, d + b" ", ADA)),
        "of another cluster": ("cluster", {"cluster": "0" * 32}, lambda s, d: signed_by(s, d, ADA)),
        "with a subject": ("shape", {"subject": "0"}, lambda s, d: signed_by(s, d, ADA)),
    }
    for name, (check, changes, sign) in tries.items():
        yield harmful(f"signature: {name}", f"keeper:freeze_{check}", _frozen_by(changes, sign))
    yield harmful("the same again, after it was lifted", "keeper:freeze_lifted", _again)


def _frozen_by(changes: Document, sign: Any) -> Run:
    async def run(stage: Stage) -> Outcome:
        data = canonical.encode(document_of(stage, **changes))
        entries = await asyncio.to_thread(sign, stage, data)
        return await sent(stage, data, entries, PAIR)

    return run


async def _again(stage: Stage) -> Outcome:
    document = document_of(stage, scope="account", subject=str(stage.account()))
    data = canonical.encode(document)
    entries = await asyncio.to_thread(signed_by, stage, data, ADA)
    await sent(stage, data, entries, stage.names)
    await _lift(stage, document["id"], (ADA, BEN), stage.names)
    return await sent(stage, data, entries, PAIR)


# ---- who may lift


def _lifting() -> Iterable[Mutation]:
    yield harmful("lifted by one of two", "keeper:order_quorum", _lifted_by(ADA))
    yield harmful("lifted by nobody", "keeper:order_quorum", _lifted_by())


def _lifted_by(*names: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        return await _lift(stage, secrets.token_hex(16), names, PAIR)

    return run


async def _lift(stage: Stage, id: str, names: Iterable[str], at: Iterable[str]) -> Outcome:
    data = canonical.encode(lifting_of(stage, id))
    entries = await asyncio.to_thread(signed_by, stage, data, *names, label=labels.ORDER)
    message = pb.Order(body=data, signatures=signatures_of(entries))
    return await answered(stage, pb.Request(order=message), at)


def lifting_of(stage: Stage, id: str) -> Document:
    """An order that lifts a freeze."""
    now = int(time.time())
    return {
        "cluster": stage.charter.cluster,
        "charter": stage.charter.hash.hex(),
        "id": secrets.token_hex(16),
        "kind": "unfreeze",
        "key": None,
        "signer": None,
        "incarnation": None,
        "created_at": now,
        "expires_at": now + 600,
        "freezes": [id],
    }


async def sent(stage: Stage, data: bytes, entries: Entries, at: Iterable[str]) -> Outcome:
    message = pb.SignedDocument(body=data, signatures=signatures_of(entries))
    return await answered(stage, pb.Request(freeze=message), at)


def signatures_of(entries: Entries) -> list[pb.SshSignature]:
    return [pb.SshSignature(administrator=name, armor=armor) for name, armor in entries]


async def answered(stage: Stage, request: pb.Request, at: Iterable[str]) -> Outcome:
    answers = {name: await stage.hub.ask(name, request) for name in at}
    taken = any(answer.HasField("standing") for answer in answers.values())
    return Outcome(frozenset(refusals(answers).values()), taken)
