"""Address text by family: what a charter and a request may name."""

import pytest
from nacl.signing import SigningKey
from solders.pubkey import Pubkey

from quorate.core.chains import addresses
from quorate.core.dialects.fireblocks.addresses import chain_address
from quorate.core.errors import QuorateError
from quorate.core.model import canonical
from quorate.core.model.charter import parse
from tests.core.examples import certificates
from tests.core.spec.generate import solana

OFF_CURVE = solana.OFF_CURVE
SYSTEM, TOKEN_PROGRAM = "1" * 32, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
MIXED = str(Pubkey((2**255 - 20).to_bytes(32, "little")))
"""y = -1: a point of order 2."""


def test_the_worked_address() -> None:
    """docs/spec/key-certificate.md."""
    chain = parse(canonical.encode(solana.SOLANA)).chain(solana.CHAIN)
    assert chain is not None
    assert chain_address(chain, certificates(), "0") == solana.SENDER


def test_keys_are_wallets() -> None:
    for number in range(50):
        key = bytes(SigningKey(bytes([number]) * 32).verify_key)
        text = addresses.of_key("solana:devnet", key)
        assert text == str(Pubkey(key)) == addresses.read("solana:devnet", text)


@pytest.mark.parametrize(
    "text",
    ["", SYSTEM, MIXED, OFF_CURVE, solana.WALLET[:-1], solana.WALLET + " ", "1" + solana.WALLET, "0x00"],
)
def test_no_wallets(text: str) -> None:
    with pytest.raises(QuorateError):
        addresses.read("solana:devnet", text)


def test_mints_need_no_key() -> None:
    for text in (SYSTEM, OFF_CURVE, TOKEN_PROGRAM, solana.MINT):
        assert addresses.read_contract("solana:devnet", text) == text
    for text in (solana.MINT[:-2], "1" + solana.MINT):
        with pytest.raises(QuorateError):
            addresses.read_contract("solana:devnet", text)
    contract = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert addresses.read_contract("evm:1", contract) == contract
