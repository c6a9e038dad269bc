"""What was said before, said again: tokens, external ids, EVM nonces, sessions, releases; also after the
server lied.
"""

import asyncio
import uuid
from collections.abc import Iterable
from typing import Any

from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ECDSA, ETH, KINDS, USDC_TRANSFER, Body, body
from tests.hostile.flow import Flow, refusals
from tests.hostile.mutation import (
    PAIR,
    Family,
    Mutation,
    Outcome,
    Run,
    admitted,
    ended,
    from_admission,
    from_open,
    from_release,
    harmful,
    neutral,
    opened,
    signs,
)
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
PAIRS = (PAIR, [S1, S3], [S2, S3])


def families() -> list[Family]:
    return [
        Family("token nonce again", signs(ETH), list(_token_nonces())),
        Family("external id again", _retry_is_safe, list(_external_ids())),
        Family("EVM nonce again", _next_nonce, list(_evm_nonces())),
        Family("other bytes later", _same_bytes_later(ETH), list(_later_bytes())),
        Family("steps again", signs(ECDSA), list(_steps())),
    ]


# ---- one token nonce, two requests: the requester's own mistake, or a client that was made to repeat it


def _token_nonces() -> Iterable[Mutation]:
    for kind in KINDS:
        for other in KINDS:
            yield harmful(f"{kind} after {other}", "request_replayed", _same_nonce(kind, other))


def _same_nonce(kind: str, other: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        nonce = str(uuid.uuid4())
        await from_admission(stage, stage.request(body(other, stage.account()), nonce=nonce))
        return await from_admission(stage, stage.request(body(kind, stage.account()), nonce=nonce))

    return run


# ---- external ids


def _external_ids() -> Iterable[Mutation]:
    for kind in KINDS:
        for name, change in {"again": {}, "with another note": {"note": "2"}}.items():
            yield harmful(f"{kind}: {name}, after a lie", "external_id", _after_a_lie(kind, change))
            for second in PAIRS:
                run = _signed_twice(kind, change, second)
                yield harmful(f"{kind}: {name}, then {'+'.join(second)}", "external_id", run)
        yield harmful(f"{kind}: shown to one alone first", "external_id", _hidden_first(kind))


def _with_id(stage: Stage, kind: str, id: str, account: int, change: Body) -> pb.RawRequest:
    return stage.request(body(kind, account, externalTxId=id, **change))


def _after_a_lie(kind: str, change: Body) -> Run:
    """The server gets the request admitted, says that it failed, and has the client send it again."""

    async def run(stage: Stage) -> Outcome:
        id, account = str(uuid.uuid4()), stage.account()
        first = Flow(stage, _with_id(stage, kind, id, account, {}), PAIR)
        await first.admit()
        outcome = await from_admission(stage, _with_id(stage, kind, id, account, change))
        first.build()
        await from_open(first)
        return outcome

    return run


def _signed_twice(kind: str, change: Body, members: list[str]) -> Run:
    async def run(stage: Stage) -> Outcome:
        id, account = str(uuid.uuid4()), stage.account()
        await from_admission(stage, _with_id(stage, kind, id, account, {}))
        return await from_admission(stage, _with_id(stage, kind, id, account, change), members)

    return run


def _hidden_first(kind: str) -> Run:
    """signer-1 alone sees the first request; the second is signed by the others; then the first is tried with
    help.
    """

    async def run(stage: Stage) -> Outcome:
        id, account = str(uuid.uuid4()), stage.account()
        first = Flow(stage, _with_id(stage, kind, id, account, {}), PAIR)
        await first.admit(at=[S1])
        second = Flow(stage, _with_id(stage, kind, id, account, {"note": "2"}), [S2, S3])
        await second.admit(at=[S2, S3])
        second.build()
        await from_open(second)
        first.build()
        brought = first.open_message(request=first.request, admissions=list(first.admissions.values()))
        return await from_open(first, {S1: first.open_message(), S2: brought})

    return run


async def _retry_is_safe(stage: Stage) -> Outcome:
    """The very request again: the same admission, one signature."""
    request = stage.genuine(ETH, externalTxId=str(uuid.uuid4()))
    first = Flow(stage, request, PAIR)
    await first.admit()
    again = Flow(stage, request, PAIR)
    await again.admit()
    if first.admissions != again.admissions:
        return Outcome(note="another admission")
    return await from_admission(stage, request)


# ---- EVM nonces


def _evm_nonces() -> Iterable[Mutation]:
    for kind in (ETH, USDC_TRANSFER):
        for first in PAIRS:
            for second in PAIRS:
                name = f"{kind}: {'+'.join(first)}, then {'+'.join(second)}"
                yield harmful(name, "nonce_conflict", _same_evm_nonce(kind, first, second))
        yield harmful(f"{kind}: released late", "nonce_conflict", _released_late(kind))
        yield harmful(f"{kind}: opened again after it lost", "nonce_conflict", _reopened(kind))
        yield harmful(f"{kind}: released to one alone", "nonce_conflict", _released_to_one(kind))
        yield neutral(f"{kind}: never released", _taken_over(kind))


async def _of(stage: Stage, kind: str, account: int, members: list[str], nonce: int = 0) -> Flow:
    flow = Flow(stage, stage.request(body(kind, account)), members)
    await flow.admit()
    flow.build(nonce=nonce)
    return flow


def _same_evm_nonce(kind: str, first: list[str], second: list[str]) -> Run:
    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        await from_open(await _of(stage, kind, account, first))
        return await from_open(await _of(stage, kind, account, second))

    return run


def _released_late(kind: str) -> Run:
    """Both voted for A; B took its nonce and was signed; now A is released."""

    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        first = await _of(stage, kind, account, PAIR)
        await first.open()
        await from_open(await _of(stage, kind, account, PAIR))
        return await from_release(first)

    return run


def _reopened(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        first = await _of(stage, kind, account, PAIR)
        await first.open()
        await from_open(await _of(stage, kind, account, PAIR))
        first.opened.clear()
        first.session = 2
        return await from_open(first)

    return run


def _released_to_one(kind: str) -> Run:
    """A is released to signer-1 alone: for it the nonce is spent. B wants it of signer-1 and signer-3."""

    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        first = await _of(stage, kind, account, PAIR)
        await first.open()
        await first.release(at=[S1])
        outcome = await from_open(await _of(stage, kind, account, [S1, S3]))
        await first.abandon()
        return outcome

    return run


def _taken_over(kind: str) -> Run:
    """A was voted for and never released: B may have its nonce."""

    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        first = await _of(stage, kind, account, PAIR)
        await first.open()
        return await from_open(await _of(stage, kind, account, [S2, S3]))

    return run


async def _next_nonce(stage: Stage) -> Outcome:
    account = stage.account()
    await from_open(await _of(stage, ETH, account, PAIR))
    return await from_open(await _of(stage, ETH, account, [S2, S3], nonce=1))


# ---- bytes that change after a vote


DEARER = {"max_fee": 3_000_000_000}


def _later_bytes() -> Iterable[Mutation]:
    """What could take effect beside the first bytes, or undo what was taken back."""
    for kind in (ETH, USDC_TRANSFER):
        for nonce in (1, 2, 16):
            yield harmful(f"{kind}: nonce {nonce}", "attempt_fixed", _opened_again(kind, {"nonce": nonce}))
            dearer = _opened_again(kind, {"nonce": nonce, **DEARER})
            yield harmful(f"{kind}: nonce {nonce}, for more", "attempt_fixed", dearer)
            elsewhere = _taken_back(kind, {"nonce": nonce})
            yield harmful(f"{kind}: taken back at nonce {nonce}", "attempt_fixed", elsewhere)
        for name, fields in {"less gas": {"gas": 90_000}, "a lower fee": {"max_fee": 1_999_999_999}}.items():
            yield harmful(f"{kind}: {name}", "attempt_fixed", _opened_again(kind, fields))
        for name, fields in {"a higher fee": DEARER, "more gas": {"gas": 120_000}}.items():
            yield neutral(f"{kind}: {name}", _opened_again(kind, fields))
            once_more = _taken_back(kind, {}, fields)
            yield harmful(f"{kind}: taken back, then {name}", "attempt_fixed", once_more)
        yield neutral(f"{kind}: taken back", _taken_back(kind, {}))
        with_gas = _taken_back(kind, {"gas": 21_001})
        yield harmful(f"{kind}: taken back with gas for code", "effects_match", with_gas)
        yield harmful(f"{kind}: taken back before a vote", "effects_match", _taken_back_unvoted(kind))


def _opened_again(kind: str, fields: dict[str, int]) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        _again(flow).build(**fields)
        return await from_open(flow)

    return run


def _taken_back(kind: str, fields: dict[str, int], then: dict[str, int] | None = None) -> Run:
    """A payment of nothing to the account itself; `then`, the payment once more."""

    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        _again(flow).take_back(stage.sender(flow.intent), **fields)
        if then is not None:
            await flow.open()
            _again(flow).build(**then)
        return await from_open(flow)

    return run


def _taken_back_unvoted(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.take_back(stage.sender(flow.intent))
        return await from_open(flow)

    return run


def _again(flow: Flow) -> Flow:
    flow.opened.clear()
    flow.session += 1
    return flow


def _same_bytes_later(kind: str) -> Run:
    return _opened_again(kind, {})


# ---- steps of a session, again


def _steps() -> Iterable[Mutation]:
    for kind in KINDS:
        yield neutral(f"{kind}: opened again when it is signed", _open_after_result(kind))
        yield harmful(
            f"{kind}: released after it was given up", "session_known", _release_after_abandon(kind)
        )
        yield harmful(f"{kind}: the same session again", "session_number", _same_session(kind))
        yield neutral(f"{kind}: released twice", _released_twice(kind))
        yield neutral(f"{kind}: asked twice at once", _asked_twice(kind))


def _open_after_result(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        await from_open(flow)
        flow.opened.clear()
        flow.session = 2
        return await from_open(flow)

    return run


def _release_after_abandon(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        kept: dict[str, Any] = dict(flow.opened)
        await flow.abandon()
        flow.opened = kept
        return await from_release(flow)

    return run


def _same_session(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        flow.opened.clear()
        return await from_open(flow)

    return run


def _released_twice(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        answers = [await flow.release(), await flow.release()]
        if any(refusals(answer) for answer in answers):
            return Outcome(frozenset(check for answer in answers for check in refusals(answer).values()))
        return await ended(flow)

    return run


def _asked_twice(kind: str) -> Run:
    """Two signatures must not come from one request, whatever runs beside each other."""

    async def run(stage: Stage) -> Outcome:
        request = stage.genuine(kind)
        both = await asyncio.gather(*(from_admission(stage, request) for _ in range(2)))
        refused = frozenset(check for outcome in both for check in outcome.refused)
        return Outcome(refused, any(outcome.signed for outcome in both))

    return run
