"""Solana in the structures: a charter with a chain and tokens of both programs, an intent and its message."""

from typing import Any, Final

from tests.core.spec.generate.encode import canonical, digest
from tests.core.spec.generate.world import CHARTER, WHITELISTED, changed, extended, without

Case = tuple[str, Any, str]

NAME: Final = "a chain of Solana"
CHAIN: Final = "solana:devnet"
WALLET: Final = "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5"
"""Public key of test 2 in RFC 8032, section 7.1."""
SENDER: Final = "AWeiLZSpikM2QVSha6ExdVLir1NDT34WBpan5GJZVyMd"
"""44/501/0/0/0 below the certificate's root key; see docs/spec/key-certificate.md."""
MINT: Final = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
OTHER_MINT: Final = "11111111111111111111111111111112"
SOLANA: Final[dict[str, Any]] = {
    **CHARTER,
    "chains": [
        *CHARTER["chains"],
        {
            "id": CHAIN, "family": "solana", "key": "main-eddsa", "coin_type": 501,
            "native_asset": "SOL", "fee_cap": "10000000",
        },
    ],
    "assets": [
        *CHARTER["assets"],
        {"id": "SOL", "name": "Solana", "chain": CHAIN, "contract": None, "decimals": 9},
        {
            "id": "USDC_SOL", "name": "A token", "chain": CHAIN, "contract": MINT, "decimals": 6,
            "standard": "spl",
        },
        {
            "id": "T22", "name": "One of Token-2022", "chain": CHAIN, "contract": OTHER_MINT, "decimals": 0,
            "standard": "token2022",
        },
    ],
    "whitelist": [
        *CHARTER["whitelist"],
        {"id": "sol", "name": "A wallet", "chain": CHAIN, "address": WALLET},
    ],
}  # fmt: skip


def charter_cases() -> list[Case]:
    c, chain, coin, token = SOLANA, len(CHARTER["chains"]), len(CHARTER["assets"]), len(CHARTER["assets"]) + 1
    entry = len(CHARTER["whitelist"])
    return [
        ("token of Solana without a standard", without(c, "assets", token, "standard"), "wrong_type"),
        ("unknown standard", changed(c, "assets", token, "standard", "nft"), "wrong_type"),
        ("native coin with a standard", changed(c, "assets", coin, "standard", "spl"), "wrong_type"),
        ("token of EVM with a standard", changed(c, "assets", 2, "standard", "spl"), "wrong_type"),
        ("mint that is no base58", changed(c, "assets", token, "contract", MINT + "0"), "wrong_type"),
        ("mint of 33 bytes", changed(c, "assets", token, "contract", "1" + MINT), "wrong_type"),
        ("a mint twice", changed(c, "assets", token + 1, "contract", MINT), "charter_duplicate_asset"),
        ("unknown cluster of Solana", changed(c, "chains", chain, "id", "solana:mainnet"), "wrong_type"),
        ("Solana with a nonce window", changed(c, "chains", chain, "nonce_window", 16), "unknown_member"),
        (
            "Solana under a key of secp256k1",
            changed(c, "chains", chain, "key", "main-ecdsa"),
            "charter_key_curve",
        ),
        ("whitelisted program", changed(c, "whitelist", entry, "address", "1" * 32), "wrong_type"),
        ("whitelisted mint's account", changed(c, "whitelist", entry, "address", OFF_CURVE), "wrong_type"),
        ("address of EVM on Solana", changed(c, "whitelist", entry, "address", WHITELISTED), "wrong_type"),
        ("two clusters under one key and coin type", _two_clusters(), "charter_chain_key"),
    ]


def _two_clusters() -> dict[str, Any]:
    """A message for the one would execute on the other."""
    other, coin = "solana:testnet", len(CHARTER["assets"])
    chain = {**SOLANA["chains"][-1], "id": other, "native_asset": "SOL2"}
    both = extended(SOLANA, "assets", {**SOLANA["assets"][coin], "id": "SOL2", "chain": other})
    return dict(extended(both, "chains", chain))


OFF_CURVE: Final = "CErjrG4UvCGaJwHkA181a2PEvUvoHdRm5kp1K1yt2R5v"
"""The associated token account of WALLET for MINT: derived, so that no key signs for it."""


def transfer(base: dict[str, Any]) -> dict[str, Any]:
    """The intent `base` as one for tokens on Solana."""
    return {
        **base,
        "charter": digest("quorate/charter/v1", canonical(SOLANA)).hex(),
        "external_id": None,
        "destination": {"type": "whitelist", "id": "sol", "address": WALLET},
        "asset": "USDC_SOL",
        "key": "main-eddsa",
        "chain": CHAIN,
        "path": [44, 501, 0, 0, 0],
        "effects": [{"type": "token_transfer", "token": MINT, "to": WALLET, "amount": base["amount"]}],
        "fee_ceiling": "10000000",
    }


def intent_cases(base: dict[str, Any]) -> list[Case]:
    t = transfer(base)
    return [
        ("Solana: destination without a key", changed(t, "destination", "address", "1" * 32), "wrong_type"),
        ("Solana: effect to a token account", changed(t, "effects", 0, "to", OFF_CURVE), "wrong_type"),
        ("Solana: mint of 31 bytes", changed(t, "effects", 0, "token", MINT[:-2]), "wrong_type"),
    ]


MESSAGE: Final = bytes.fromhex(
    "80010006098d51aaee49b130bd9920c567da8447660f727d5b19b2cab0456629ba4e733d4ca6fd58b5fd7800decfd04a"
    "1d83d214526884f5a31c9a04d05b18fcbb4014bad5d6b4cd9298276060ada3ab80f83f83b5676cfde24219a5b7bdd82f"
    "67d3d690dd00000000000000000000000000000000000000000000000000000000000000000306466fe5211732ffecad"
    "ba72c39be7bc8ce5bbc5f7126b2c439b3a4000000006ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5"
    "857eff00a93b442cb3912157f13a933d0134282d032b5ffecd01a2dbf1b7790608df002ea73d4017c3e843895a92b70a"
    "a74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c8c97258f4e2489f1bb3d1029148e0d830b5a1399daff1084048e7b"
    "d8dbe9f8592517ecac7eeee176faa77471fd7b91064a4999e526e2dc1e4c5ee810afa1a9fb0404000502c0d401000400"
    "090350c3000000000000080600010706030501010504020601000a0c60e31600000000000600"
)
"""1.5 tokens from SENDER to WALLET: compute budget, idempotent creation of the account, transferChecked."""


def attempt(base: dict[str, Any]) -> dict[str, Any]:
    intent = digest("quorate/intent/v1", canonical(transfer(base)))
    return {"intent": intent.hex(), "format": "solana-message", "bytes": MESSAGE.hex()}
