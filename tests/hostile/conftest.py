"""One site for all tests of this folder, one cluster over it for the mutations, and the table at the end."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from quorate.core.model.records import KeyCertificate
from tests.hostile.ceremony import Site
from tests.hostile.cluster import make_site, running
from tests.hostile.launcher import ROOT, Build, ablation_keeper, keeper_program
from tests.hostile.report import Report
from tests.hostile.world import Stage

REPORT = pytest.StashKey[Report]()
Made = tuple[Site, dict[str, KeyCertificate]]


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    return pytestconfig.stash.setdefault(REPORT, Report())


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="session")
def keeper(hostile_folder: Path) -> Path:
    """A copy, so that a build that is under way meanwhile changes nothing here."""
    return Path(shutil.copy2(keeper_program(), hostile_folder / "quorate-keeper"))


@pytest.fixture(scope="session")
def ablated_keeper(hostile_folder: Path) -> Path:
    program = ablation_keeper()
    if not program.exists():
        pytest.fail(f"{program} is not there; tools/ablation-keeper.sh builds it")
    return Path(shutil.copy2(program, hostile_folder / "quorate-keeper-ablation"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made(hostile_folder: Path, keeper: Path) -> Made:
    return await make_site(hostile_folder / "site", Build(keeper))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(made: Made, keeper: Path, hostile_folder: Path) -> AsyncIterator[Stage]:
    site, certificates = made
    async with running(site, certificates, Build(keeper), hostile_folder / "run") as stage:
        yield stage


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash.get(REPORT, None)
    if report is None or not report.harmful:
        return
    lines = report.lines()
    terminalreporter.section("a hostile server")
    for line in lines:
        terminalreporter.write_line(line)
    (ROOT / ".make").mkdir(exist_ok=True)
    (ROOT / ".make/hostile.txt").write_text("\n".join(lines) + "\n")
