"""Depth of JSON text, and that deep input cannot crash a process whose recursion limit a library has
raised.
"""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.model.nesting import deeper_than

LEAVES = st.integers() | st.text('[]{}\\"x', max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('[{"', max_size=3), inner, max_size=2)
    ),
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_depth_of_json(value: Any) -> None:
    data = json.dumps(value).encode()
    assert not deeper_than(data, depth(value))
    assert depth(value) == 0 or deeper_than(data, depth(value) - 1)


@given(st.text('[]{}"\\x ', max_size=40).map(str.encode), st.integers(0, 3))
def test_any_bytes(data: bytes, limit: int) -> None:
    assert deeper_than(data, limit) in (True, False)


@pytest.mark.parametrize("piece", [b'"', b'\\"', b'"\\', b"[]", b'["', b"\\", b'""', b'{"a":"'])
def test_the_scan_is_linear(piece: bytes) -> None:
    """A megabyte of anything is done at once; a quadratic scan would take hours."""
    data = piece * ((1 << 20) // len(piece))
    opened = data.count(b"[") + data.count(b"{")
    assert not deeper_than(data, opened)
    assert deeper_than(data + b"]" * 9, 16) in (True, False)


PROGRAM = """
import sys
sys.setrecursionlimit(1_000_000)
from quorate.core.errors import QuorateError
from quorate.core.evidence import json_strict
from quorate.core.model import canonical
strict = lambda data: json_strict.loads(data, limit=1 << 20)
for piece, end in ((b"[", b""), (b"[", b"]"), (b'{"a":', b"")):
    for parse in (canonical.decode, canonical.decode_lenient, strict):
        try:
            parse(piece * 150_000 + end * 150_000)
        except (QuorateError, ValueError) as refused:
            print(refused)
"""


def test_deep_input_is_refused_under_any_recursion_limit() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-300:]
    assert done.stdout.count("16 deep") == 9
