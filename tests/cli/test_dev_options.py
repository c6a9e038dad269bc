"""What `quorate dev` and a charter draft make of what people type."""

import pytest

from quorate.client.ceremony.draft import smallest_unit
from quorate.client.dev import options
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset

CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
WALLET = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
ETH = Asset("ETH", "Ether", "evm:1", None, 18)


@pytest.mark.parametrize("chain", ["31337", "evm:31337"])
def test_a_token(chain: str) -> None:
    expected = options.Token("USDX", "evm:31337", CONTRACT, 6)
    assert options.token(f"USDX:{chain}:{CONTRACT.lower()}:6") == expected


@pytest.mark.parametrize(
    "text", ["", "USDX", f"USDX:{CONTRACT}:6", f"USDX:1:{CONTRACT}", f"USDX:tron:{CONTRACT}:6"]
)
def test_no_token(text: str) -> None:
    with pytest.raises(QuorateError):
        options.token(text)


def test_a_whitelist_entry() -> None:
    assert options.whitelisted(f"evm:1:{CONTRACT}") == ("evm:1", CONTRACT)
    assert options.whitelisted(f"solana:localnet:{WALLET}") == ("solana:localnet", WALLET)
    for text in (CONTRACT, f"solana:localnet:{'1' * 32}", f"solana:localnet:{WALLET[:-1]}"):
        with pytest.raises(QuorateError):
            options.whitelisted(text)


def test_a_mint_needs_no_key() -> None:
    mint = "1" * 32
    assert options.token(f"T:solana:devnet:{mint}:9") == options.Token("T", "solana:devnet", mint, 9)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.05 ETH", 5 * 10**16), ("1 ETH", 10**18), ("17", 17), ("0.000000000000000001 ETH", 1), ("0 ETH", 0)],
)
def test_amounts_are_exact(text: str, amount: int) -> None:
    assert smallest_unit(text, ETH) == amount


@pytest.mark.parametrize(
    "text", ["", "ETH", "1 BTC", "-1 ETH", "1.5", "0.0000000000000000001 ETH", "NaN ETH", "inf ETH"]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(QuorateError) as error:
        smallest_unit(text, ETH)
    assert error.value.code == "amount"
