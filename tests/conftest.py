"""Rules of the whole suite: a skip names a listed capability, or it is a failure."""

import os
import re
import tomllib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
CAPABILITIES: dict[str, dict[str, str]] = tomllib.loads((ROOT / "tests/capabilities.toml").read_text())

# `make fuzz`; a test that sets its own number of examples keeps it.
settings.register_profile("long", max_examples=5_000, deadline=None)


def skip_is_listed(reason: str) -> bool:
    """Whether `reason` starts with a capability that may be absent where this run takes place."""
    match = re.match(r"(?:Skipped: )?([a-z-]+): ", reason)
    capability = CAPABILITIES.get(match.group(1)) if match else None
    if capability is None:
        return False
    return os.environ.get("CI", "").lower() not in ("1", "true") or capability["ci"] == "may be absent"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not skip_is_listed(reason):
            report.outcome = "failed"
            report.longrepr = (
                f"{item.nodeid}: skipped without a capability of tests/capabilities.toml: {reason}"
            )
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
