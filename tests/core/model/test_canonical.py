"""Canonical JSON: round trips, and that no other bytes stand for the same value."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.canonical import Reader, decode, digest, encode, labelled, lp, lp_text
from tests.core.examples import VECTORS, body, refusal

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_round_trip(value: Any) -> None:
    data = encode(value)
    assert decode(data) == value
    assert json.loads(data) == value


@given(VALUES)
def test_the_encoding_is_that_of_rfc_8785(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(VALUES, st.data())
def test_any_changed_byte_is_refused_or_another_value(value: Any, data: st.DataObject) -> None:
    original = encode(value)
    at = data.draw(st.integers(0, len(original) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != original[at]))
    mutated = original[:at] + bytes([byte]) + original[at + 1 :]
    error = refusal(decode, mutated)
    if error is None:
        assert encode(decode(mutated)) == mutated
        assert digest(labels.INTENT, mutated) != digest(labels.INTENT, original)
    else:
        assert error.code == "not_canonical"


@given(VALUES)
def test_pretty_json_is_read_for_files_only(value: Any) -> None:
    pretty = json.dumps(value, indent=2).encode()
    assert encode(canonical.decode_lenient(pretty)) == encode(value)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_never_raise_anything_else(data: bytes) -> None:
    error = refusal(decode, data)
    assert error is None or error.code == "not_canonical"
    assert error is not None or encode(decode(data)) == data


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, -(2**53), {1: 2}, {"ä": 1}, b"bytes", {"a", "b"}, "\ud800", [[1.0]], float("nan"), object()],
    ids=repr,
)
def test_values_without_a_canonical_form(value: Any) -> None:
    with pytest.raises(QuorateError, match="not_canonical"):
        encode(value)


def test_depth_counts_containers_and_extra_depth_is_for_files() -> None:
    deep: Any = []
    for _ in range(15):
        deep = [deep]
    assert decode(encode(deep)) == deep
    with pytest.raises(QuorateError, match="16 deep"):
        encode([deep])
    assert canonical.decode_lenient(json.dumps([deep]).encode(), extra_depth=1) == [deep]


def test_labels_are_used_once_and_end_in_a_version() -> None:
    assert len(set(labels.ALL)) == len(labels.ALL) == 17
    assert all(label.startswith("quorate/") and label.endswith("/v1") for label in labels.ALL)
    assert labelled("quorate/x/v1", b"body") == b"quorate/x/v1\nbody"


@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(0, 2**64 - 1))
def test_binary_reader_reads_what_was_written(pieces: list[bytes], number: int) -> None:
    data = b"".join(map(lp, pieces)) + number.to_bytes(8, "big")
    reader = Reader(data)
    assert [reader.lp() for _ in pieces] == pieces
    assert reader.u64() == number
    reader.end()


def test_binary_reader_refuses_by_its_code() -> None:
    for data, read in (
        (b"", Reader.u8),
        (b"\x00", Reader.u16),
        (b"\x00\x00\x00", Reader.u32),
        (b"\x00" * 7, Reader.u64),
        (b"\x00\x00\x00\x02a", Reader.lp),
        (b"\xff\xff\xff\xff", Reader.lp),
        (lp(b"\xff"), Reader.lp_text),
        (b"x", Reader.end),
    ):
        with pytest.raises(QuorateError, match="vote_form"):
            read(Reader(data, "vote_form"))
    assert Reader(lp_text("Köln")).lp_text() == "Köln"


@given(st.data())
def test_mutated_structures_are_refused_or_hash_differently(data: st.DataObject) -> None:
    """Whole examples of every structure, one byte changed, removed or added."""
    from tests.core.spec.test_vectors import READ

    structure = data.draw(st.sampled_from(sorted(READ)))
    entry = data.draw(st.sampled_from(VECTORS[structure]["valid"]))
    original = body(entry)
    at = data.draw(st.integers(0, len(original) - 1))
    piece = data.draw(
        st.sampled_from([b"", b"\x00", b"0", b"1", b"a", b'"', b" ", bytes([original[at] ^ 1])])
    )
    mutated = original[:at] + piece + original[at + data.draw(st.integers(0, 1)) :]
    error = refusal(READ[structure], mutated)
    if error is None:
        label = VECTORS[structure]["label"]
        assert (mutated == original) == (digest(label, mutated).hex() == entry["hash"])
    else:
        assert error.whose == "caller"
        assert error.message
