"""Two clusters that differ in nothing but their keys: signers, keys, users and administrators have the same
names.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.small_cluster import EDDSA, SmallCluster, small_cluster


@dataclass(frozen=True)
class Two:
    """`a`, `b`: both run, each with a key. `certificates`: of those keys."""

    a: SmallCluster
    b: SmallCluster
    certificates: tuple[Path, Path]


@pytest.fixture(scope="session")
def two() -> Iterator[Two]:
    with small_cluster() as a, small_cluster() as b, ThreadPoolExecutor() as pool:
        made, of_b = pool.map(_bring_up, (a, b))
        yield Two(a, b, (made, of_b))


def _bring_up(cluster: SmallCluster) -> Path:
    cluster.init_server()
    cluster.init_signers()
    cluster.make_charter()
    cluster.start()
    cluster.start_server()
    cluster.all_vote()
    return cluster.create_key(EDDSA)
