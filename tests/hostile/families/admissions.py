"""The way of a signer that did not see the token fresh: the request again, with admissions by t others."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.model import canonical, labels
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import EDDSA, ETH, KINDS, body
from tests.hostile.flow import Flow
from tests.hostile.forge import raw
from tests.hostile.mutation import (
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

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
WORD = "admissions"
Receipts = Callable[[Stage, Flow], Sequence[pb.Signed]]


def families() -> list[Family]:
    return [
        Family("admissions", _brings(EDDSA, lambda s, f: list(f.admissions.values())), list(_sets())),
        Family("admission fields", _brings(ETH, lambda s, f: list(f.admissions.values())), list(_fields())),
        Family(
            "request sent along", _brings(ETH, lambda s, f: list(f.admissions.values())), list(_requests())
        ),
    ]


def _brings(kind: str, receipts: Receipts) -> Run:
    """Admitted by signer-1 and signer-2; signer-2 and signer-3 are to sign."""

    async def run(stage: Stage) -> Outcome:
        flow = await _seen_by_two(stage, kind)
        return await _open(flow, receipts(stage, flow))

    return run


async def _seen_by_two(stage: Stage, kind: str) -> Flow:
    flow = Flow(stage, stage.genuine(kind), [S2, S3])
    await flow.admit(at=[S1, S2])
    flow.build()
    return flow


async def _open(flow: Flow, receipts: Sequence[pb.Signed], **changes: Any) -> Outcome:
    """Only signer-3 is shown what is mutated."""
    honest = flow.open_message()
    brought = flow.open_message(**{"request": flow.request, "admissions": receipts, **changes})
    return await from_open(flow, {S2: honest, S3: brought})


def _sets() -> Iterable[Mutation]:
    sets: dict[str, Receipts] = {
        "none": lambda s, f: [],
        "one": lambda s, f: [f.admissions[S1]],
        "the other one": lambda s, f: [f.admissions[S2]],
        "one twice": lambda s, f: [f.admissions[S1]] * 2,
        "one three times": lambda s, f: [f.admissions[S2]] * 3,
        "one and a stranger's": lambda s, f: [
            f.admissions[S1],
            _resigned(f.admissions[S2], {"signer": "signer-9"}),
        ],
        "one and an empty one": lambda s, f: [f.admissions[S1], pb.Signed()],
        "one and its own, made up": lambda s, f: [
            f.admissions[S1],
            _resigned(f.admissions[S2], {"signer": S3}),
        ],
        "two made up": lambda s, f: [_resigned(f.admissions[n], {}) for n in (S1, S2)],
    }
    for kind in KINDS:
        for name, receipts in sets.items():
            yield harmful(f"{kind}: {name}", WORD, _brings(kind, receipts))
        yield harmful(f"{kind}: of another request", WORD, _of_another(kind))
        yield harmful(f"{kind}: one of another request", WORD, _of_another(kind, first_only=True))
        yield neutral(
            f"{kind}: in another order", _brings(kind, lambda s, f: [f.admissions[S2], f.admissions[S1]])
        )
        yield harmful(f"{kind}: no request", "admitted", _without_request(kind))


def _of_another(kind: str, *, first_only: bool = False) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow, other = await _seen_by_two(stage, kind), await _seen_by_two(stage, kind)
        own = flow.admissions[S2] if first_only else other.admissions[S2]
        return await _open(flow, [other.admissions[S1], own])

    return run


def _without_request(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await _seen_by_two(stage, kind)
        message = flow.open_message(admissions=list(flow.admissions.values()))
        return await from_open(flow, {S2: flow.open_message(), S3: message})

    return run


def _resigned(receipt: pb.Signed, changes: dict[str, Any], label: str = labels.ADMISSION) -> pb.Signed:
    """The receipt with other members, signed by a key of the server's own."""
    text = canonical.encode({**json.loads(receipt.body), **changes})
    key = Ed25519PrivateKey.generate()
    return pb.Signed(body=text, signature=key.sign(canonical.labelled(label, text)))


def _fields() -> Iterable[Mutation]:
    values: dict[str, Any] = {
        "cluster": "0" * 32,
        "signer": S2,
        "incarnation": 99,
        "intent": "0" * 64,
        "user": "somebody",
        "token_nonce": "another",
        "external_id": "e",
        "time_ms": 1,
    }
    for kind in (ETH, EDDSA):
        for name, value in values.items():
            changes = {name: value}
            yield harmful(f"{kind}: {name}, old signature", WORD, _brings(kind, _with(_kept(changes))))
            yield harmful(
                f"{kind}: {name}, attacker's key",
                WORD,
                _brings(kind, _with(partial(_resigned, changes=changes))),
            )
        for bit in range(0, 512, 32):
            yield harmful(f"{kind}: signature, bit {bit}", WORD, _brings(kind, _with(_bit(bit))))
        for cut in (0, 1, 100):
            yield harmful(f"{kind}: cut to {cut}", WORD, _brings(kind, _with(_cut(cut))))
        yield harmful(f"{kind}: white space", WORD, _brings(kind, _with(_spaced)))


Change = Callable[[pb.Signed], pb.Signed]


def _with(change: Change) -> Receipts:
    """signer-1's receipt is changed, signer-2's is as it is."""
    return lambda stage, flow: [change(flow.admissions[S1]), flow.admissions[S2]]


def _kept(changes: dict[str, Any]) -> Change:
    return lambda r: pb.Signed(
        body=canonical.encode({**json.loads(r.body), **changes}), signature=r.signature
    )


def _bit(bit: int) -> Change:
    return lambda r: pb.Signed(body=r.body, signature=flip(r.signature, bit))


def _cut(length: int) -> Change:
    return lambda r: pb.Signed(body=r.body[:length], signature=r.signature)


def _spaced(receipt: pb.Signed) -> pb.Signed:
    return pb.Signed(body=receipt.body + b" ", signature=receipt.signature)


def _requests() -> Iterable[Mutation]:
    """The request itself is another one, or is not what its token is for."""
    for kind in KINDS:
        yield harmful(f"{kind}: another request", (WORD, "admitted"), _another_request(kind))
        yield harmful(f"{kind}: a stranger's token", "token_signature", _token(kind, lambda t: flip_last(t)))
        yield harmful(f"{kind}: another body", "token_body", _body(kind))
        yield harmful(f"{kind}: another target", "token_uri", _target(kind))
        yield harmful(f"{kind}: stale, seen by one", WORD, _stale(kind))


def flip_last(text: str) -> str:
    """The token with another signature."""
    head, _, signature = text.rpartition(".")
    return f"{head}.{signature[::-1] if signature[::-1][-1] in 'AQgw' else 'A' * len(signature)}"


def _another_request(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow, other = await _seen_by_two(stage, kind), await _seen_by_two(stage, kind)
        return await _open(flow, list(other.admissions.values()), request=other.request)

    return run


def _token(kind: str, change: Callable[[str], str]) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await _seen_by_two(stage, kind)
        altered = raw(flow.request.body, change(flow.request.token))
        return await _open(flow, list(flow.admissions.values()), request=altered)

    return run


def _body(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await _seen_by_two(stage, kind)
        altered = raw(flow.request.body + b" ", flow.request.token)
        return await _open(flow, list(flow.admissions.values()), request=altered)

    return run


def _target(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await _seen_by_two(stage, kind)
        altered = raw(flow.request.body, flow.request.token, uri="/v1/transactions/")
        return await _open(flow, list(flow.admissions.values()), request=altered)

    return run


def _stale(kind: str) -> Run:
    """A token that has expired, and nobody saw it fresh: the server brings what receipts it has, of another
    request.
    """

    async def run(stage: Stage) -> Outcome:
        now = int(time.time())
        stale = stage.request(body(kind, stage.account()), iat=now - 120, exp=now - 60)
        flow = Flow(stage, stale, [S2, S3])
        other = await _seen_by_two(stage, kind)
        flow.intent = stage.intent(stale)
        flow.build()
        message = flow.open_message(request=stale, admissions=list(other.admissions.values()))
        return await from_open(flow, {S2: message, S3: message})

    return run
