"""Addresses against solders: text form, curve, derived addresses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from solders.pubkey import Pubkey
from solders.token.associated import get_associated_token_address

from quorate.core.chains import base58
from quorate.core.chains.solana import address
from quorate.core.chains.solana.programs import ids
from quorate.core.errors import QuorateError
from tests.core.chains.solana.runtime import key

KEYS = st.binary(min_size=32, max_size=32)
P = address.PRIME


@given(KEYS)
@example(bytes(32))
@example(b"\x00" * 31 + b"\x01")
@example(b"\xff" * 32)
def test_text_form(data: bytes) -> None:
    text = base58.encode(data)
    assert text == str(Pubkey(data))
    assert address.parse(text) == data


@given(st.binary(max_size=80))
def test_base58_of_any_length(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1" * 31, "1" * 33, "1" * 45, "1" * 100_000, "z" * 44, "2" * 32, "0" * 32, "O" * 44,
        "l" * 44,
        ids.TOKEN + " ", " " + ids.TOKEN, ids.TOKEN + "\n", ids.TOKEN[:-1], ids.TOKEN + "1", "1" + ids.TOKEN,
        "0x" + "00" * 32, "١" * 32,
    ],
)  # fmt: skip
def test_text_that_is_refused(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        address.parse(text)
    assert error.value.code == "address"


def edges() -> list[bytes]:
    """y around 0, 1, p and 2^255, with both signs: not reduced, of small order, x = 0."""
    values = [v for base in (0, P, 2**255) for v in range(base - 40, base + 40) if 0 <= v < 2**255]
    return [(v | sign << 255).to_bytes(32, "little") for v in values for sign in (0, 1)]


def test_the_curve_at_its_edges() -> None:
    assert len(edges()) == 278
    for data in edges():
        assert address.is_on_curve(data) == Pubkey(data).is_on_curve(), data.hex()


@given(KEYS)
def test_the_curve(data: bytes) -> None:
    assert address.is_on_curve(data) == Pubkey(data).is_on_curve()


@given(KEYS)
def test_public_keys(seed: bytes) -> None:
    public = bytes(SigningKey(seed).verify_key)
    assert address.from_public_key(public) == str(Pubkey(public))
    assert address.is_on_curve(public)


def test_what_is_no_public_key() -> None:
    off = next(data for data in edges() if not address.is_on_curve(data))
    for data in (b"", bytes(31), bytes(33), off):
        with pytest.raises(QuorateError) as error:
            address.from_public_key(data)
        assert error.value.code == "public_key"


@given(st.lists(st.binary(max_size=32), max_size=15), KEYS)
def test_derived_addresses(seeds: list[bytes], program: bytes) -> None:
    theirs, bump = Pubkey.find_program_address(seeds, Pubkey(program))
    assert address.program_address(seeds, str(Pubkey(program))) == (str(theirs), bump)


@given(KEYS, KEYS, st.sampled_from([ids.TOKEN, ids.TOKEN_2022]))
def test_associated_tokens(owner: bytes, mint: bytes, program: str) -> None:
    theirs = get_associated_token_address(Pubkey(owner), Pubkey(mint), Pubkey.from_string(program))
    assert address.associated_token(str(Pubkey(owner)), str(Pubkey(mint)), program) == str(theirs)


@given(KEYS, st.text(max_size=8), KEYS)
def test_seeds(base: bytes, seed: str, program: bytes) -> None:
    theirs = Pubkey.create_with_seed(Pubkey(base), seed, Pubkey(program))
    assert address.with_seed(str(Pubkey(base)), seed, str(Pubkey(program))) == str(theirs)


def test_seeds_that_are_refused() -> None:
    for seeds in ([b"s"] * 16, [b"s" * 33]):
        with pytest.raises(QuorateError) as error:
            address.program_address(seeds, ids.TOKEN)
        assert error.value.code == "seeds"
    with pytest.raises(QuorateError) as error:
        address.with_seed(str(key("alice")), "s" * 33, ids.TOKEN)
    assert error.value.code == "seeds"
