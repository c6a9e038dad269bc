"""How much passes a window under a lying server: exactly the limit with honest signers, and with f dishonest
ones of n at most (n - f) / (t - f) times as much (docs/limitations.md). Measured for 2-of-3: 10 ETH a day.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from quorate.core.model.records import TallyEntry
from quorate.core.proto import link_pb2 as pb
from tests.hostile.bodies import ETH, body
from tests.hostile.ceremony import ETHER, WINDOW_ETHER
from tests.hostile.cluster import running
from tests.hostile.conftest import Made
from tests.hostile.flow import Flow
from tests.hostile.launcher import Build
from tests.hostile.mutation import from_release
from tests.hostile.world import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

S1, S2, S3 = "signer-1", "signer-2", "signer-3"
SETS = ([S1, S2], [S1, S3], [S2, S3])
AMOUNTS = ("5", "2.5", "0.1")
LIES = frozenset({"policy", "policy_window", "tally_missing", "tally_fork", "attempt_agreed", "vote_time"})
"""What the dishonest judge does not look at."""
Given = Mapping[str, Sequence[pb.Signed]]


async def passed(stage: Stage, hide: bool) -> int:
    """Wei that the server gets signed for one account, set after set, as long as any set signs. With `hide` a
    signer is told nothing of the two others but what the first one says of itself.
    """
    account, total, nonce = stage.account(), 0, 0
    for amount in AMOUNTS:
        for members in SETS:
            while await _signed(stage, account, amount, nonce, members, hide):
                total += int(float(amount) * 10) * ETHER // 10
                nonce += 1
    return total


async def _signed(
    stage: Stage, account: int, amount: str, nonce: int, members: list[str], hide: bool
) -> bool:
    flow = Flow(stage, stage.request(body(ETH, account, amount=amount)), members)
    await flow.admit()
    flow.build(nonce=nonce)
    answers = await flow.open()
    if any(not answer.HasField("opened") for answer in answers.values()):
        await flow.abandon()
        return False
    outcome = await from_release(flow, tally=_told(stage, members) if hide and S1 in members else None)
    return outcome.signed


def _told(stage: Stage, members: Sequence[str]) -> Given:
    """To the dishonest signer nothing; to the other one what the dishonest one says."""
    lacking = stage.hub.book.lacking
    return {
        name: [] if name == S1 else [e for e in lacking(name) if TallyEntry.from_bytes(e.body).signer == S1]
        for name in members
    }


async def test_with_honest_signers_a_limit_is_exact(stage: Stage) -> None:
    assert await passed(stage, hide=False) == WINDOW_ETHER


async def test_hiding_entries_gains_nothing_while_all_are_honest(stage: Stage) -> None:
    assert await passed(stage, hide=True) <= WINDOW_ETHER


async def test_with_one_dishonest_signer_twice_the_limit_passes_and_no_more(
    made: Made, keeper: Path, tmp_path: Path
) -> None:
    site, certificates = made
    async with running(site, certificates, Build(keeper), tmp_path) as stage:
        dishonest = stage.signers[S1]
        dishonest.stop()
        await stage.hub.gone([S1])
        dishonest.start(Build(keeper, LIES, lies=True), stage.server)
        await stage.hub.all_ready(stage.names, 60.0)
        assert await passed(stage, hide=True) == 2 * WINDOW_ETHER
