"""A megabyte of anything is done with in bounded time and memory."""

import sys
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from quorate.core.policy import source
from tests.core.examples import refusal
from tests.fuzz.shapes import MEGABYTE, SHAPES
from tests.fuzz.targets import TARGETS, outcome

CPU_S = 1.0
MEMORY = 96 * MEGABYTE
"""Most bytes that Python allocates beside the input. The largest measured is 61 MiB."""
PIECES = (
    b"[", b"{", b'{"a":', b'"', b"0,", b"\x00", b"\xff", b"\xc0", b"\xc1", b"\xfd\xff\xff", b"- a\n",
    b"a: b\n", b"[a,", b"? a\n", b"\n", b"\xe2\x82\xac",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _default_recursion() -> Iterator[None]:
    """As where a signer runs: eth-account, which tests import, raises the limit."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("name", SHAPES)
def test_worst_shapes(name: str) -> None:
    read, make = SHAPES[name]
    data = make()
    begin = time.process_time()
    refusal(read, data)
    assert time.process_time() - begin < CPU_S
    tracemalloc.start()
    refusal(read, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY


@pytest.mark.parametrize("name", TARGETS)
def test_a_megabyte_of_one_thing(name: str) -> None:
    """Alone, and behind half of something that is read: everything that holds of the target still does."""
    half = next(iter(TARGETS[name].seeds()))
    half = half[: len(half) // 2]
    for piece in PIECES:
        for head in (b"", half):
            data = head + piece * ((MEGABYTE - len(head)) // len(piece))
            begin = time.process_time()
            outcome(TARGETS[name], data)
            assert time.process_time() - begin < CPU_S, (piece, head)


def test_a_policy_source_is_read_without_recursion() -> None:
    """Under a recursion limit that a library has raised, deep sources must not end the process."""
    sys.setrecursionlimit(1_000_000)
    for piece in ("[", "{", "- ", "? ", "{a: "):
        error = refusal(source.read, piece * (MEGABYTE // len(piece)))
        assert error is not None
        assert error.code == "bad_policy"
