"""Envelopes between keepers, which the server relays and cannot read: changed, cut, replayed, misdelivered,
out of
order, lost. Whatever becomes of the session, the next one of the same request must sign.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ECDSA, EDDSA
from tests.hostile.flow import Flow
from tests.hostile.hub import as_it_is
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    from_open,
    harmful,
    neutral,
    opened,
    signs,
)
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
FORM, UNKNOWN, COUNTER, TAG = (f"envelope:{name}" for name in
    ("envelope_form", "channel_unknown", "channel_counter", "channel_tag"))  # fmt: skip
CHANNEL_FORM = "envelope:channel_form"
HEADER, COUNTER_END, LENGTH_END = 17, 25, 27
"""kind and channel id; the counter; the first frame's length; then ciphertext."""

Change = Callable[[pb.Envelope], list[pb.Envelope]]


def families() -> list[Family]:
    return [
        Family("envelope bits", signs(ECDSA), [*_bits(EDDSA, 0), *_bits(ECDSA, 1)], at_once=1),
        Family("envelope shapes", signs(EDDSA), list(_shapes()), at_once=1),
        Family("envelope delivery", signs(EDDSA), list(_delivery()), at_once=1),
    ]


@dataclass
class Tamper:
    """Replaces the `at`-th envelope from signer-1 to signer-2; passes on all others. Keeps what it saw."""

    change: Change
    at: int = 0
    seen: list[pb.Envelope] = field(default_factory=list)

    def __call__(self, envelope: pb.Envelope) -> Iterable[pb.Envelope]:
        if (getattr(envelope, "from"), envelope.to) != (S1, S2):
            return (envelope,)
        self.seen.append(envelope)
        return self.change(envelope) if len(self.seen) == self.at + 1 else (envelope,)


def _tampered(kind: str, change: Change, at: int = 0) -> Run:
    """The session with one envelope changed, and then the next session of the same request."""

    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        for signer in stage.signers.values():
            signer.journal()
        stage.hub.relay = tamper = Tamper(change, at)
        try:
            await flow.release()
            codes = await _codes(stage, flow)
        finally:
            stage.hub.relay = as_it_is
        signed = await _is_signed(flow)
        if not tamper.seen or not (signed or await _next_session(flow)):
            return Outcome(note="nothing was sent, or the next session did not sign")
        return Outcome(codes, signed)

    return run


async def _codes(stage: Stage, flow: Flow, patience: float = 0.6) -> frozenset[str]:
    """What the journals say of messages that were not taken; waits for the first, or the session's end."""
    found: set[str] = set()
    until = asyncio.get_running_loop().time() + patience
    while not found and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.02)
        for signer in stage.signers.values():
            entries = [entry for entry in signer.journal() if entry.get("event") == "message_refused"]
            found |= {f"{entry['kind']}:{entry['code']}" for entry in entries}
        if await _is_signed(flow):
            break
    return frozenset(found)


async def _is_signed(flow: Flow) -> bool:
    """By signer-2, who was given the changed envelope. In FROST signer-1 needs nothing but the answer to make
    the
    right signature, which the oracle judges.
    """
    return isinstance((await flow.end(0.02)).get(S2), pb.SessionDone)


async def _next_session(flow: Flow) -> bool:
    await flow.abandon()
    flow.session += 1
    return (await from_open(flow)).signed


# ---- bits


def _bits(kind: str, at: int) -> Iterable[Mutation]:
    for byte in [0, 1, 8, 16, 17, 20, 24, 25, 26, 27, 28, 31, 40, 60, 80, -17, -16, -9, -1]:
        for bit in (0, 3, 7):
            name = f"{kind}: message {at}, byte {byte}, bit {bit}"
            yield harmful(name, _expected(byte, bit), _tampered(kind, _flipped(byte, bit), at))


def _expected(byte: int, bit: int) -> tuple[str, ...]:
    if byte == 0:
        return (FORM, UNKNOWN, "envelope:channel_role", "envelope:channel_handshake")
    if 0 < byte < HEADER:
        return (UNKNOWN,)
    if HEADER <= byte < COUNTER_END:
        return (COUNTER, TAG)
    return (CHANNEL_FORM, TAG) if 0 < byte < LENGTH_END else (TAG,)


def _flipped(byte: int, bit: int) -> Change:
    def change(envelope: pb.Envelope) -> list[pb.Envelope]:
        content = bytearray(envelope.ciphertext)
        content[byte] ^= 1 << bit
        return [_with(envelope, ciphertext=bytes(content))]

    return change


def _with(envelope: pb.Envelope, **changes: str | bytes) -> pb.Envelope:
    changed = pb.Envelope()
    changed.CopyFrom(envelope)
    for name, value in changes.items():
        setattr(changed, name.rstrip("_"), value)
    return changed


# ---- shapes


def _shapes() -> Iterable[Mutation]:
    for kind in (EDDSA, ECDSA):
        for length in (0, 1, 16, 17, 20, 24, 26, 40):
            expected = (FORM,) if length < HEADER else (CHANNEL_FORM, TAG)
            yield harmful(f"{kind}: cut to {length}", expected, _tampered(kind, _cut(length)))
        yield harmful(f"{kind}: the last byte cut", (CHANNEL_FORM, TAG), _tampered(kind, _cut(-1)))
        for more in (b"\0", b"\0\0", bytes(40), b"\0\x10" + bytes(16)):
            run = _tampered(kind, _extended(more))
            yield harmful(f"{kind}: {more[:3].hex()}.. of {len(more)} bytes added", (CHANNEL_FORM, TAG), run)
        yield harmful(f"{kind}: zeros", (FORM,), _tampered(kind, lambda e: [_with(e, ciphertext=bytes(100))]))
        yield harmful(f"{kind}: kind 0 to 255", (FORM,), _tampered(kind, _unknown_kinds))


def _cut(length: int) -> Change:
    return lambda envelope: [_with(envelope, ciphertext=envelope.ciphertext[:length])]


def _extended(more: bytes) -> Change:
    return lambda envelope: [_with(envelope, ciphertext=envelope.ciphertext + more)]


def _unknown_kinds(envelope: pb.Envelope) -> list[pb.Envelope]:
    kinds = [0, *range(5, 256, 25)]
    return [_with(envelope, ciphertext=bytes([kind]) + envelope.ciphertext[1:]) for kind in kinds]


# ---- delivery


def _delivery() -> Iterable[Mutation]:
    for kind in (EDDSA, ECDSA):
        cases: dict[str, tuple[str | tuple[str, ...], Change]] = {
            "to a third": (UNKNOWN, lambda e: [_with(e, to=S3)]),
            "as from a third": (UNKNOWN, lambda e: [_with(e, from_=S3)]),
            "as from a stranger": ("envelope:envelope_from", lambda e: [_with(e, from_="signer-9")]),
            "as from itself": (("envelope:envelope_from", UNKNOWN), lambda e: [_with(e, from_=S2)]),
            "back to its sender": (TAG, lambda e: [_with(e, from_=S2, to=S1)]),
        }
        for name, (expected, change) in cases.items():
            yield harmful(f"{kind}: {name}", expected, _tampered(kind, change))
        yield harmful(f"{kind}: an older one in its place", COUNTER, _older(kind))
        yield harmful(f"{kind}: out of order", COUNTER, _reordered(kind))
        yield harmful(f"{kind}: addressed to another", "envelope:envelope_to", _misdelivered(kind))
        yield neutral(f"{kind}: twice", _replayed(kind, lambda e: [e, e]))
        yield neutral(f"{kind}: ten times", _replayed(kind, lambda e: [e] * 10))
        yield neutral(f"{kind}: lost", _lost(kind))


def _older(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        stage.hub.relay = recorded = Tamper(lambda e: [e], at=-1)
        try:
            await signs(kind)(stage)
        finally:
            stage.hub.relay = as_it_is
        if not recorded.seen:
            return Outcome(note="nothing was sent")
        return await _tampered(kind, lambda _: [recorded.seen[0]])(stage)

    return run


def _reordered(kind: str) -> Run:
    """Two sessions at once; the first envelope of the one waits for that of the other."""

    async def run(stage: Stage) -> Outcome:
        first, second = await opened(stage, kind), await opened(stage, kind)
        for signer in stage.signers.values():
            signer.journal()
        held: list[pb.Envelope] = []

        def hold(envelope: pb.Envelope) -> Iterable[pb.Envelope]:
            if (getattr(envelope, "from"), envelope.to) != (S1, S2) or len(held) == 2:
                return (envelope,)
            held.append(envelope)
            return reversed(held) if len(held) == 2 else ()

        stage.hub.relay = hold
        try:
            await first.release()
            await second.release()
            codes = await _codes(stage, first)
        finally:
            stage.hub.relay = as_it_is
        signed = await _is_signed(first)
        later = [await _is_signed(flow) or await _next_session(flow) for flow in (first, second)]
        return Outcome(codes, signed) if all(later) else Outcome(note="a request cannot be signed any more")

    return run


def _misdelivered(kind: str) -> Run:
    """signer-3 is handed what is addressed to signer-2."""

    async def run(stage: Stage) -> Outcome:
        def change(envelope: pb.Envelope) -> list[pb.Envelope]:
            stage.hub.tell(S3, pb.ToSigner(envelope=envelope))
            return []

        return await _tampered(kind, change)(stage)

    return run


def _replayed(kind: str, change: Change) -> Run:
    """It signs, and the copies are refused by name."""

    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        for signer in stage.signers.values():
            signer.journal()
        stage.hub.relay = Tamper(change)
        try:
            await flow.release()
            ends = await flow.end(5)
        finally:
            stage.hub.relay = as_it_is
        dead = frozenset(f"dead:{e.reason.check}" for e in ends.values() if isinstance(e, pb.SessionDead))
        if dead:
            return Outcome(dead)
        codes: frozenset[str] = frozenset()
        for _ in range(50):  # the session may end before the copies are refused
            lines = [e for s in stage.signers.values() for e in s.journal()]
            codes |= {str(e["code"]) for e in lines if e.get("event") == "message_refused"}
            if "channel_counter" in codes:
                break
            await asyncio.sleep(0.02)
        signed = all(isinstance(end, pb.SessionDone) for end in ends.values())
        return Outcome(signed=signed) if "channel_counter" in codes else Outcome(note="no copy was refused")

    return run


def _lost(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        stage.hub.relay = Tamper(lambda e: [])
        try:
            await flow.release()
            await asyncio.sleep(0.05)
        finally:
            stage.hub.relay = as_it_is
        return Outcome(signed=await _next_session(flow))

    return run
