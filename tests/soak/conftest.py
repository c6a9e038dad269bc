"""The soak runs only when it is asked for by its path: `make soak`."""

from pathlib import Path

import pytest

from tests.crash.conftest import rng, site

__all__ = ["rng", "site"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = any("soak" in Path(argument.split("::")[0]).parts for argument in config.args)
    return None if asked else True
