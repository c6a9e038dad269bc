"""Each check is needed: a build without it, and without what backs it up, lets the forgery through or names
who does not.
"""

import asyncio
import shutil
from pathlib import Path

import pytest

import quorate.judge.main  # noqa: F401  # defines every check
from quorate.core.checks import CHECKS
from tests.hostile.ablation import ROWS, THROUGH, UNREACHABLE, Row
from tests.hostile.cluster import running
from tests.hostile.conftest import Made
from tests.hostile.families import find
from tests.hostile.launcher import ROOT, Build
from tests.hostile.mutation import Outcome
from tests.hostile.report import Report

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_ONCE = 3
"""Clusters that run beside each other."""
PATIENCE = 90.0


class Ablation:
    """Runs all rows in the background, from the first test that asks; each in a cluster of its own."""

    def __init__(self, made: Made, keeper: Path, folder: Path) -> None:
        self._made = made
        self._keeper = keeper
        self._folder = folder
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._outcomes: dict[str, asyncio.Task[Outcome]] = {}

    async def outcome(self, row: Row, wanted: list[Row]) -> Outcome:
        for each in wanted:
            key = each.id + each.mutation
            if key not in self._outcomes:
                self._outcomes[key] = asyncio.create_task(self._run(each))
        return await self._outcomes[row.id + row.mutation]

    async def _run(self, row: Row) -> Outcome:
        site, certificates = self._made
        mutation = find(row.family, row.mutation)
        build = Build(self._keeper, row.judge(), row.keeper())
        async with self._gate:
            folder = self._folder / str(ROWS.index(row))
            async with asyncio.timeout(PATIENCE), running(site, certificates, build, folder) as stage:
                outcome = await mutation.run(stage)
            shutil.rmtree(folder)
            return outcome


@pytest.fixture(scope="session")
def ablation(made: Made, ablated_keeper: Path, tmp_path_factory: pytest.TempPathFactory) -> Ablation:
    return Ablation(made, ablated_keeper, tmp_path_factory.mktemp("ablation"))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.id} ({row.mutation})" for row in ROWS])
async def test_without(ablation: Ablation, report: Report, row: Row, request: pytest.FixtureRequest) -> None:
    wanted = [row for item in request.session.items for row in _rows(item)]
    outcome = await ablation.outcome(row, wanted)
    came = THROUGH if outcome.signed else outcome.refused
    without = " and ".join((row.dropped, *row.backed_by))
    report.ablation.append(
        f"without {without}: {row.family}, {row.mutation}: {', '.join(sorted(came)) or outcome}"
    )
    assert came
    assert came <= row.outcome, f"{outcome}; the table says {', '.join(sorted(row.outcome))}"


def _rows(item: pytest.Item) -> list[Row]:
    """The row of a selected test of this file."""
    callspec = getattr(item, "callspec", None)
    row = callspec.params.get("row") if callspec else None
    return [row] if isinstance(row, Row) else []


async def test_every_check_of_the_judge_has_a_row() -> None:
    dropped = {row.dropped for row in ROWS}
    assert CHECKS.keys() == UNREACHABLE.keys() | {name for name in dropped if ":" not in name}


async def test_every_check_of_the_keeper_is_still_called_so() -> None:
    """A check that was renamed would be dropped in name only."""
    sources = [path.read_text() for path in (ROOT / "crates").glob("quorate-*/src/**/*.rs")]
    names = {name for row in ROWS for name in row.keeper()}
    assert {name for name in names if not any(f'"{name}"' in source for source in sources)} == set()
