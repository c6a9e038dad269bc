"""Solana messages before a real judge: the straight case is voted for, everything else is refused by name.
And real keepers sign one that the real runtime executes.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from solders import system_program as sp
from solders.instruction import Instruction
from solders.pubkey import Pubkey
from solders.transaction_metadata import TransactionMetadata

from quorate.core.chains import hd
from quorate.core.chains.solana.attach import attach
from quorate.core.chains.solana.build import Fees, Token, build
from quorate.core.chains.solana.decode import decode
from quorate.core.errors import Refused
from quorate.core.model.intent import Effect
from quorate.core.proto import link_pb2
from quorate.judge.judge_open import Opened
from tests.core.chains.solana.runtime import BLOCKHASH, SOL, World, call, compiled, key, text
from tests.judge.bench import Bench, Case
from tests.judge.cluster import ALLOW_ALL
from tests.judge.real_cluster import RealCluster
from tests.judge.solana_cluster import FEE_CAP, MINTS, SolanaCluster, pay
from tests.server.solana_node import issue

TOKEN = Token("spl", MINTS["spl"], 6)
CHEAP = Fees(1_000, 0)


@pytest.fixture(scope="session")
def solana() -> SolanaCluster:
    return SolanaCluster(ALLOW_ALL)


@pytest.fixture
async def solana_bench(solana: SolanaCluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(solana, tmp_path).running() as running:
        yield running


def honest(sender: str, effect: Effect, **changes: Any) -> bytes:
    """An honest server's bytes, some arguments replaced."""
    token = TOKEN if effect.type == "token_transfer" else None
    arguments = {
        "source": sender, "token": token, "blockhash": str(BLOCKHASH), "fees": CHEAP, "fee_ceiling": 10**12,
    }  # fmt: skip
    return build(effect, **{**arguments, **changes})


async def ask(bench: Bench, case: Case, data: bytes, **fields: Any) -> Opened:
    members = ["signer-1", "signer-2"]
    default = {"intent_hash": case.intent.hash, "format": "solana-message", "members": members, "session": 1}
    opened = await bench.judge.judge_open.open(link_pb2.Open(**{**default, "bytes": data, **fields}))
    assert isinstance(opened, Opened)
    return opened


async def refused(bench: Bench, case: Case, data: bytes, **fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        await ask(bench, case, data, **fields)
    assert "vote" not in bench.keeper.asked
    return caught.value.check


def others(sender: str, effect: Effect) -> dict[str, tuple[str, bytes]]:
    """What a dishonest server could show instead: name -> (check that refuses it, bytes)."""
    me, mallory = Pubkey.from_string(sender), text("mallory")
    right = sp.transfer(sp.TransferParams(from_pubkey=me, to_pubkey=key("bob"), lamports=effect.amount))
    steal = sp.transfer(sp.TransferParams(from_pubkey=me, to_pubkey=key("mallory"), lamports=1))
    assign = call(str(sp.ID), f"{sender}*+", (1).to_bytes(4, "little") + bytes(key("mallory")))
    nonce = call(str(sp.ID), f"nonce+ sysvar {sender}*", (4).to_bytes(4, "little"))
    unknown = call(mallory, f"{sender}*+", b"\x01")

    def with_(*instructions: Instruction) -> bytes:
        return compiled(instructions, sender)

    good = honest(sender, effect)
    return {
        "another destination": ("effects_match", honest(sender, replace(effect, to=mallory))),
        "another amount": ("effects_match", honest(sender, replace(effect, amount=effect.amount + 1))),
        "a second payment": ("effects_match", with_(right, steal)),
        "an account given to a program": ("effects_match", with_(right, assign)),
        "a durable nonce": ("effects_match", with_(nonce, right)),
        "a memo": ("effects_match", honest(sender, effect, memo="for Mallory")),
        "another fee payer": ("effects_match", honest(sender, effect, fee_payer=mallory)),
        "another source": ("effects_match", honest(mallory, effect)),
        "nothing": ("effects_match", with_()),
        "an unknown program": ("blind", with_(right, unknown)),
        "a fee above the ceiling": ("fee_ceiling", honest(sender, effect, fees=Fees(1_400_000, 10**7))),
        "one byte more": ("decode", good + b"\0"),
        "one byte less": ("decode", good[:-1]),
        "an EVM transaction": ("decode", b"\x02\xc0"),
    }


async def test_the_straight_case_is_voted_for(solana_bench: Bench, solana: SolanaCluster) -> None:
    case = await solana_bench.admit(pay())
    data = honest(solana.solana_address("0"), case.intent.effects[0])
    await ask(solana_bench, case, data)
    vote = next(r.vote for r in solana_bench.keeper.requests if r.WhichOneof("request") == "vote")
    assert [(item.scheme, tuple(item.path), item.message) for item in vote.items] == [
        (hd.EDDSA, (44, 501, 0, 0, 0), data)
    ]


async def test_other_bytes_are_refused_by_their_check(solana_bench: Bench, solana: SolanaCluster) -> None:
    case = await solana_bench.admit(pay())
    shown = others(solana.solana_address("0"), case.intent.effects[0])
    found = {name: await refused(solana_bench, case, data) for name, (_, data) in shown.items()}
    assert found == {name: check for name, (check, _) in shown.items()}
    assert len(found) == 14
    as_evm = await refused(solana_bench, case, shown["another amount"][1], format="evm-tx")
    assert as_evm == "attempt_form"


async def test_other_bytes_for_tokens(solana_bench: Bench, solana: SolanaCluster) -> None:
    case = await solana_bench.admit(pay("1", "COIN-spl"))
    (effect,) = case.intent.effects
    sender, other = solana.solana_address("0"), MINTS["token2022"]
    mint = replace(TOKEN, mint=other)
    shown = {
        "effects_match": [
            honest(sender, replace(effect, to=text("mallory"))),
            honest(sender, replace(effect, amount=effect.amount - 1)),
            honest(sender, replace(effect, token=other), token=mint),
            honest(sender, effect, token=replace(TOKEN, standard="token2022")),
            honest(sender, effect, token=replace(TOKEN, decimals=9)),
            honest(sender, effect, fee_payer=text("mallory")),
        ],
        "fee_ceiling": [honest(sender, effect, fees=Fees(1_000_000, 7_960_721))],
    }
    for check, several in shown.items():
        for data in several:
            assert await refused(solana_bench, case, data) == check
    # 5,000 for the signature, 2,039,280 for the account: exactly the ceiling
    most = FEE_CAP - 5_000 - 2_039_280
    await ask(solana_bench, case, honest(sender, effect, fees=Fees(1_000_000, most)))


async def test_bytes_are_final_at_the_first_vote(solana_bench: Bench, solana: SolanaCluster) -> None:
    """Also when their blockhash has expired since: a signer does not know."""
    case = await solana_bench.admit(pay())
    sender, (effect,) = solana.solana_address("0"), case.intent.effects
    data = honest(sender, effect)
    await ask(solana_bench, case, data)
    with pytest.raises(Refused) as caught:
        await ask(solana_bench, case, honest(sender, effect, blockhash=text("newer")), session=2)
    assert caught.value.check == "attempt_fixed"
    await ask(solana_bench, case, data, session=2)


async def test_keepers_sign_what_the_runtime_executes(tmp_path: Path) -> None:
    async with RealCluster(tmp_path, ALLOW_ALL, SolanaCluster).running() as cluster:
        await cluster.activate()
        root = await cluster.create_key("eddsa")
        path = (44, 501, 0, 0, 0)
        sender = Pubkey(hd.derive("ed25519", root.public_key, root.chain_code, path))
        world = World("bob")
        world.vm.airdrop(sender, SOL)
        issue(world, "spl", str(sender), 5_000_000)
        for asset, members in (("SOL", ("signer-1", "signer-3")), ("COIN-spl", ("signer-2", "signer-3"))):
            body = pay("0.25", asset)
            case = await cluster.admit(body)
            blockhash, fees = str(world.vm.latest_blockhash()), Fees(120_000, 0)
            data = honest(str(sender), case.intent.effects[0], blockhash=blockhash, fees=fees)
            opened = await cluster.open(case, *members, bytes=data)
            await cluster.release(opened)
            ends = [await cluster.hub.end(id, answer.session_id) for id, answer in opened.items()]
            (item,) = ends[0].session_done.result.items
            wire, _ = attach(data, [item.signature])
            result = world.broadcast(wire)
            assert isinstance(result, TransactionMetadata), result
            assert result.fee() == decode(data, {}).fee
        assert world.balance(key("bob")) == 100 * SOL + SOL // 4
