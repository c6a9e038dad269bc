"""TRON bytes before the real checks of a signer: each rule refuses by its name, whatever the server sends."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.tron import address
from quorate.core.chains.tron.build import build
from quorate.core.dialects.fireblocks import account_address
from quorate.core.errors import Refused
from quorate.core.proto import link_pb2
from quorate.judge.judge_open import Opened
from tests.core.chains.tron.published import contract, raw
from tests.judge.bench import Bench, Case
from tests.judge.cluster import ALLOW_ALL
from tests.judge.tron import CHAIN, FEE_CAP, STALL, TOKEN, TRX, TronCluster, payment

BLOCK = (1000).to_bytes(8, "big") + b"\x5a" * 24
OTHER = b"\x41" + b"\x11" * 20
TEN_MINUTES = 600
SKEW = 5


@pytest.fixture(scope="module")
def cluster() -> TronCluster:
    return TronCluster(ALLOW_ALL)


@pytest.fixture
async def bench(cluster: TronCluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(cluster, tmp_path).running() as running:
        yield running


async def show(bench: Bench, case: Case, data: bytes, *, format: str = "tron-tx", session: int = 1) -> Opened:
    opened = await bench.judge.judge_open.open(
        link_pb2.Open(
            intent_hash=case.intent.hash,
            format=format,
            bytes=data,
            members=["signer-1", "signer-2"],
            session=session,
        )
    )
    assert isinstance(opened, Opened)
    return opened


async def refused(bench: Bench, case: Case, data: bytes, **fields: Any) -> Refused:
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await show(bench, case, data, **fields)
    assert bench.keeper.asked.count("vote") == votes, "the keeper was asked for a vote"
    return caught.value


def honest(bench: Bench, case: Case, *, life_ms: int = 300_000) -> bytes:
    """What the server builds, at this signer's time."""
    charter, now = bench.cluster.charter, bench.now_ms()
    chain = charter.chain(CHAIN)
    assert chain is not None
    return build(
        case.intent,
        chain,
        charter.assets,
        sender=owner(bench),
        block_id=BLOCK,
        expiration=now + life_ms,
        timestamp=now - 10**6,
        fee_limit=0 if case.intent.asset == "TRX" else 8 * TRX,
    )


def owner(bench: Bench) -> str:
    return account_address(bench.cluster.charter, bench.cluster.keys, "TRX", "0")


def coins(bench: Bench, *, permission: int = 0, name: str = "TransferContract", **members: Any) -> Any:
    mine = address.to_bytes(owner(bench))
    fields = {"owner_address": mine, "to_address": address.to_bytes(STALL), "amount": TRX, **members}
    return contract(name, permission=permission, **fields)


def tokens(bench: Bench, *, to: bytes = b"", amount: int = TRX, more: bytes = b"", **members: Any) -> Any:
    word = bytes(12) + (to or address.to_bytes(STALL))[1:]
    call = bytes.fromhex("a9059cbb") + word + amount.to_bytes(32, "big") + more
    mine = address.to_bytes(owner(bench))
    fields = {"owner_address": mine, "contract_address": address.to_bytes(TOKEN), "data": call, **members}
    return contract("TriggerSmartContract", **fields)


def around(bench: Bench, made: Any, **members: Any) -> bytes:
    now = bench.now_ms()
    return raw(made, **{"expiration": now + 300_000, "timestamp": now, **members})


BYTES: dict[str, tuple[str, Any]] = {
    "destination": ("effects_match", lambda b: around(b, coins(b, to_address=OTHER))),
    "amount": ("effects_match", lambda b: around(b, coins(b, amount=TRX + 1))),
    "owner": ("effects_match", lambda b: around(b, coins(b, owner_address=OTHER))),
    "memo": ("effects_match", lambda b: around(b, coins(b), data=b"invoice 4711")),
    "permission": ("effects_match", lambda b: around(b, coins(b, permission=2))),
    "tokens for coins": ("effects_match", lambda b: around(b, tokens(b))),
    "TRC-10": (
        "effects_match", lambda b: around(b, coins(b, name="TransferAssetContract", asset_name=b"1002000")),
    ),
    "another type": ("blind", lambda b: around(b, contract("TransferContract", 52, amount=1))),
    "two contracts": ("decode", lambda b: raw(coins(b), coins(b))),
    "a byte more": ("decode", lambda b: around(b, coins(b)) + b"\0"),
    "too far": ("attempt_expiry", lambda b: around(b, coins(b), expiration=b.now_ms() + 3_600_000)),
    "over": ("attempt_expiry", lambda b: around(b, coins(b), expiration=b.now_ms() - 1000)),
}  # fmt: skip


@pytest.mark.parametrize("name", BYTES)
async def test_coins_are_refused_by_their_check(bench: Bench, name: str) -> None:
    case = await bench.admit(payment())
    check, make = BYTES[name]
    assert (await refused(bench, case, make(bench))).check == check
    await show(bench, case, around(bench, coins(bench)))


CALLS: dict[str, tuple[str, Any]] = {
    "destination": ("effects_match", lambda b: around(b, tokens(b, to=OTHER), fee_limit=TRX)),
    "amount": ("effects_match", lambda b: around(b, tokens(b, amount=1), fee_limit=TRX)),
    "contract": ("effects_match", lambda b: around(b, tokens(b, contract_address=OTHER), fee_limit=TRX)),
    "call value": ("blind", lambda b: around(b, tokens(b, call_value=1), fee_limit=TRX)),
    "more call data": ("blind", lambda b: around(b, tokens(b, more=bytes(32)), fee_limit=TRX)),
    "fee limit": ("fee_ceiling", lambda b: around(b, tokens(b), fee_limit=FEE_CAP)),
    "too far": (
        "attempt_expiry", lambda b: around(b, tokens(b), fee_limit=TRX, expiration=b.now_ms() + 10**7),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
async def test_tokens_are_refused_by_their_check(bench: Bench, name: str) -> None:
    case = await bench.admit(payment(assetId="USDT"))
    check, make = CALLS[name]
    assert (await refused(bench, case, make(bench))).check == check
    await show(bench, case, around(bench, tokens(bench), fee_limit=TRX))


@pytest.mark.parametrize("asset", ["TRX", "USDT"])
async def test_what_the_server_builds_gets_a_vote(bench: Bench, asset: str) -> None:
    case = await bench.admit(payment("1", assetId=asset))
    await show(bench, case, honest(bench, case))


async def test_the_format_is_that_of_the_chain(bench: Bench) -> None:
    case = await bench.admit(payment())
    for format in ("evm-tx", "raw"):
        assert (await refused(bench, case, honest(bench, case), format=format)).check == "attempt_form"


@pytest.mark.parametrize(
    ("left_ms", "reason"),
    [
        (-1, "expired"),
        (-86_400_000, "expired"),
        (2000, ""),
        (1000 * (TEN_MINUTES + SKEW) - 1000, ""),
        (1000 * (TEN_MINUTES + SKEW) + 2000, "inconsistent"),
        (86_400_000, "inconsistent"),
        (2**62, "inconsistent"),
    ],
)
async def test_the_window_of_the_expiration(bench: Bench, left_ms: int, reason: str) -> None:
    """By this signer's own clock, in whole seconds."""
    case = await bench.admit(payment())
    data = around(bench, coins(bench), expiration=(bench.now_ms() + left_ms) // 1000 * 1000)
    if not reason:
        await show(bench, case, data)
        return
    refusal = await refused(bench, case, data)
    assert (refusal.check, refusal.reason_class) == ("attempt_expiry", reason)


async def test_expired_bytes_are_not_replaced(bench: Bench) -> None:
    """Bytes are final at the first vote: a new expiration needs a new request."""
    case = await bench.admit(payment())
    first = honest(bench, case)
    await show(bench, case, first)
    bench.offset_ms = 301_000
    assert (await refused(bench, case, first, session=2)).check == "attempt_expiry"
    assert (await refused(bench, case, honest(bench, case), session=3)).check == "attempt_fixed"


async def test_an_evm_transfer_has_no_expiration(bench: Bench) -> None:
    await bench.open(await bench.admit())
