"""Fronts that are closed after each test, one HTTP client, and time limits that tests can wait for."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from quorate.server.chains import exchange, sources
from tests.server.chains.front import Answer, Front, front


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Front]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(front(answer))


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before the sources are asked again."""
    monkeypatch.setattr(sources, "PAUSE", 0.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT", 0.4)
