"""What a lying server, alone or with one dishonest signer, tries with several versions of one request."""

from pathlib import Path

from tests.bitcoin_bends import KIOSK
from tests.bitcoin_bytes import Psbt
from tests.judge.bench import Bench
from tests.judge.cluster import Cluster, payment
from tests.judge.test_bitcoin import COIN, PAID, payer
from tests.judge.test_replacement import refused, release


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
