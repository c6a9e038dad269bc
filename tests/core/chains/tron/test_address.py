"""TRON addresses against bip-utils, and every text that is none."""

import pytest
from bip_utils import Base58Decoder, Base58Encoder, TrxAddrDecoder, TrxAddrEncoder
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains import base58
from quorate.core.chains.tron import address
from quorate.core.errors import QuorateError

USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@given(
    st.binary(min_size=32, max_size=32).filter(lambda secret: 0 < int.from_bytes(secret, "big") < 1 << 255)
)
def test_from_a_key_as_bip_utils_does(secret: bytes) -> None:
    key = PrivateKey(secret).public_key.format()
    text = address.from_public_key(key)
    assert text == TrxAddrEncoder.EncodeKey(key)
    assert address.to_bytes(text)[1:] == TrxAddrDecoder.DecodeAddr(text)
    assert address.from_bytes(address.to_bytes(text)) == text


@given(st.binary(max_size=80))
def test_base58_as_bip_utils_does(data: bytes) -> None:
    assert base58.encode_check(data) == Base58Encoder.CheckEncode(data)
    assert base58.encode(data) == Base58Encoder.Encode(data)
    assert base58.decode(base58.encode(data)) == data == Base58Decoder.Decode(base58.encode(data))


def test_a_known_address() -> None:
    assert address.to_bytes(USDT).hex() == "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        USDT[:-1],
        USDT + "t",
        USDT[:-1] + "u",
        "1" + USDT,
        " " + USDT,
        USDT + "\n",
        USDT.lower(),
        USDT.replace("R", "0"),
        "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        base58.encode_check(b"\x41" + bytes(19)),
        base58.encode_check(b"\x41" + bytes(21)),
        base58.encode_check(b"\xa0" + bytes(20)),
        base58.encode(b"\x41" + bytes(20)),
        "T" * 129,
    ],
)
def test_texts_that_are_no_address(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        address.to_bytes(text)
    assert error.value.code == "address"


@pytest.mark.parametrize("data", [b"", bytes(20), bytes(21), b"\x41" + bytes(19), b"\x41" + bytes(21)])
def test_bytes_that_are_no_address(data: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        address.from_bytes(data)
    assert error.value.code == "address"


def test_a_key_that_is_none() -> None:
    with pytest.raises(QuorateError) as error:
        address.from_public_key(bytes(33))
    assert error.value.code == "public_key"


@given(st.text(max_size=140))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    assert outcome(text) in (text, "address")


def outcome(text: str) -> str:
    try:
        return address.from_bytes(address.to_bytes(text))
    except QuorateError as error:
        return error.code
