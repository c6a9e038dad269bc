"""Bitcoin bytes before a judge: each rule by its named check, and one intent for each coin."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from quorate.core.chains.bitcoin.networks import KINDS, P2TR, P2WPKH, PURPOSES
from quorate.core.errors import Refused
from quorate.core.model.records import Vote
from tests.bitcoin_bends import BENDS, KIOSK, STRANGER
from tests.bitcoin_bytes import PREVIOUS, Payer, Psbt, bent
from tests.bitcoin_kind_bends import BENDS_OF_KINDS, WITHOUT_EFFECT
from tests.core.chains.bitcoin.support import transaction
from tests.judge.bench import Bench, Case, release_request, vote_request
from tests.judge.cluster import Cluster, payment
from tests.judge.voting_keeper import VotingKeeper

PAID = 100_000
COIN = 1_000_000


@pytest_asyncio.fixture
async def bench(open_handed: Cluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(open_handed, tmp_path).running() as running:
        yield running


def payer(bench: Bench, account: int = 0) -> Payer:
    return Payer(bench.cluster.keys["ecdsa"], account)


def honest(bench: Bench, *seeds: str) -> Psbt:
    """What is asked for, from one coin for each seed."""
    own = payer(bench)
    return own.psbt([own.coin(COIN, seed) for seed in seeds or ("",)], (KIOSK, PAID))


async def admitted(bench: Bench, **fields: Any) -> Case:
    return await bench.admit(payment("0.001", **fields))


async def check_of(bench: Bench, case: Case, data: bytes, **fields: Any) -> str:
    """The check that refuses; the keeper is not asked."""
    votes = bench.keeper.asked.count("vote")
    with pytest.raises(Refused) as caught:
        await bench.open(case, bytes=data, **fields)
    assert bench.keeper.asked.count("vote") == votes
    return caught.value.check


async def test_an_honest_transaction_has_an_item_for_each_input(bench: Bench) -> None:
    case = await admitted(bench)
    data = honest(bench, "a", "b", "c").encode()
    opened = await bench.open(case, bytes=data)
    items = Vote.from_bytes(opened.vote.body).items
    assert [(item.scheme, item.path, len(item.message)) for item in items] == [(0, (84, 1, 0, 0, 0), 32)] * 3
    assert len({item.message for item in items}) == 3


async def test_sixteen_inputs_and_no_more(bench: Bench) -> None:
    case = await admitted(bench)
    seeds = [str(number) for number in range(17)]
    assert await check_of(bench, case, honest(bench, *seeds).encode()) == "decode"
    opened = await bench.open(case, bytes=honest(bench, *seeds[:16]).encode())
    assert len(Vote.from_bytes(opened.vote.body).items) == 16


async def test_previous_transactions_have_room(bench: Bench) -> None:
    """More than an EVM transaction may have, and a bound."""
    own, case = payer(bench), await admitted(bench)
    coin = own.coin(COIN)
    previous = transaction([(COIN, coin.holding.script), *[(600, STRANGER)] * 250], b"large", False)
    for count, check in ((140, "attempt_form"), (20, "")):
        made = honest(bench)
        made.first = {b"\xfc" + bytes([n]): previous for n in range(count)}
        if check:
            assert len(made.encode()) > 1 << 20
            assert await check_of(bench, case, made.encode()) == check
        else:
            assert len(made.encode()) > 128 * 1024
            await bench.open(case, bytes=made.encode())


# ---- bytes that do something else


@pytest.mark.parametrize("name", BENDS)
async def test_bent_bytes_are_refused_by_their_check(bench: Bench, name: str) -> None:
    check, bend = BENDS[name]
    case = await admitted(bench)
    assert await check_of(bench, case, bent(honest(bench), bend)) == check
    await bench.open(case, bytes=honest(bench).encode())


async def test_coins_of_another_account(bench: Bench) -> None:
    case, other = await admitted(bench), payer(bench, 1)
    psbt = other.psbt([other.coin(COIN)], (KIOSK, PAID), change=payer(bench).holding(change=1))
    assert await check_of(bench, case, psbt.encode()) == "blind"


def of_kind(bench: Bench, kind: str, seed: str = "") -> Psbt:
    own = payer(bench)
    coin = own.coin(COIN, seed, own.holding(purpose=PURPOSES[kind]))
    return own.psbt([coin], (KIOSK, PAID))


async def test_one_session_signs_coins_of_every_kind(bench: Bench) -> None:
    case, own = await admitted(bench), payer(bench)
    places = [(purpose, branch) for purpose in PURPOSES.values() for branch in (0, 1)]
    coins = [own.coin(COIN // 8, str(at), own.holding(0, at[1], at[0])) for at in places]
    opened = await bench.open(case, bytes=own.psbt(coins, (KIOSK, PAID)).encode())
    items = Vote.from_bytes(opened.vote.body).items
    assert {(item.scheme, item.path) for item in items} == {
        (2 if purpose == 86 else 0, (purpose, 1, 0, branch, 0)) for purpose, branch in places
    }
    assert len({item.message for item in items}) == len(items) == 8


@pytest.mark.parametrize("kind", KINDS)
async def test_coins_of_another_account_of_every_kind(bench: Bench, kind: str) -> None:
    case, other = await admitted(bench), payer(bench, 1)
    coin = other.coin(COIN, holding=other.holding(purpose=PURPOSES[kind]))
    psbt = other.psbt([coin], (KIOSK, PAID), change=payer(bench).holding(change=1))
    assert await check_of(bench, case, psbt.encode()) == "blind"


@pytest.mark.parametrize("name", BENDS_OF_KINDS)
async def test_bent_coins_of_every_kind(bench: Bench, name: str) -> None:
    kind, check, bend = BENDS_OF_KINDS[name]
    case = await admitted(bench)
    assert await check_of(bench, case, bent(of_kind(bench, kind), bend)) == check
    await bench.open(case, bytes=of_kind(bench, kind).encode())


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
async def test_no_annex_and_no_script_path_is_signed(bench: Bench, name: str) -> None:
    """Finished witnesses and leaves of a PSBT change nothing: BIP341's key path, spend type 0."""
    honest = Vote.from_bytes(
        (await bench.open(await admitted(bench), bytes=of_kind(bench, P2TR).encode())).vote.body
    )
    psbt = bent(of_kind(bench, P2TR), WITHOUT_EFFECT[name])
    vote = Vote.from_bytes((await bench.open(await admitted(bench), bytes=psbt)).vote.body)
    assert [item.message for item in vote.items] == [item.message for item in honest.items]


async def test_taproot_proves_no_amount(bench: Bench) -> None:
    """Beside it an amount without previous transaction is as unproven as ever (BIP143); nor does its own
    signature's word do.
    """
    case, own = await admitted(bench), payer(bench)
    coins = [own.coin(COIN, kind, own.holding(purpose=PURPOSES[kind])) for kind in (P2WPKH, P2TR)]
    psbt = own.psbt(coins, (KIOSK, PAID))
    whole = psbt.encode()
    for given in psbt.input_maps:
        previous = given.pop(PREVIOUS)
        assert await check_of(bench, case, psbt.encode()) == "blind"
        given[PREVIOUS] = previous
    await bench.open(case, bytes=whole)


async def test_change_at_another_place(bench: Bench) -> None:
    case, own = await admitted(bench), payer(bench)
    wrong = [own.holding(1_000, 1), own.holding(0, 2), payer(bench, 1).holding(0, 1), own.holding(0, 0)]
    for change in wrong:
        psbt = own.psbt([own.coin(COIN)], (KIOSK, PAID), change=change)
        assert await check_of(bench, case, psbt.encode()) == "effects_match"


async def test_the_fee_ceiling_is_exact(bench: Bench) -> None:
    own = payer(bench)
    psbt = own.psbt([own.coin(COIN)], (KIOSK, PAID))
    fee = COIN - sum(amount for amount, _ in psbt.outputs)
    tight = await admitted(bench, networkFee=f"0.{fee - 1:08d}")
    assert await check_of(bench, tight, psbt.encode()) == "fee_ceiling"
    exact = await admitted(bench, networkFee=f"0.{fee:08d}")
    await bench.open(exact, bytes=psbt.encode())


async def test_bytes_of_another_chain(bench: Bench) -> None:
    bitcoin, ether = await admitted(bench), await bench.admit()
    evm = bench.request(ether).bytes
    assert await check_of(bench, bitcoin, evm) == "decode"
    assert await check_of(bench, bitcoin, evm, format="evm-tx") == "attempt_form"
    assert await check_of(bench, ether, honest(bench).encode(), format="bitcoin-psbt") == "attempt_form"


# ---- one intent for each coin


async def release(bench: Bench, case: Case, data: bytes, peer: VotingKeeper | None = None) -> None:
    """Marks the coins as used for good, although the keeper then does not sign."""
    opened = await bench.open(case, bytes=data)
    theirs, entry = vote_request(bench, case, opened, peer or bench.peer())
    bench.keeper.refuse["release"] = "vote_time"
    with pytest.raises(Exception, match="vote_time"):
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], [entry]))
    bench.keeper.refuse.clear()


async def test_a_released_coin_is_never_given_to_another(bench: Bench) -> None:
    first, second = await admitted(bench), await admitted(bench)
    await release(bench, first, honest(bench, "a", "b").encode())
    for seeds in (("a",), ("b",), ("b", "c"), ("a", "b")):
        assert await check_of(bench, second, honest(bench, *seeds).encode()) == "nonce_conflict"
    await bench.open(second, bytes=honest(bench, "c").encode())


async def test_a_released_coin_stays_so_over_a_restart(open_handed: Cluster, tmp_path: Path) -> None:
    async with Bench(open_handed, tmp_path).running() as bench:
        await release(bench, await admitted(bench), honest(bench, "a").encode())
        keeper = bench.keeper
    async with Bench(open_handed, tmp_path).running(
        tally_count=keeper.tally_count, tally_head=keeper.tally_head,
        log_size=keeper.log_size, log_root=keeper.log_root,
    ) as bench:  # fmt: skip
        second = await admitted(bench)
        assert await check_of(bench, second, honest(bench, "a").encode()) == "nonce_conflict"
        await bench.open(second, bytes=honest(bench, "b").encode())


async def test_one_coin_that_passes_on_ends_the_whole_first_request(bench: Bench) -> None:
    """Nothing of it was released; its other coin is free."""
    first, second, third = await admitted(bench), await admitted(bench), await admitted(bench)
    opened, peer = await bench.open(first, bytes=honest(bench, "a", "b").encode()), bench.peer()
    theirs, entry = vote_request(bench, first, opened, peer)
    await bench.open(second, bytes=honest(bench, "b", "c").encode())
    assert await check_of(bench, first, honest(bench, "a", "b").encode(), session=2) == "nonce_conflict"
    with pytest.raises(Refused) as caught:
        await bench.judge.release.release(release_request(opened, [opened.vote, theirs], [entry]))
    assert caught.value.check == "nonce_conflict"
    await release(bench, third, honest(bench, "a").encode(), peer)


async def test_bytes_are_final_at_the_first_vote(bench: Bench) -> None:
    case = await admitted(bench)
    await bench.open(case, bytes=honest(bench, "a").encode())
    own = payer(bench)
    cheaper = own.psbt([own.coin(COIN, "a")], (KIOSK, PAID), fee_rate=1_000)
    for other in (honest(bench, "b"), honest(bench, "b", "c"), cheaper):
        assert await check_of(bench, case, other.encode(), session=2) == "attempt_fixed"
    await bench.open(case, bytes=honest(bench, "a").encode(), session=2)
