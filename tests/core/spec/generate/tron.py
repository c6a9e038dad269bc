"""The same cluster with a TRON chain: charter, intent and attempt."""

from typing import Any, Final

from tests.core.chains.tron.published import contract, raw
from tests.core.spec.generate.world import CHARTER, NOW, changed, extended, without

CHAIN: Final = "tron:nile"
ACCOUNT: Final = bytes.fromhex("41fc60e76cec6d6cfb82cdc0641ed9aa3122e72cea")
"""44/1/0/0/0 below main-ecdsa."""
TOKEN: Final = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
PAYEE: Final = "TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke"
_TOKEN: Final = bytes.fromhex("41a614f803b6fd780986a42c78ec9c7f77e6ded13c")
_PAYEE: Final = bytes.fromhex("4113586fec8d9e3949a35e028a9e8e60675a302ed5")

WITH_TRON: Final = "with a TRON chain"
CHARTER_WITH_TRON: dict[str, Any] = {
    **CHARTER,
    "chains": [
        *CHARTER["chains"],
        {
            "id": CHAIN, "family": "tron", "key": "main-ecdsa", "coin_type": 1, "native_asset": "TRX",
            "fee_cap": "50000000",
        },
    ],
    "assets": [
        *CHARTER["assets"],
        {"id": "TRX", "name": "TRON", "chain": CHAIN, "contract": None, "decimals": 6},
        {"id": "USDT", "name": "A dollar token", "chain": CHAIN, "contract": TOKEN, "decimals": 6},
    ],
    "whitelist": [
        *CHARTER["whitelist"],
        {"id": "partner-tron", "name": "Partner, TRON", "chain": CHAIN, "address": PAYEE},
    ],
}  # fmt: skip
_CHAIN, _ASSET, _ENTRY = (len(CHARTER[name]) for name in ("chains", "assets", "whitelist"))

UNSIGNED_TX = raw(
    contract(
        "TriggerSmartContract",
        owner_address=ACCOUNT,
        contract_address=_TOKEN,
        data=bytes.fromhex("a9059cbb") + bytes(12) + _PAYEE[1:] + (1_500_000).to_bytes(32, "big"),
    ),
    expiration=1000 * (NOW + 300),
    timestamp=1000 * NOW,
    fee_limit=8_125_000,
)
"""1.5 of the token to PAYEE, as Google's protobuf encodes it."""


def charter_cases() -> list[tuple[str, Any, str]]:
    """Name, charter, code."""
    c = CHARTER_WITH_TRON

    def chain(name: str, value: Any) -> Any:
        return changed(c, "chains", _CHAIN, name, value)

    def address(text: str) -> Any:
        return changed(c, "whitelist", _ENTRY, "address", text)

    return [
        ("unknown TRON network", chain("id", "tron:728126428"), "wrong_type"),
        ("coin type of TRON's mainnet on a test network", chain("coin_type", 195), "wrong_type"),
        ("TRON with a chain id", chain("chain_id", 1), "unknown_member"),
        ("TRON with a nonce window", chain("nonce_window", 16), "unknown_member"),
        ("TRON without a fee cap", without(c, "chains", _CHAIN, "fee_cap"), "missing_member"),
        ("TRON with an Ed25519 key", chain("key", "main-eddsa"), "charter_key_curve"),
        ("a TRON address with another checksum", address(PAYEE[:-1] + "f"), "wrong_type"),
        ("a TRON address in hexadecimal", address(_PAYEE.hex()), "wrong_type"),
        ("an EVM address on TRON", address(CHARTER["whitelist"][0]["address"]), "wrong_type"),
        ("base58check without 0x41", address("1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), "wrong_type"),
        (
            "a TRC-10 token by its number",
            changed(c, "assets", _ASSET + 1, "contract", "1002000"),
            "wrong_type",
        ),
        ("two TRON networks under one key and coin type", _two_networks(), "charter_chain_key"),
        (
            "two native coins of the TRON chain",
            extended(c, "assets", c["assets"][_ASSET] | {"id": "TRX2"}),
            "charter_duplicate_asset",
        ),
    ]


def _two_networks() -> Any:
    both = extended(
        CHARTER_WITH_TRON,
        "chains",
        CHARTER_WITH_TRON["chains"][_CHAIN] | {"id": "tron:shasta", "native_asset": "TRX2"},
    )
    coin = CHARTER_WITH_TRON["assets"][_ASSET] | {"id": "TRX2", "chain": "tron:shasta"}
    return extended(both, "assets", coin)
