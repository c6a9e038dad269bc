"""Payments of alice to bob, built, and signed with another library than the one that builds."""

from typing import Any

from nacl.signing import SigningKey

from quorate.core.chains.solana.attach import attach
from quorate.core.chains.solana.build import Fees, Token, build
from quorate.core.model.intent import Effect
from tests.core.chains.solana.cases_token import PROGRAMS
from tests.core.chains.solana.runtime import BLOCKHASH, keypair, text

ALICE, BOB = text("alice"), text("bob")
FEES = Fees(units=60_000, price=1000)
TOKENS = {standard: Token(standard, text(f"mint-{standard}"), 6) for standard in PROGRAMS}
BASE: dict[str, Any] = {
    "source": ALICE, "token": None, "blockhash": str(BLOCKHASH), "fees": FEES, "fee_ceiling": 20_000,
}  # fmt: skip
NATIVE = Effect("native_transfer", BOB, 5)


def tokens(standard: str, amount: int) -> Effect:
    return Effect("token_transfer", BOB, amount, TOKENS[standard].mint)


def built(effect: Effect = NATIVE, **changes: Any) -> bytes:
    return build(effect, **{**BASE, **changes})


def sign(name: str, message: bytes) -> bytes:
    return SigningKey(keypair(name).secret()).sign(message).signature


def attached(data: bytes, *names: str) -> tuple[bytes, str]:
    return attach(data, [sign(name, data) for name in names])
