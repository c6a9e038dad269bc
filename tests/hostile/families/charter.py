"""A server that keeps requests back until the charter has changed: what the old version allowed is over. The
last family:
the stage goes on under version 2.
"""

import asyncio
from collections.abc import Iterable

from quorate.core.model.charter import load_chain, verify_chain
from tests.hostile.bodies import EDDSA, ETH, KINDS, body
from tests.hostile.ceremony import quorate
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    admitted,
    from_admission,
    from_open,
    from_release,
    harmful,
    opened,
    signs,
)
from tests.hostile.world import Stage


def families() -> list[Family]:
    return [Family("charter changed", _under_the_new, list(_kept_back()))]


def _kept_back() -> Iterable[Mutation]:
    for kind in KINDS:
        yield harmful(f"{kind}: admitted under the old one", "charter_current", _admitted_before(kind))
        yield harmful(f"{kind}: voted under the old one", "session_known", _voted_before(kind))
    yield harmful("a key without a certificate", "key_certified", _without_certificate)


async def _changed(stage: Stage) -> dict[str, tuple[Flow, Flow]]:
    """By kind: a request that was admitted, and one that was voted for, before all signers took version 2."""
    before: dict[str, tuple[Flow, Flow]] = {}
    for kind in KINDS:
        flow = await admitted(stage, kind)
        flow.build()
        before[kind] = (flow, await opened(stage, kind))
    path = await asyncio.to_thread(stage.site.next_charter)
    for signer in stage.signers.values():
        await asyncio.to_thread(quorate, "charter", "activate", path, "--dir", signer.folder)
    stage.charter = verify_chain(load_chain(path.read_bytes()))[-1]
    await asyncio.sleep(0.3)  # they dial again
    await stage.ready()
    return before


async def _before(stage: Stage) -> dict[str, tuple[Flow, Flow]]:
    return await stage.once("charter", lambda: _changed(stage))


async def _under_the_new(stage: Stage) -> Outcome:
    await _before(stage)
    return await signs(ETH)(stage)


def _admitted_before(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow, _ = (await _before(stage))[kind]
        return await from_open(flow)

    return run


def _voted_before(kind: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        _, flow = (await _before(stage))[kind]
        return await from_release(flow)

    return run


async def _without_certificate(stage: Stage) -> Outcome:
    """RAW for the key that version 2 names, and no ceremony has made."""
    await _before(stage)
    return await from_admission(stage, stage.request(body(EDDSA, stage.account()), covered=False))
