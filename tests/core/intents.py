"""Whole intents for tests: a plain transfer, some members replaced."""

from dataclasses import replace
from typing import Any

from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Destination, Effect, Intent, RawMessage, Source

TO = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"
TOKEN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
CHAIN = Chain("evm:31337", "evm", 31337, "root-ecdsa", 60, "ETH", 10**16, 16)
ETH = Asset("ETH", "Ether", CHAIN.id, None, 18)
USDC = Asset("USDC", "USD Coin", CHAIN.id, TOKEN, 6)
ASSETS = (ETH, USDC)


def transfer(amount: int = 10**18, **members: Any) -> Intent:
    """Native coin to a whitelisted address."""
    intent = Intent(
        cluster="00" * 16,
        charter=bytes(32),
        dialect="fireblocks",
        request_id=bytes(32),
        user="user-1",
        external_id=None,
        operation="TRANSFER",
        source=Source("0"),
        destination=Destination("whitelist", "shop", TO),
        asset="ETH",
        amount=amount,
        key="root-ecdsa",
        chain=CHAIN.id,
        path=(44, 60, 0, 0, 0),
        effects=(Effect("native_transfer", TO, amount),),
        messages=(),
        fee_ceiling=10**16,
        created_at=1_800_000_000,
        expires_at=1_800_003_600,
    )
    return replace(intent, **members)


def token_transfer(amount: int = 10**6, **members: Any) -> Intent:
    token = {"asset": "USDC", "effects": (Effect("token_transfer", TO, amount, TOKEN),)}
    return transfer(amount, **{**token, **members})


def raw(*paths: tuple[int, ...], **members: Any) -> Intent:
    """RAW over 32 bytes for each path."""
    absent = dict.fromkeys(("destination", "asset", "amount", "chain", "fee_ceiling"))
    messages = tuple(RawMessage(bytes([i]) * 32, path, "ecdsa-secp256k1") for i, path in enumerate(paths))
    fields = {"operation": "RAW", "source": Source(None), "path": (), "effects": (), "messages": messages}
    return replace(transfer(), **{**absent, **fields, **members})
