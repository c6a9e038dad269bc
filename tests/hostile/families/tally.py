"""Tally entries that come with a release: withheld, forged, forked, out of order. One at a time: an entry
that one
session withholds, another one running beside it would deliver.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.model import canonical, labels
from quorate.core.model.records import TallyEntry
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ECDSA, EDDSA, ETH, USDC_TRANSFER
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    flip,
    from_release,
    harmful,
    neutral,
    opened,
    signs,
)
from tests.hostile.world import Stage

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
Entries = Callable[[list[pb.Signed]], Sequence[pb.Signed]]
"""From what signer-1 lacks to what it is given. The last entry is signer-2's for the session under way."""


def families() -> list[Family]:
    return [
        Family("tally withheld", signs(ETH), list(_withheld()), at_once=1),
        Family("tally forged", signs(USDC_TRANSFER), list(_forged()), at_once=1),
        Family("tally forked", signs(EDDSA), list(_forked()), at_once=1),
    ]


def _given(kind: str, entries: Entries) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await opened(stage, kind)
        await stage.hub.book.wait_for(list(flow.votes.values()))
        return await from_release(flow, tally={S1: entries(stage.hub.book.lacking(S1))})

    return run


def _withheld() -> Iterable[Mutation]:
    for kind in (ETH, USDC_TRANSFER, ECDSA, EDDSA):
        yield harmful(f"{kind}: all of them", "tally_missing", _given(kind, lambda e: []))
        yield harmful(f"{kind}: the last one", "tally_missing", _given(kind, lambda e: e[:-1]))
        yield harmful(f"{kind}: one between", "tally_missing", _gap(kind))
        yield neutral(f"{kind}: twice", _given(kind, lambda e: [*e, *e]))


def _gap(kind: str) -> Run:
    """An entry of a session that was given up is left out, the one after it is there."""

    async def run(stage: Stage) -> Outcome:
        before = await opened(stage, kind)
        flow = await opened(stage, kind)
        await stage.hub.book.wait_for(list(flow.votes.values()))
        lacking = stage.hub.book.lacking(S1)
        outcome = await from_release(flow, tally={S1: lacking[-1:]})
        await before.abandon()
        return outcome

    return run


def _forged() -> Iterable[Mutation]:
    values: dict[str, Callable[[TallyEntry], Any]] = {
        "cluster": lambda e: "0" * 32,
        "signer": lambda e: S3,
        "intent_hash": lambda e: flip(e.intent_hash, 0),
        "attempt_hash": lambda e: flip(e.attempt_hash, 0),
        "time_ms": lambda e: e.time_ms - 90_000_000,
        "user": lambda e: "somebody",
        "operation": lambda e: "RAW",
        "source": lambda e: "0",
        "destination": lambda e: "",
        "asset": lambda e: "USDT",
        "amount": lambda e: 0,
        "expires_at": lambda e: 0,
        "previous_head": lambda e: flip(e.previous_head, 9),
    }
    for name, value in values.items():
        change = lambda e, name=name, value=value: replace(e, **{name: value(e)})  # noqa: E731
        for seal in ("old signature", "attacker's key", "no signature"):
            yield harmful(f"{name}, {seal}", "tally_signature", _given(USDC_TRANSFER, _last(change, seal)))
    for bit in range(0, 512, 64):
        yield harmful(f"signature, bit {bit}", "tally_signature", _given(ETH, _bit(bit)))
    for name, cut in {"empty": slice(0, 0), "cut": slice(0, -1), "half": slice(0, 100)}.items():
        yield harmful(f"{name} entry", "tally_form", _given(EDDSA, _sliced(cut)))
    yield harmful("trailing byte", "tally_form", _given(EDDSA, _longer))
    yield harmful("a stranger's", "tally_signature", _given(EDDSA, _last(_stranger, "attacker's key")))


def _last(change: Callable[[TallyEntry], TallyEntry], seal: str) -> Entries:
    def entries(lacking: list[pb.Signed]) -> Sequence[pb.Signed]:
        body = change(TallyEntry.from_bytes(lacking[-1].body)).to_bytes()
        key = Ed25519PrivateKey.generate()
        signature = {
            "old signature": lacking[-1].signature,
            "attacker's key": key.sign(canonical.labelled(labels.TALLY, body)),
            "no signature": b"",
        }[seal]
        return [*lacking[:-1], pb.Signed(body=body, signature=signature)]

    return entries


def _bit(bit: int) -> Entries:
    def entries(lacking: list[pb.Signed]) -> Sequence[pb.Signed]:
        last = lacking[-1]
        return [*lacking[:-1], pb.Signed(body=last.body, signature=flip(last.signature, bit))]

    return entries


def _sliced(cut: slice) -> Entries:
    def entries(lacking: list[pb.Signed]) -> Sequence[pb.Signed]:
        return [*lacking[:-1], pb.Signed(body=lacking[-1].body[cut], signature=lacking[-1].signature)]

    return entries


def _longer(lacking: list[pb.Signed]) -> Sequence[pb.Signed]:
    return [*lacking[:-1], pb.Signed(body=lacking[-1].body + b"\0", signature=lacking[-1].signature)]


def _stranger(entry: TallyEntry) -> TallyEntry:
    return replace(entry, signer="signer-9", count=1, previous_head=bytes(32))


def _forked() -> Iterable[Mutation]:
    """Another entry at a place that signer-1 knows already."""
    changes: dict[str, Callable[[TallyEntry], TallyEntry]] = {
        "amount": lambda e: replace(e, amount=e.amount + 1),
        "time": lambda e: replace(e, time_ms=e.time_ms - 1),
        "intent": lambda e: replace(e, intent_hash=flip(e.intent_hash, 0)),
        "asset": lambda e: replace(e, asset="USDT"),
    }
    for kind in (ETH, EDDSA):
        for name, change in changes.items():
            yield harmful(f"{kind}: {name} of the first entry", "tally_fork", _second_history(kind, change))


def _second_history(kind: str, change: Callable[[TallyEntry], TallyEntry]) -> Run:
    async def run(stage: Stage) -> Outcome:
        if not (await signs(kind)(stage)).signed:
            return Outcome(note="the control did not sign")
        flow = await opened(stage, kind)
        known = stage.hub.book.entry(S2, 1)
        forked = pb.Signed(
            body=change(TallyEntry.from_bytes(known.body)).to_bytes(), signature=known.signature
        )
        return await from_release(flow, tally={S1: [forked, *stage.hub.book.lacking(S1)]})

    return run
