"""Mutations that keep the outer form, so that runs reach what lies behind it: JSON, RLP and PSBTs are read
into a tree of objects, lists and leaves, one place of it is changed, and the tree is written again.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, Final

import rlp

from tests.core.chains.bitcoin.support import join, split
from tests.fuzz.targets import JSON, PSBT, RLP

Bytes = Callable[[bytes, int], bytes]
"""The engine's own mutation of bytes, to at most so many."""
_PLAIN: Final = 4
"""One mutation in so many is of the bytes alone, so that the outer form is tried too."""
_TEXTS: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1, 2**53 - 1, 2**53, 2**63, "", "0", "1", "-1", str(2**256 - 1), str(2**256), "0x",
    "x" * 300, "\ud7ff", "é", [], {}, [[]], [None],
)  # fmt: skip
_BYTES: Final[tuple[Any, ...]] = (
    b"", b"\x00", b"\x01", b"\x80", b"\xff" * 8, b"\xff" * 32, b"\x01" + bytes(32), bytes(20),
    bytes(33), [], [[]],
)  # fmt: skip


def mutate(tree: str, data: bytes, limit: int, seed: int, plain: Bytes) -> bytes:
    """`data` with one place changed, at most `limit` bytes; deterministic in `seed`."""
    random = Random(seed)
    if tree and random.randrange(_PLAIN):
        try:
            made = _FORMS[tree](data, random, plain)
        except Exception:  # what is not of this form is mutated as bytes
            made = b""
        if 0 < len(made) <= limit:
            return made
    return plain(data, limit)


def _json(data: bytes, random: Random, plain: Bytes) -> bytes:
    root = [json.loads(data)]
    _change(root, random, _TEXTS, lambda leaf: _text(leaf, plain))
    return json.dumps(root[0], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _text(leaf: Any, plain: Bytes) -> Any:
    if isinstance(leaf, str):
        return plain(leaf.encode(), 2 * len(leaf) + 8).decode(errors="ignore")
    return leaf


def _rlp(data: bytes, random: Random, plain: Bytes) -> bytes:
    head = data[:1] if data[0] < 0xC0 else b""
    root = [_lists(rlp.decode(data[len(head) :], strict=False))]
    _change(root, random, _BYTES, lambda leaf: plain(leaf, 2 * len(leaf) + 8))
    return head + bytes(rlp.encode(root[0]))


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else bytes(value)


def _psbt(data: bytes, random: Random, plain: Bytes) -> bytes:
    maps = split(data)
    _change(maps, random, _BYTES[:-2], lambda leaf: plain(leaf, 2 * len(leaf) + 8))
    return join(maps)


_FORMS: Final = {JSON: _json, RLP: _rlp, PSBT: _psbt}


def _change(root: Any, random: Random, interesting: tuple[Any, ...], leaf: Callable[[Any], Any]) -> None:
    """One of: a leaf mutated, an interesting value, a value from elsewhere, nothing, the same twice."""
    places = list(_places(root))
    holder, key = random.choice(places)
    kind = random.randrange(5)
    if kind == 0 and not isinstance(holder[key], list | dict):
        holder[key] = leaf(holder[key])
    elif kind <= 1:
        holder[key] = deepcopy(random.choice(interesting))
    elif kind == 2:
        other, name = random.choice(places)
        holder[key] = deepcopy(other[name])
    elif kind == 3 and len(holder) > 1:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    else:
        holder[leaf(key)] = deepcopy(holder[key])


def _places(node: Any) -> Any:
    """Every value of the tree, as what holds it and where."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], list | dict):
            yield from _places(node[key])
