"""What a requester did sign and the policy does not cover; lifetimes; and windows that are approached from
all sides.
"""

import time
from collections.abc import Iterable
from typing import Any

from tests.hostile.bodies import ECDSA, EDDSA, ETH, KINDS, USDC_TRANSFER, Body, body
from tests.hostile.ceremony import LIFETIME
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    PAIR,
    Family,
    Mutation,
    Outcome,
    Run,
    from_admission,
    from_open,
    harmful,
    signs,
)
from tests.hostile.world import Stage


def families() -> list[Family]:
    return [
        Family("policy", signs(ETH), list(_uncovered())),
        Family("policy window", _fills_the_window, list(_windows())),
        Family("lifetime", signs(USDC_TRANSFER), list(_expired())),
    ]


def _uncovered() -> Iterable[Mutation]:
    one_time = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": "0x" + "11" * 20}}
    changes: list[tuple[str, str, Body]] = [
        *(("amount " + amount, ETH, {"amount": amount}) for amount in ("5.000001", "6", "10", "1000000")),
        *(
            ("amount " + amount, USDC_TRANSFER, {"amount": amount})
            for amount in ("1000.000001", "1001", "5000000")
        ),
        *((f"one-time address, {kind}", kind, {"destination": one_time}) for kind in (ETH, USDC_TRANSFER)),
        ("an asset without a rule", ETH, {"assetId": "USDT", "amount": "1"}),
    ]
    for name, kind, change in changes:
        yield harmful(name, "policy", _asks(kind, change))
    for kind in KINDS:
        yield harmful(f"{kind} by a requester without rules", "policy", _asks(kind, {}, by_bob=True))
    for scheme, path in ((ECDSA, [44, 60, 7, 0, 0]), (ECDSA, [49, 0, 0]), (EDDSA, [44, 501, 0])):
        yield harmful(f"RAW on the asset path {path}", "policy", _raw_on(scheme, path))
    source = {"type": "VAULT_ACCOUNT", "id": "7"}
    yield harmful("RAW on an account's asset", "policy", _raw_of_asset(source))


def _asks(kind: str, change: Body, *, by_bob: bool = False) -> Run:
    async def run(stage: Stage) -> Outcome:
        by = stage.site.bob if by_bob else stage.requester
        request = stage.request(body(kind, stage.account(), **change), by=by, covered=False)
        return await from_admission(stage, request)

    return run


def _raw_on(kind: str, path: list[int]) -> Run:
    async def run(stage: Stage) -> Outcome:
        made = body(kind, stage.account())
        made["extraParameters"]["rawMessageData"]["messages"][0]["derivationPath"] = path
        return await from_admission(stage, stage.request(made, covered=False))

    return run


def _raw_of_asset(source: Body) -> Run:
    async def run(stage: Stage) -> Outcome:
        made = body(ECDSA, stage.account(), assetId="ETH", source=source)
        del made["extraParameters"]["rawMessageData"]["messages"][0]["derivationPath"]
        return await from_admission(stage, stage.request(made, covered=False))

    return run


# ---- windows: 10 ETH a day and source, 5 ETH a transfer


async def _fills_the_window(stage: Stage) -> Outcome:
    """Two transfers of five, the second by another pair: just what is allowed."""
    account = stage.account()
    first = await _spend(stage, account, "5", 0, PAIR)
    second = await _spend(stage, account, "5", 1, ["signer-2", "signer-3"])
    return second if first.signed else first


def _windows() -> Iterable[Mutation]:
    pairs = (["signer-1", "signer-2"], ["signer-1", "signer-3"], ["signer-2", "signer-3"])
    for first in pairs:
        for second in pairs:
            name = f"{'+'.join(first)} then {'+'.join(second)}"
            yield harmful(
                f"the last drop, {name}", "policy_window", _overspends(first, second, released=True)
            )
            yield harmful(f"voted only, {name}", "policy_window", _overspends(first, second, released=False))


def _overspends(first: list[str], second: list[str], *, released: bool) -> Run:
    """Ten are spent (or voted for and held back); then one unit more is asked of another pair."""

    async def run(stage: Stage) -> Outcome:
        account = stage.account()
        for nonce in (0, 1):
            if released:
                await _spend(stage, account, "5", nonce, first)
            else:
                await (await _flow(stage, account, "5", nonce, first)).open()
        return await _spend(stage, account, "0.000001", 2, second, covered=False)

    return run


async def _spend(
    stage: Stage, account: int, amount: str, nonce: int, members: list[str], *, covered: bool = True
) -> Outcome:
    return await from_open(await _flow(stage, account, amount, nonce, members, covered=covered))


async def _flow(
    stage: Stage, account: int, amount: str, nonce: int, members: list[str], *, covered: bool = True
) -> Flow:
    request = stage.request(body(ETH, account, amount=amount), covered=covered)
    flow = Flow(stage, request, members)
    await flow.admit()
    flow.build(nonce=nonce)
    return flow


# ---- lifetimes


def _expired() -> Iterable[Mutation]:
    for kind in KINDS:
        for late in (1, 60, 2000):
            yield harmful(f"{kind}, {late} s after its end", "expired", _late(kind, late))


def _late(kind: str, late: int) -> Run:
    async def run(stage: Stage) -> Outcome:
        """The token is still good; the request that it makes is not."""
        now = int(time.time())
        times: dict[str, Any] = {"iat": now - LIFETIME - late, "exp": now + 50}
        return await from_admission(stage, stage.request(body(kind, stage.account()), covered=False, **times))

    return run
