"""Calls and messages at a signer: exactly what was asked for, judged by everything that it does."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

from quorate.core.errors import Refused
from tests.judge.bench import Bench
from tests.judge.calls import SPENDER, STRANGER, call, data_of, permit, personal, typed
from tests.judge.cluster import SHOP, TOKEN, Cluster, transfer

FUND = "0x" + "22" * 20
KNOWN = "0x" + "33" * 20
STAKE = data_of("stake(uint256)", 7)
RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "payouts", "operations": ["TRANSFER"], "assets": ["USDC"],
        "destinations": ["own_account", "whitelist"],
        "window": {"seconds": 3600, "max": "1000", "per": []}, "verdict": "allow",
    },
    {
        "name": "ether", "operations": ["TRANSFER"], "assets": ["ETH"],
        "destinations": ["own_account", "whitelist", "list:funds"], "verdict": "allow",
    },
    {
        "name": "stake", "operations": ["CONTRACT_CALL"], "contracts": [FUND],
        "lifts": [{"prohibition": "blind", "subjects": [f"{FUND} 0x{STAKE[:4].hex()}"]}], "verdict": "allow",
    },
    {
        "name": "spenders", "operations": ["APPROVE"],
        "lifts": [{"prohibition": "approval_to_unknown_spender", "subjects": [SPENDER]}], "verdict": "allow",
    },
    {
        "name": "sign-in", "operations": ["TYPED_MESSAGE"], "messages": ["personal_text"],
        "verdict": "allow",
    },
)  # fmt: skip


class Rules(Cluster):
    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        charter = super()._charter(rules)
        return {**charter, "policy": {**charter["policy"], "lists": {"funds": [FUND]}}}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Rules(RULES)


@pytest.fixture
async def bench(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(cluster, tmp_path).running() as running:
        yield running


def bytes_of(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Fields of an honest server's transaction for a call."""
    data = bytes.fromhex(body["extraParameters"]["contractCallData"][2:])
    to = body["destination"]["oneTimeAddress"]["address"]
    return {"format": "evm-tx", "to": to, "value": 0, "data": data, "gas": 90_000, **changes}


async def opened(bench: Bench, body: dict[str, Any], **changes: Any) -> Any:
    case = await bench.admit(body)
    return await bench.open(case, **built(bench, case, body, **changes))


def built(bench: Bench, case: Any, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    from tests.judge.bench import unsigned

    fields = bytes_of(body, **changes)
    format = fields.pop("format")
    return {"format": format, "bytes": unsigned(case.intent, **fields)}


async def refused(bench: Bench, body: dict[str, Any], **changes: Any) -> Refused:
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await opened(bench, body, **changes)
    assert bench.keeper.asked.count("vote") == votes, "the keeper was asked for a vote"
    return caught.value


PAY = call(data_of("transfer(address,uint256)", SHOP, 600))


async def test_a_call_is_signed_when_a_rule_allows_what_it_does(bench: Bench) -> None:
    await opened(bench, PAY)
    asked = bench.keeper.requests[-1].vote
    (item,) = asked.items
    assert (item.scheme, tuple(item.path)) == (0, (44, 60, 0, 0, 0))
    assert (asked.reserve.operation, asked.reserve.asset) == ("CONTRACT_CALL", "USDC")
    assert (asked.reserve.destination, asked.reserve.amount) == (SHOP, "600")


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("effects_match", {"to": STRANGER}),
        ("effects_match", {"value": 1}),
        ("effects_match", {"data": data_of("transfer(address,uint256)", SHOP, 601)}),
        ("effects_match", {"data": data_of("transfer(address,uint256)", STRANGER, 600)}),
        ("effects_match", {"data": bytes.fromhex(PAY["extraParameters"]["contractCallData"][2:]) + b"\x00"}),
        ("effects_match", {"data": b""}),
        ("blind", {"access_list": [{"address": TOKEN, "storageKeys": []}]}),
        ("chain_match", {"chain_id": 1}),
        ("fee_ceiling", {"gas": 30_000_000}),
    ],
)
async def test_other_bytes_are_not_the_call(bench: Bench, check: str, changes: dict[str, Any]) -> None:
    assert (await refused(bench, PAY, **changes)).check == check


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (data_of("transfer(address,uint256)", STRANGER, 600), "unknown_destination"),
        (data_of("approve(address,uint256)", STRANGER, 600), "approval_to_unknown_spender"),
        (data_of("approve(address,uint256)", SPENDER, 2**256 - 1), "unlimited_approval"),
        (data_of("transferOwnership(address)", STRANGER), "ownership_change"),
        (data_of("upgradeTo(address)", STRANGER), "upgrade"),
        (STAKE, "blind"),
        (b"\x00", "blind"),
        (data_of("transfer(address,uint256)", SHOP, 600) + b"\x00", "blind"),
    ],
    ids=[
        "stranger",
        "approve",
        "unlimited",
        "owner",
        "upgrade",
        "unknown method",
        "no method",
        "trailing byte",
    ],
)
async def test_what_a_call_does_is_what_is_judged(bench: Bench, data: bytes, reason: str) -> None:
    refusal = await refused(bench, call(data))
    assert (refusal.check, refusal.reason_class) == ("policy", reason)


async def test_blind_passes_only_by_a_rule_about_exactly_that_call(bench: Bench) -> None:
    await opened(bench, call(STAKE, FUND))
    other_method = await refused(bench, call(data_of("leave(uint256)", 7), FUND), nonce=1)
    assert other_method.reason_class == "blind"
    assert (await refused(bench, call(STAKE, KNOWN), nonce=1)).reason_class == "blind"


async def test_what_a_call_moves_counts_against_the_window(bench: Bench) -> None:
    await opened(bench, PAY)
    late = await refused(bench, call(data_of("transfer(address,uint256)", SHOP, 401)), nonce=1)
    assert (late.check, late.reason_class) == ("policy_window", "velocity")
    usual = await bench.admit(transfer("0.000401", assetId="USDC"))
    with pytest.raises(Refused) as caught:
        await bench.open(
            usual, nonce=1, to=TOKEN, value=0, data=data_of("transfer(address,uint256)", SHOP, 401)
        )
    assert caught.value.check == "policy_window"
    await opened(bench, call(data_of("transfer(address,uint256)", SHOP, 400)), nonce=1)


async def test_two_movements_are_not_one_entry(bench: Bench) -> None:
    """Value to the contract and tokens to the shop: one window can count it, two cannot."""
    body = call(data_of("transfer(address,uint256)", SHOP, 1), amount="0.5")
    assert (await refused(bench, body, value=5 * 10**17)).check == "policy"  # the token is no destination
    ether = {**RULES[1], "destinations": ["one_time", "whitelist"]}
    window = {"seconds": 3600, "max": str(10**18), "per": []}
    async with Bench(Rules((RULES[0], {**ether, "window": window})), bench.folder / "two").running() as other:
        assert (await refused(other, body, value=5 * 10**17)).check == "counted_once"
    async with Bench(Rules((RULES[0], ether)), bench.folder / "one").running() as other:
        await opened(other, body, value=5 * 10**17)
        reserve = other.keeper.requests[-1].vote.reserve
        assert (reserve.asset, reserve.destination, reserve.amount) == ("USDC", SHOP, "1")


def digest_of(message: dict[str, Any]) -> bytes:
    signable = encode_typed_data(full_message=message["content"])
    return keccak(b"\x19\x01" + signable.header + signable.body)


async def test_messages_are_signed_by_digest_of_their_content(bench: Bench, cluster: Cluster) -> None:
    small = permit(cluster, SPENDER, 5)
    await bench.open(await bench.admit(typed(small, personal())))
    vote = bench.keeper.requests[-1].vote
    assert [tuple(item.path) for item in vote.items] == [(44, 60, 0, 0, 0)] * 2
    assert vote.items[0].message == digest_of(small)
    assert vote.items[1].message == keccak(b"\x19Ethereum Signed Message:\n7Sign in")


async def message_refused(bench: Bench, *messages: dict[str, Any], **fields: Any) -> Refused:
    case = await bench.admit(typed(*messages))
    with pytest.raises(Refused) as caught:
        await bench.open(case, **fields)
    assert "vote" not in bench.keeper.asked
    return caught.value


async def test_messages_are_judged_by_what_they_allow(bench: Bench, cluster: Cluster) -> None:
    for message, reason in (
        (permit(cluster, STRANGER, 5), "approval_to_unknown_spender"),
        (permit(cluster, SPENDER, 2**256 - 1), "unlimited_approval"),
        (personal(bytes(range(32))), "blind"),
    ):
        refusal = await message_refused(bench, message)
        assert (refusal.check, refusal.reason_class) == ("policy", reason)
        together = await message_refused(bench, personal(), message)
        assert together.reason_class == reason, "a harmless message beside it changes nothing"


async def test_messages_are_of_this_chain_and_have_no_bytes(bench: Bench, cluster: Cluster) -> None:
    elsewhere = await message_refused(bench, permit(cluster, SPENDER, 5, chain_id=1))
    assert (elsewhere.check, elsewhere.reason_class) == ("chain_match", "intent_mismatch")
    assert (await message_refused(bench, personal(), bytes=b"\x02")).check == "attempt_form"
    assert (await message_refused(bench, personal(), format="evm-tx", bytes=b"\x02")).check == "attempt_form"
    broken = {"type": "EIP712", "content": {"types": {}, "primaryType": "x", "domain": {}, "message": {}}}
    assert (await message_refused(bench, broken)).check == "decode"


async def test_a_call_cannot_move_a_frozen_token(bench: Bench) -> None:
    """Though the request is about ether: a call names no token."""
    await bench.judge.freezing.freeze(bench.cluster.freeze(1, "asset", "USDC"))
    refusal = await refused(bench, PAY)
    assert (refusal.check, refusal.reason_class) == ("frozen", "frozen")
