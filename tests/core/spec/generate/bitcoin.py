"""The same cluster with a Bitcoin chain: charter, intent and attempt."""

from typing import Any, Final

from tests.core.spec.generate.world import CHARTER, changed, extended, without

CHAIN: Final = "bitcoin:regtest"
ACCOUNT: Final = "bcrt1q5u4qa8a87vrcsyc885t06lxr4msyllcv6l2k7k"
"""84/1/0/0/0 below main-ecdsa."""
CHANGE: Final = "bcrt1qrj0ehulmj72zls8d97jsffwn9mv4p4wq9jxnnw"
"""84/1/0/1/0."""
SECOND: Final = "bcrt1qrdxauup8gqnzn2y3p6u40h6encg2ps45sjngvx"
"""84/1/1/0/0: the next vault account."""
PAYEE: Final = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777"
ON_MAINNET: Final = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"

WITH_BITCOIN: Final = "with a Bitcoin chain"
CHARTER_WITH_BITCOIN: dict[str, Any] = {
    **CHARTER,
    "chains": [
        *CHARTER["chains"],
        {
            "id": CHAIN, "family": "bitcoin", "key": "main-ecdsa", "coin_type": 1, "native_asset": "BTC",
            "fee_cap": "50000",
        },
    ],
    "assets": [
        *CHARTER["assets"],
        {"id": "BTC", "name": "Bitcoin", "chain": CHAIN, "contract": None, "decimals": 8},
    ],
    "whitelist": [
        *CHARTER["whitelist"],
        {"id": "partner-btc", "name": "Partner, Bitcoin", "chain": CHAIN, "address": PAYEE},
    ],
}  # fmt: skip
_CHAIN, _ASSET, _ENTRY = (len(CHARTER[name]) for name in ("chains", "assets", "whitelist"))

UNSIGNED_PSBT = bytes.fromhex(
    "70736274ff0100710200000001a6792edf583bca353ca3eec57a3970e342c73fbc19ea1dde66ce17530c6ebe510000000000"
    "fdffffff02c3960000000000001600141c9f9bf3fb97942fc0ed2fa504a5d32ed950d5c060ea000000000000160014811f69"
    "1f5582cd2458def567575a30e643ac25eb000000000001005202000000017cb0bcfe46d56672db9f335bfb243a2d1c0520f3"
    "0f6fdcaa7e9b2becff722cd40000000000ffffffff01a086010000000000160014a72a0e9fa7f3078813073d16fd7cc3aee0"
    "4fff0c0000000001011fa086010000000000160014a72a0e9fa7f3078813073d16fd7cc3aee04fff0c2206024eeee7873679"
    "8d7fd4d7916f3e88ec3f19c2bb92fcfdc433e2834b0e5fe8e7b4183442193e54000000010000000000000000000000000000"
    "00002202025842ed8dbb21998c8474ee218822a10f89e525763a9b3281c3ebd3e92b43e117183442193e5400000001000000"
    "0000000001000000000000000000"
)
"""One coin of 100,000 satoshis at ACCOUNT; 60,000 to PAYEE, 38,595 back to CHANGE, 1,405 of fee."""


def charter_cases() -> list[tuple[str, Any, str]]:
    """Name, charter, code."""
    c = CHARTER_WITH_BITCOIN

    def chain(name: str, value: Any) -> Any:
        return changed(c, "chains", _CHAIN, name, value)

    def mainnet(coin_type: int) -> Any:
        """All of it on mainnet."""
        named = changed(chain("id", "bitcoin:mainnet"), "chains", _CHAIN, "coin_type", coin_type)
        on = changed(named, "assets", _ASSET, "chain", "bitcoin:mainnet")
        listed = changed(on, "whitelist", _ENTRY, "chain", "bitcoin:mainnet")
        return changed(listed, "whitelist", _ENTRY, "address", ON_MAINNET)

    return [
        ("unknown Bitcoin network", chain("id", "bitcoin:testnet"), "wrong_type"),
        ("coin type of mainnet on a test network", chain("coin_type", 0), "wrong_type"),
        ("coin type of test networks on mainnet", mainnet(1), "wrong_type"),
        ("Bitcoin with a chain id", chain("chain_id", 1), "unknown_member"),
        ("Bitcoin with a nonce window", chain("nonce_window", 16), "unknown_member"),
        ("Bitcoin without a fee cap", without(c, "chains", _CHAIN, "fee_cap"), "missing_member"),
        ("Bitcoin with an Ed25519 key", chain("key", "main-eddsa"), "charter_key_curve"),
        ("a token on Bitcoin", changed(c, "assets", _ASSET, "contract", PAYEE), "wrong_type"),
        (
            "an address of another network",
            changed(c, "whitelist", _ENTRY, "address", ON_MAINNET),
            "wrong_type",
        ),
        ("an address in upper case", changed(c, "whitelist", _ENTRY, "address", PAYEE.upper()), "wrong_type"),
        (
            "an address that anyone could spend from",
            changed(c, "whitelist", _ENTRY, "address", "bcrt1pfeesnyr2tx"),
            "wrong_type",
        ),
        (
            "two native coins of the Bitcoin chain",
            extended(c, "assets", c["assets"][_ASSET] | {"id": "BTC2"}),
            "charter_duplicate_asset",
        ),
    ]
