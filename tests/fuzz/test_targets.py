"""The table of targets is whole, its seeds hold, and so does every input that once failed."""

from pathlib import Path

import pytest

from quorate.core.chains.decode import DECODERS
from tests.core.spec.test_vectors import READ
from tests.fuzz.mutator import mutate
from tests.fuzz.targets import TARGETS, outcome

REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*/*"))


def test_every_decoder_and_structure_is_a_target() -> None:
    assert DECODERS.keys() | READ.keys() <= TARGETS.keys()
    assert len(TARGETS) == 39


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    """Real bytes: every target accepts some, so that a run begins behind the first check."""
    target = TARGETS[name]
    codes = [outcome(target, data) for data in target.seeds()]
    assert "" in codes


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_once_failed(path: Path) -> None:
    outcome(TARGETS[path.parent.name], path.read_bytes())


def test_regressions_are_there() -> None:
    assert len(REGRESSIONS) == 2


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.tree])
def test_mutations_keep_the_form(name: str) -> None:
    """Under one seed the same; most are other bytes; none is longer than asked for."""
    target = TARGETS[name]
    data = max((seed for seed in target.seeds() if len(seed) <= target.longest), key=len)

    def plain(given: bytes, limit: int) -> bytes:
        return given[:limit]

    made = [mutate(target.tree, data, target.longest, seed, plain) for seed in range(200)]
    assert made == [mutate(target.tree, data, target.longest, seed, plain) for seed in range(200)]
    assert max(map(len, made)) <= target.longest
    assert len(set(made)) > 10
