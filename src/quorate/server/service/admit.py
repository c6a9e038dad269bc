"""Admission: every reachable signer sees the requester's evidence while it is fresh; t receipts are
needed."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.records import Admission, Signed, verify_signed
from quorate.core.proto import link_pb2
from quorate.server.refusal import Refusal, from_message
from quorate.server.service.context import Context
from quorate.server.store.rows import Transaction, dump

GRACE: Final = 0.25
"""Seconds that a chosen signer is waited for once t others have admitted."""


@dataclass(slots=True)
class Admissions:
    """What the signers answered so far."""

    signed: dict[str, Signed] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    failures: list[QuorateError] = field(default_factory=list)

    def to_text(self) -> str:
        """The `admissions` column."""
        return dump(
            {s: {"body": a.body.hex(), "signature": a.signature.hex()} for s, a in self.signed.items()}
        )


def from_text(text: str) -> Mapping[str, Signed]:
    """The `admissions` column, read."""
    return {
        signer: Signed(bytes.fromhex(entry["body"]), bytes.fromhex(entry["signature"]))
        for signer, entry in json.loads(text).items()
    }


async def admit(ctx: Context, transaction: Transaction, wanted: frozenset[str]) -> Admissions:
    """Asks all reachable signers at once; returns when those `wanted` have admitted, when t have and the
    grace is over, or when nobody is left to answer. Later answers are not waited for: such a signer admits
    from the others' receipts.
    """
    async with ctx.admissions:
        return await _admit(ctx, transaction, wanted)


async def _admit(ctx: Context, transaction: Transaction, wanted: frozenset[str]) -> Admissions:
    needed = ctx.book.charter.threshold
    found = Admissions()
    open_tasks = {asyncio.create_task(_ask(ctx, signer, transaction)) for signer in ctx.hub.reachable()}
    while open_tasks:
        enough = len(found.signed) >= needed
        if enough and wanted <= found.signed.keys():
            break
        done, open_tasks = await asyncio.wait(
            open_tasks, timeout=GRACE if enough else None, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
        for task in done:
            _note(found, task.result())
    return found


def _note(found: Admissions, answer: tuple[str, Signed] | Refusal | QuorateError) -> None:
    if isinstance(answer, Refusal):
        found.refusals.append(answer)
    elif isinstance(answer, QuorateError):
        found.failures.append(answer)
    else:
        found.signed[answer[0]] = answer[1]


async def _ask(
    ctx: Context, signer: str, transaction: Transaction
) -> tuple[str, Signed] | Refusal | QuorateError:
    try:
        answer = await ctx.hub.ask(signer, request(transaction), ctx.config.timeouts.admit)
        if answer.WhichOneof("answer") == "refusal":
            return from_message(signer, answer.refusal)
        return signer, _checked(ctx, signer, transaction, answer)
    except QuorateError as failure:
        return failure


def request(transaction: Transaction) -> link_pb2.Request:
    return link_pb2.Request(admit=link_pb2.Admit(request=raw_request(transaction)))


def raw_request(transaction: Transaction) -> link_pb2.RawRequest:
    """The requester's bytes as they came."""
    return link_pb2.RawRequest(
        method="POST", uri=transaction.uri, body=transaction.body, token=transaction.token
    )


def _checked(ctx: Context, signer: str, transaction: Transaction, answer: link_pb2.Answer) -> Signed:
    """Raises QuorateError admission: a receipt that other signers would not accept is none."""
    entry = ctx.book.charter.signer(signer)
    if answer.WhichOneof("answer") != "admitted" or entry is None:
        raise _bad(signer, "is not an admission")
    signed = Signed(answer.admitted.admission.body, answer.admitted.admission.signature)
    verify_signed(labels.ADMISSION, signed, entry.vote_key)
    admission = Admission.from_bytes(signed.body)
    if (admission.signer, admission.intent) != (signer, transaction.intent_hash):
        raise _bad(
            signer, f"is for intent {admission.intent.hex()}, expected is {transaction.intent_hash.hex()}"
        )
    return signed


def _bad(signer: str, why: str) -> QuorateError:
    return QuorateError(
        "admission", f"the answer of {signer} {why}", "peer", "compare charter versions", culprits=(signer,)
    )
