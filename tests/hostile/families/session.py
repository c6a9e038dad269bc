"""What the server says when it opens a session: which intent, which form, which members, which number."""

from collections.abc import Iterable, Sequence
from typing import Any

from quorate.core.model.intent import EVM_TX, RAW_FORMAT
from tests.hostile.bodies import ECDSA, EDDSA, ETH, KINDS, USDC_TRANSFER
from tests.hostile.flow import Flow, refusals
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    Shared,
    admitted,
    ended,
    from_open,
    harmful,
    neutral,
    random_hash,
    signs,
)
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"


def families() -> list[Family]:
    return [
        Family("intent hash", signs(ETH), list(_hashes())),
        Family("format", signs(EDDSA), list(_formats())),
        Family("members", signs(ECDSA, [S1, S3]), list(_members())),
        Family("session number", _second_session(2, EDDSA), list(_numbers())),
        Family("two faces", signs(USDC_TRANSFER, [S2, S3]), list(_two_faces())),
        Family("cross-request bytes", signs(USDC_TRANSFER), list(_cross())),
    ]


def _changed(shared: Shared, **changes: Any) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        flow.build()
        return await from_open(flow, dict.fromkeys(flow.members, flow.open_message(**changes)))

    return run


def _hashes() -> Iterable[Mutation]:
    for kind in KINDS:
        shared = Shared(kind)
        for bit in range(0, 256, 8):
            yield harmful(f"{kind}: bit {bit}", "admitted", _flipped_hash(shared, bit))
        for name, value in {"empty": b"", "short": bytes(31), "long": bytes(33), "zeros": bytes(32)}.items():
            yield harmful(f"{kind}: {name}", "admitted", _changed(shared, intent_hash=value))
        yield harmful(f"{kind}: another", "admitted", _changed(shared, intent_hash=random_hash()))


def _flipped_hash(shared: Shared, bit: int) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        value = int.from_bytes(flow.build().intent, "big") ^ (1 << bit)
        message = flow.open_message(intent_hash=value.to_bytes(32, "big"))
        return await from_open(flow, dict.fromkeys(flow.members, message))

    return run


def _formats() -> Iterable[Mutation]:
    for kind in (ETH, USDC_TRANSFER):
        shared = Shared(kind)
        for name in (RAW_FORMAT, "", "EVM-TX", "evm-tx ", "evm", "btc-psbt", "x" * 1000):
            yield harmful(f"{kind}: {name!r:.12}", "attempt_form", _changed(shared, format=name))
        yield harmful(
            f"{kind}: raw without bytes", "attempt_form", _changed(shared, format=RAW_FORMAT, bytes=b"")
        )
    for kind in (ECDSA, EDDSA):
        shared = Shared(kind)
        for name in (EVM_TX, "", "RAW", "raw ", "digest"):
            yield harmful(f"{kind}: {name!r:.12}", "attempt_form", _changed(shared, format=name))
        for size in (1, 32, 64, 1000):
            yield harmful(f"{kind}: {size} bytes", "attempt_form", _changed(shared, bytes=bytes(size)))
        yield harmful(
            f"{kind}: evm bytes", "attempt_form", _changed(shared, format=EVM_TX, bytes=b"\x02\xc0")
        )


_SETS: Sequence[Sequence[str]] = (
    [], [S1], [S2], [S1, S1], [S2, S1], [S3, S1], [S1, S2, S3], [S1, S2, S2], [S1, S1, S2], [S2, S3, S1],
    [S1, "signer-4"], [S1, ""], [S1, "SIGNER-2"], [S1, "signer-2 "], ["server", S1], [S1, "alice"],
    ["signer-1\0", S2],    [S1, S2, S3, S1], [S1, S2, "signer-4"], [S3, S2], [S1, "x" * 10_000],
)  # fmt: skip


def _members() -> Iterable[Mutation]:
    for kind in KINDS:
        shared = Shared(kind)
        for members in _SETS:
            name = ",".join(members)[:60] or "nobody"
            yield harmful(f"{kind}: {name}", "members", _at_both(shared, members))
        yield harmful(f"{kind}: not this one", "members", _without_self(shared))


def _at_both(shared: Shared, members: Sequence[str]) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        flow.build()
        message = flow.open_message(members=list(members))
        return await from_open(flow, {S1: message, S2: message})

    return run


def _without_self(shared: Shared) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        flow.build()
        pairs = {S1: [S2, S3], S2: [S1, S3], S3: [S1, S2]}
        return await from_open(flow, {name: flow.open_message(members=pairs[name]) for name in pairs})

    return run


# ---- session numbers


def _numbers() -> Iterable[Mutation]:
    for kind in KINDS:
        for number in (0, 1, 4, 5):
            yield harmful(
                f"{kind}: {number} after 5", "session_number", _second_session(number, kind, first=5)
            )
        for number in (1 << 53, 1 << 63, (1 << 64) - 1):
            yield harmful(f"{kind}: {number:#x} at first", "session_number", _first_session(number, kind))
            yield harmful(
                f"{kind}: {number:#x} after 5", "session_number", _second_session(number, kind, first=5)
            )
        yield neutral(f"{kind}: a jump", _second_session(1 << 40, kind, first=5))
        yield neutral(f"{kind}: the highest", _first_session((1 << 53) - 1, kind))


def _first_session(number: int, kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        flow.session = number
        return await from_open(flow)

    return run


def _second_session(number: int, kind: str, first: int = 1) -> Run:
    """The session is opened, given up, and opened again under another number."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        flow.session = first
        await flow.open()
        flow.opened.clear()
        flow.session = number
        return await from_open(flow)

    return run


# ---- two faces


def _two_faces() -> Iterable[Mutation]:
    shared_checks = ("vote_shared", "vote_members")
    for kind in (ETH, USDC_TRANSFER):
        faces = {"nonce": {"nonce": 1}, "fee": {"max_fee": 1_900_000_000}, "gas": {"gas": 99_000}}
        for name, fields in faces.items():
            yield harmful(f"{kind}: bytes, another {name}", "vote_shared", _two_attempts(kind, fields))
    for kind in KINDS:
        yield harmful(f"{kind}: session numbers", "vote_shared", _faces(kind, {"session": 2}))
        yield harmful(f"{kind}: members", shared_checks, _faces(kind, {"members": [S2, S3]}))
        yield harmful(f"{kind}: a session for one alone", "vote_members", _one_sided(kind))


def _two_attempts(kind: str, fields: dict[str, int]) -> Run:
    """Each of the two sees bytes that it may sign; they are not the same."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        other = flow.build(**fields).data
        flow.build()
        return await from_open(flow, {S1: flow.open_message(), S2: flow.open_message(bytes=other)})

    return run


def _faces(kind: str, changes: dict[str, Any]) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        return await from_open(flow, {S1: flow.open_message(), S2: flow.open_message(**changes)})

    return run


def _one_sided(kind: str) -> Run:
    """Only one member voted; its vote is shown to it twice."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, kind)
        flow.build()
        await flow.open(at=[S1])
        answers = await flow.release({S1: [flow.votes[S1], flow.votes[S1]]}, at=[S1])
        return Outcome(frozenset(refusals(answers).values())) if refusals(answers) else await ended(flow)

    return run


# ---- bytes of one request for another


def _cross() -> Iterable[Mutation]:
    for kind in (ETH, USDC_TRANSFER):
        for other in (ETH, USDC_TRANSFER):
            if kind != other:
                yield harmful(f"bytes of {other} for {kind}", ("effects_match",), _bytes_of(kind, other))
        yield harmful(f"bytes of a larger {kind}", "effects_match", _bytes_of(kind, kind, amount="1.5"))
        elsewhere = {"type": "EXTERNAL_WALLET", "id": "till"}
        yield harmful(
            f"bytes of {kind} elsewhere", "effects_match", _bytes_of(kind, kind, destination=elsewhere)
        )
        yield neutral(f"bytes of an equal {kind}", _bytes_of(kind, kind))
    for kind in (ECDSA, EDDSA):
        yield harmful(f"bytes of {ETH} for {kind}", "attempt_form", _bytes_of(kind, ETH))


def _bytes_of(kind: str, other: str, **changes: Any) -> Run:
    async def run(stage: Stage) -> Outcome:
        second = Flow(stage, stage.genuine(other, **changes), [S1, S2])
        await second.admit()
        flow = await admitted(stage, kind)
        flow.build()
        message = flow.open_message(bytes=second.build().data)
        return await from_open(flow, dict.fromkeys(flow.members, message))

    return run
