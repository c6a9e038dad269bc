"""What a lying server, alone or with one dishonest signer, tries with several versions of one request."""

from pathlib import Path

from quorate.core.model.records import TallyEntry
from tests.bitcoin_bends import KIOSK
from tests.bitcoin_bytes import Psbt
from tests.judge.bench import Bench, unsigned
from tests.judge.cluster import ETHER, Cluster, payment, transfer
from tests.judge.test_bitcoin import COIN, PAID, payer
from tests.judge.test_replacement import cancelling, entry_of, refused, release

STRANGER = "0x00000000000000000000000000000000000000A1"
FIRST_USE = (
    {
        "name": "small",
        "destinations": ["one_time"],
        "assets": ["ETH"],
        "first_use_max_amount": str(ETHER),
        "verdict": "allow",
    },
)


def to_stranger(amount: str) -> dict[str, object]:
    return transfer(amount, destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": STRANGER}})


async def test_versions_bind_no_coin_that_the_mined_one_leaves(open_handed: Cluster, tmp_path: Path) -> None:
    """A coin is bound to a request for good once it is released. Whichever version is mined has to spend all
    that any version bound, or the rest could never be spent again.
    """
    async with Bench(open_handed, tmp_path).running() as bench:
        case, own = await bench.admit(payment("0.001")), payer(bench)

        def spending(*seeds: str, rate: int = 3_000) -> Psbt:
            return own.psbt([own.coin(COIN, seed) for seed in seeds], (KIOSK, PAID), fee_rate=rate)

        await release(bench, case, bench.peer(), bytes=spending("a", "b").encode())
        for seeds in (("a", "b", "c"), ("a",), ("b",)):
            data = spending(*seeds, rate=30_000).encode()
            assert await refused(bench, case, bytes=data, session=2) == "attempt_fixed", seeds
        data = spending("a", "b", rate=1_000).encode()
        assert await refused(bench, case, bytes=data, session=2) == "attempt_fixed"
        await bench.open(case, bytes=spending("a", "b", rate=9_000).encode(), session=2)
        other = await bench.admit(payment("0.001"))
        await bench.open(other, bytes=spending("c").encode())


async def test_what_is_taken_back_makes_no_destination_known(tmp_path: Path) -> None:
    """A dishonest signer's entry is enough to take a request back that the policy refuses; nobody paid."""
    async with Bench(Cluster(FIRST_USE), tmp_path).running() as bench:
        case, peer = await bench.admit(to_stranger("5")), bench.peer()
        assert await refused(bench, case) == "policy"
        first = unsigned(case.intent)
        entry = entry_of(bench, case, first, peer)
        await bench.open(case, tally=[entry], earlier=[first], **cancelling(bench))
        again = await bench.admit(to_stranger("6"))
        assert await refused(bench, again, nonce=1) == "policy"


async def test_what_is_taken_back_is_not_charged_where_it_was_not_paid(bench: Bench) -> None:
    """Ten of ten are left for another request."""
    case, peer = await bench.admit(transfer("10")), bench.peer()
    first = unsigned(case.intent)
    known = {"tally": [entry_of(bench, case, first, bench.peer("signer-3"))], "earlier": [first]}
    await release(bench, case, peer, **cancelling(bench), **known)
    entry = TallyEntry.from_bytes(bench.judge.store.tally.own_after(0, 1)[0].body)
    assert (entry.destination, entry.asset, entry.amount) == ("", "ETH", 0)
    assert await refused(bench, case, session=2, max_fee=9 * 10**9) == "attempt_fixed"


async def test_taking_back_runs_no_code(bench: Bench) -> None:
    """An own account may have code (EIP-7702): no gas is left for it."""
    case = await bench.admit()
    await bench.open(case)
    for gas in (21_001, 100_000):
        assert await refused(bench, case, session=2, **cancelling(bench, gas=gas)) == "effects_match"
    await bench.open(case, session=2, **cancelling(bench))
