"""One cluster for all crash tests, founded between crashes."""

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quorate.client.demo.chain import Chain, anvil
from quorate.core.errors import QuorateError
from tests.crash import founding
from tests.crash.programs import environment
from tests.crash.site import Site, build_keeper, make

SEED = int(os.environ.get("QUORATE_CRASH_SEED", "0")) or time.time_ns() % 2**32


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Minutes long, and its timing wants a quiet machine: `make soak` asks for it by its path."""
    asked = any("crash" in Path(argument.split("::")[0]).parts for argument in config.args)
    return None if asked else True


@pytest.fixture(scope="session")
def rng() -> random.Random:
    """QUORATE_CRASH_SEED repeats the choices of a run, as far as processes repeat their timing."""
    print(f"QUORATE_CRASH_SEED={SEED}")
    return random.Random(SEED)


@pytest.fixture(scope="session")
def site(rng: random.Random) -> Iterator[Site]:
    """A founded cluster; all of it runs."""
    try:
        anvil()
    except QuorateError as error:
        pytest.skip(f"anvil: {error.message}")
    build_keeper()
    # A short path: the path of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPYCACHEPREFIX", environment("")["PYTHONPYCACHEPREFIX"])
    patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    with Chain(folder / "chain") as chain:
        site = make(folder, chain)
        try:
            asyncio.run(founding.found(site, rng))
            yield site
        finally:
            patch.undo()
            site.destroy()
    if os.environ.get("QUORATE_CRASH_KEEP"):
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
