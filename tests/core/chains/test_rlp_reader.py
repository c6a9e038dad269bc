"""The strict RLP reader against the encoder of the `rlp` library, and everything that is not canonical."""

from typing import Any

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.evm.rlp_reader import MAX_DEPTH, read
from quorate.core.errors import QuorateError

values: st.SearchStrategy[Any] = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=20
)


def depth(value: Any) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(values)
def test_reads_what_the_library_writes(value: Any) -> None:
    if depth(value) <= MAX_DEPTH:
        assert read(rlp.encode(value)) == value
    else:
        with pytest.raises(QuorateError):
            read(rlp.encode(value))


@given(st.binary(max_size=80))
def test_what_is_read_is_its_own_encoding(data: bytes) -> None:
    try:
        value = read(data)
    except QuorateError:
        return
    assert rlp.encode(value) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8105",  # a single byte below 0x80 with a length
        "b800",  # long form of an empty string
        "b837" + "00" * 55,  # long form of 55 bytes
        "b90038" + "00" * 56,  # length with a leading zero
        "bf" + "ff" * 8,  # 2^64 - 1 bytes
        "b8",
        "f8",
        "83ffff",
        "c3",
        "c28105",
        "c183ffffff",  # an inner value that reaches beyond its list
        "f800",
        "f837" + "00" * 55,
        "c0c0",
        "8000",
        "0000",
        "c1c1c1c1c1c0",  # 6 deep
    ],
)
def test_not_canonical(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        read(bytes.fromhex(text))
    assert error.value.code == (
        "trailing_bytes" if text in ("c0c0", "8000", "0000") else "malformed_transaction"
    )
