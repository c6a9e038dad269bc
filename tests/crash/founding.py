"""Charter activation and key creation, with a kill between each pair of their durable steps."""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from quorate.core.errors import QuorateError
from tests.crash.programs import Program, Signer
from tests.crash.site import EDDSA, SECP, SPARE, Site

DIES_WITHIN: Final = 90.0
STALLED: Final = 4.0
"""Seconds after which an operator gives an order up that does not come on, while everybody runs."""
PATIENCE: Final = 90.0


async def found(site: Site, rng: random.Random) -> None:
    """From nothing to a cluster with all keys; each point of `points.CEREMONY` is reached at least once."""
    await _activate_all(site)
    one, two, three = site.signers
    keys = iter(SPARE)
    parts: dict[Program, str] = {
        one: "judge.part.after_commit",
        two: "judge.part.before_commit",
        three: "keeper.after_share",
    }
    await _strike(site, keys, parts)
    for fault in ("server.order_stored", "server.order_answered", "server.part_stored:2"):
        await _strike(site, keys, {site.server: fault})
    certified: dict[Program, str] = {
        site.server: "server.certificate_stored",
        one: "judge.certificate.before_commit",
        two: "judge.certificate.after_commit",
    }
    await _strike(site, iter([EDDSA]), certified)
    await _kill_in_the_middle(site, rng)


# ---- the charter


async def _activate_all(site: Site) -> None:
    """Two signers die over the charter; each takes it afterwards, as if for the first time."""
    site.server.start()
    faults = ("judge.charter.before_commit", "judge.charter.after_commit", "")
    await asyncio.gather(*(_activate(site, *pair) for pair in zip(site.signers, faults, strict=True)))
    await site.all_ready()


async def _activate(site: Site, signer: Signer, fault: str) -> None:
    signer.start(fault)
    await signer.answers()
    if fault:
        assert await site.activate(signer) is None, "it answered, and died afterwards"
        await signer.died_at(fault, DIES_WITHIN)
        site.struck(fault)
        signer.start()
        await signer.answers()
        state = await signer.ask({"do": "status"})
        assert state is not None
        assert state["charter_version"] == (1 if fault.endswith("after_commit") else 0)
    answer = await site.activate(signer)
    assert answer is not None
    assert answer.get("ok"), answer


# ---- keys


async def _strike(site: Site, keys: Iterator[str], faults: Mapping[Program, str]) -> None:
    """Arms the programs, then creates key after key until every fault has struck. Each must come to be."""
    await asyncio.gather(*(_arm(program, fault) for program, fault in faults.items()))
    struck = asyncio.gather(*(_revive(site, program, fault) for program, fault in faults.items()))
    try:
        while not struck.done() and (key := next(keys, "")):
            await create(site, key)
            await asyncio.wait([struck], timeout=0.3)  # a fault may strike after the server is done
        await struck
    finally:
        struck.cancel()
    await site.all_ready()


async def _arm(program: Program, fault: str) -> None:
    await program.kill()
    program.start(fault)


async def _revive(site: Site, program: Program, fault: str) -> None:
    """Starts a program again, without the fault, once the fault has killed it."""
    await program.died_at(fault, DIES_WITHIN)
    site.struck(fault)
    program.start()
    await program.ready()


async def create(site: Site, key: str) -> dict[str, Any]:
    """As an operator does it: an order that failed or does not come on is replaced by a new one.

    Raises TimeoutError when the key does not come to be.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            while not await site.may_all_vote():
                await asyncio.sleep(0.05)
            order = await site.order(key)
            try:
                await site.submit(order, PATIENCE)
            except QuorateError as error:
                if error.code == "key_exists":
                    return await _certificate(site, key)
                raise
            if await _is_carried_out(site, order):
                return await _certificate(site, key)


async def _is_carried_out(site: Site, order: dict[str, Any]) -> bool:
    """False when it failed, or stood still while everybody was there."""
    since = time.monotonic()
    while time.monotonic() - since < STALLED:
        state = await site.state(order)
        if state.get("status") == "done":
            return True
        if state.get("status") == "failed":
            return str(state["error"]["code"]) == "key_exists"
        if not all(program.alive for program in site.programs):
            since = time.monotonic()
        await asyncio.sleep(0.1)
    return False


async def _certificate(site: Site, key: str) -> dict[str, Any]:
    """The one certificate of a key, as the server proves it."""
    proofs = (await site.native("/keys"))["keys"]
    (found,) = [proof for proof in proofs if proof["certificate"]["key"] == key]
    return dict(found)


async def _kill_in_the_middle(site: Site, rng: random.Random) -> None:
    """Somebody is killed at a random moment of the long key generation; a new order creates the key."""
    order = await site.order(SECP)
    await site.submit(order)
    await asyncio.sleep(rng.uniform(0.05, 0.5))
    victim = rng.choice(site.programs)
    await victim.kill()
    victim.start()
    await site.all_ready()
    await create(site, SECP)
