"""A server that does what it likes: nothing is signed that a requester did not sign for and the policy does
not cover.
"""

import pytest

from tests.hostile.families import FAMILIES
from tests.hostile.mutation import Family
from tests.hostile.report import CHAINS, Report
from tests.hostile.world import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

CASES = [(group, family) for group, families in FAMILIES.items() for family in families]
LEAST_HARMFUL = 10_000
LEAST_OF_A_CHAIN = 1_000
"""By the oracle's own reading of the bytes, not by what their family declares."""


@pytest.mark.parametrize(("group", "family"), CASES, ids=[family.name for _, family in CASES])
async def test_class(stage: Stage, report: Report, group: str, family: Family) -> None:
    """The control signs; each harmful mutation is refused by its check; no neutral one is signed wrongly."""
    names = [mutation.name for mutation in family.mutations]
    assert len(set(names)) == len(names)
    outcomes = await family.run(stage)
    report.controls += 1
    complaints = [c for mutation, outcome in outcomes if (c := mutation.complaint(outcome))]
    for mutation, outcome in outcomes:
        report.add(group, family.name, mutation, outcome, stage.harm.get(family.label(mutation), ""))
    assert not complaints, "\n".join(complaints[:20])
    assert not stage.oracle.forgeries, "\n".join(stage.oracle.forgeries[:20])


async def test_nothing_was_forged(stage: Stage, report: Report) -> None:
    """Over every signature that any signer reported in the whole run, at whatever time."""
    report.forgeries = list(stage.oracle.forgeries)
    assert not report.forgeries
    assert not report.complaints
    assert not report.votes
    assert stage.oracle.signed
    if report.controls == len(CASES):
        assert sum(report.harmful.values()) >= LEAST_HARMFUL
        few = {chain: report.read(chain) for chain in CHAINS if report.read(chain) < LEAST_OF_A_CHAIN}
        assert not few
