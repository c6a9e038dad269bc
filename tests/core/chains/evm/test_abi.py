"""The ABI decoder against eth-abi: same values, and only the bytes that eth-abi writes."""

import string
from typing import Any

import pytest
from eth_abi.abi import decode as their_decode
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.evm.abi.decode import decode, to_json
from quorate.core.chains.evm.abi.elementary import elementary
from quorate.core.chains.evm.abi.types import MAX_DEPTH, MAX_FIXED, AbiType, parse, signature
from quorate.core.errors import QuorateError

SIZES = st.integers(1, 32)
ADDRESSES = st.binary(min_size=20, max_size=20).map(to_checksum_address)


@st.composite
def leaves(draw: st.DrawFn) -> tuple[str, st.SearchStrategy[Any]]:
    size = draw(SIZES)
    return draw(
        st.sampled_from(
            [
                ("address", ADDRESSES),
                ("bool", st.booleans()),
                (f"uint{8 * size}", st.integers(0, 2 ** (8 * size) - 1)),
                (f"int{8 * size}", st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1)),
                (f"bytes{size}", st.binary(min_size=size, max_size=size)),
                ("bytes", st.binary(max_size=70)),
                ("string", st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
            ]
        )
    )


def composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    dynamic = inner.map(lambda t: (t[0] + "[]", st.lists(t[1], max_size=3).map(tuple)))
    fixed = st.tuples(inner, st.integers(1, 3)).map(
        lambda p: (f"{p[0][0]}[{p[1]}]", st.tuples(*[p[0][1]] * p[1]))
    )
    tuples = st.lists(inner, min_size=1, max_size=3).map(
        lambda ts: (f"({','.join(t[0] for t in ts)})", st.tuples(*(t[1] for t in ts)))
    )
    return dynamic | fixed | tuples


TYPES = st.recursive(leaves(), composed, max_leaves=5)


@st.composite
def arguments(draw: st.DrawFn) -> tuple[list[str], tuple[Any, ...]]:
    chosen = draw(st.lists(TYPES, max_size=4))
    return [kind for kind, _ in chosen], tuple(draw(values) for _, values in chosen)


def types(texts: list[str]) -> list[AbiType]:
    return [parse(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(arguments())
def test_what_eth_abi_writes_is_read(drawn: tuple[list[str], tuple[Any, ...]]) -> None:
    texts, values = drawn
    assert decode(types(texts), encode(texts, values)) == values


@settings(max_examples=300, deadline=None)
@given(arguments(), st.integers(0, 10_000), st.integers(1, 255))
def test_no_value_has_two_encodings(drawn: tuple[list[str], tuple[Any, ...]], at: int, xor: int) -> None:
    """A changed byte: refused, or other values, of which it is the encoding."""
    texts, values = drawn
    data = bytearray(encode(texts, values))
    if not data:
        return
    data[at % len(data)] ^= xor
    try:
        found = decode(types(texts), bytes(data))
    except QuorateError as error:
        assert error.code in ("abi_malformed", "abi_reencoding_differs", "trailing_bytes")  # noqa: PT017
        return
    assert found != values
    assert encode(texts, found) == bytes(data)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(TYPES, max_size=3),
    st.binary(max_size=200).map(lambda b: b.replace(b"\x01", bytes(31) + b"\x20")),
)
def test_any_bytes_are_their_own_reencoding_or_refused(chosen: list[Any], data: bytes) -> None:
    texts = [kind for kind, _ in chosen]
    try:
        found = decode(types(texts), data)
    except QuorateError:
        return
    assert encode(texts, found) == data


WORD = bytes(31)


@pytest.mark.parametrize(
    ("text", "data", "code"),
    [
        ("uint8", WORD, "abi_malformed"),
        ("uint8", b"", "abi_malformed"),
        ("uint8", WORD + b"\x01\x00", "trailing_bytes"),
        ("uint8", bytes(30) + b"\x01\x00", "abi_reencoding_differs"),
        ("int8", WORD + b"\x80", "abi_reencoding_differs"),
        ("bool", WORD + b"\x02", "abi_reencoding_differs"),
        ("address", b"\x01" + WORD, "abi_reencoding_differs"),
        ("bytes4", WORD + b"\x01", "abi_reencoding_differs"),
        ("bytes", WORD + b"\x20", "abi_malformed"),
        ("bytes", WORD + b"\x40" + bytes(32) + bytes(32), "abi_reencoding_differs"),  # a gap before the tail
        ("bytes", bytes(32) + bytes(32), "abi_reencoding_differs"),  # an offset into the heads
        ("bytes", WORD + b"\x20" + WORD + b"\x01", "abi_malformed"),
        ("bytes", WORD + b"\x20" + WORD + b"\x01" + b"aa" + bytes(30), "abi_reencoding_differs"),
        ("bytes", WORD + b"\x20" + b"\xff" * 32, "abi_malformed"),
        ("string", WORD + b"\x20" + WORD + b"\x01" + b"\xff" + WORD, "abi_reencoding_differs"),
        ("uint8[]", WORD + b"\x20" + b"\xff" * 32, "abi_malformed"),
        ("string[]", WORD + b"\x20" + b"\x7f" + WORD, "abi_malformed"),
        ("uint256[65536][65536][65536]", bytes(4096), "abi_malformed"),
        ("bytes[65536]", WORD + b"\x20" + bytes(4096), "abi_malformed"),
    ],
)
def test_encodings_that_are_refused(text: str, data: bytes, code: str) -> None:
    with pytest.raises(QuorateError) as error:
        decode(types([text]), data)
    assert error.value.code == code


def test_two_values_that_share_their_bytes_are_refused() -> None:
    """Both offsets point to one tail: eth-abi reads it, and would never write it."""
    data = (WORD + b"\x40") * 2 + bytes(32)
    assert their_decode(["bytes", "bytes"], data) == (b"", b"")
    with pytest.raises(QuorateError) as error:
        decode(types(["bytes", "bytes"]), data)
    assert error.value.code == "abi_reencoding_differs"


def test_signatures() -> None:
    found = signature("swap((address token, uint256 amount)[] legs, bytes, uint8[2] kinds)")
    assert found.text == "swap((address,uint256)[],bytes,uint8[2])"
    assert (found.names, found.name) == (("legs", "", "kinds"), "swap")
    assert signature("transfer(address,uint256)").selector.hex() == "a9059cbb"
    assert signature("f()").types == ()
    assert [kind.dynamic for kind in signature("f(uint8[2],(bytes)[2],uint8[])").types] == [False, True, True]
    assert parse("(uint8,bool)[3]").head == 192


@pytest.mark.parametrize(
    "text",
    [
        "", "f", "f(", "f)", "f(uint)", "f(uint7)", "f(uint264)", "f(uint08)", "f(bytes33)", "f(bytes0)",
        "f(address payable a)",
        "f(uint8,)", "f(,uint8)", "f(uint8", "f(uint8))", "f(uint8)x", "f(())", "f(uint8[0])",
        f"f(uint8[{MAX_FIXED + 1}])",
        "f(uint8[01])", "f(uint8[-1])", "f(tuple)", "1f(uint8)", "f (uint8)", "f(uint8\t)", "f(uint8é)",
        "f(uint8[)", "f[]()",
        "f(uint8" + "[]" * MAX_DEPTH + ")", "f(" + "(" * 20 + "uint8" + ")" * 20 + ")",
        "f(" + "a" * 5000 + ")",
        "f(function)", "f(fixed128x18)", "f(uint8 1a)", "f(uint8a)",
    ],
)  # fmt: skip
def test_signatures_that_are_refused(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        signature(text)
    assert error.value.code == "signature_form"


@given(st.text(string.ascii_letters + "()[],0123456789 ", max_size=60))
def test_any_text_is_a_signature_or_refused(text: str) -> None:
    try:
        found = signature(text)
    except QuorateError:
        return
    assert signature(found.text).text == found.text


def test_a_type_cannot_be_of_no_size() -> None:
    for text in ("()[]", "uint8[0][]"):
        with pytest.raises(QuorateError):
            parse(text)


def test_elementary_names() -> None:
    assert elementary("uint256") is not None
    assert elementary("bytes32") is not None
    assert [elementary(name) for name in ("uint", "byte", "bytes33", "int12", "uint512", "Address")] == [
        None
    ] * 6


def test_values_as_text() -> None:
    assert to_json((True, 7, b"\x01", "a", (False, -1))) == ["true", "7", "0x01", "a", ["false", "-1"]]
