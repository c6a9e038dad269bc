"""What is built decodes to exactly the payment; what is no payment is not built."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.build import Fees
from quorate.core.chains.solana.decode import decode
from quorate.core.chains.solana.programs import ids
from quorate.core.errors import QuorateError
from quorate.core.model.intent import Effect
from tests.core.chains.solana.cases_token import PROGRAMS
from tests.core.chains.solana.payments import ALICE, BOB, NATIVE, TOKENS, built, tokens
from tests.core.chains.solana.runtime import BLOCKHASH, text


def expected(effect: Effect, payer: str, memo: str | None) -> list[dict[str, object]]:
    """The requested effects, those of the token account and the fee, in order."""
    signatures = 1 if payer == ALICE else 2
    notes: list[dict[str, object]] = (
        [] if memo is None else [{"type": "memo", "text": memo, "signers": [ALICE]}]
    )
    fee: dict[str, object] = {
        "type": "fee",
        "asset": "SOL",
        "amount": str(5000 * signatures + 60),
        "payer": payer,
    }
    amount = str(effect.amount)
    move: dict[str, object]
    if effect.token is None:
        move = {"type": "native_transfer", "asset": "SOL", "from": ALICE, "to": effect.to, "amount": amount}
        return [*notes, move, fee]
    standard = next(token.standard for token in TOKENS.values() if token.mint == effect.token)
    program = PROGRAMS[standard]
    to = associated_token(effect.to, effect.token, program)
    create: dict[str, object] = {
        "type": "account_create", "account": to, "owner": effect.to, "asset": effect.token, "funder": payer,
        "idempotent": True, "token_program": program,
    }  # fmt: skip
    move = {
        "type": "token_transfer", "standard": standard, "asset": effect.token,
        "from": associated_token(ALICE, effect.token, program), "to": to, "amount": amount, "owner": ALICE,
        "decimals": 6,
    }  # fmt: skip
    return [create, *notes, move, fee]


@given(
    st.sampled_from([None, "spl", "token2022"]),
    st.integers(1, 2**64 - 1),
    st.sampled_from([None, "payer"]),
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
)
def test_built_bytes_decode_to_exactly_the_payment(
    standard: str | None, amount: int, payer: str | None, memo: str | None
) -> None:
    effect = replace(NATIVE, amount=amount) if standard is None else tokens(standard, amount)
    token = None if standard is None else TOKENS[standard]
    who = ALICE if payer is None else text(payer)
    data = built(effect, token=token, fee_payer=None if payer is None else who, memo=memo)
    found = decode(data, {})
    assert list(found.decoded.effects) == expected(effect, who, memo)
    assert (found.fee_payer, found.blockhash) == (who, str(BLOCKHASH))
    assert found.signers == ((ALICE,) if payer is None else (who, ALICE))
    assert not found.is_durable_nonce
    assert found.message.version == "0"


@pytest.mark.parametrize(
    ("effect", "changes", "code"),
    [
        (replace(NATIVE, amount=0), {}, "unbuildable"),
        (replace(NATIVE, amount=2**64), {}, "unbuildable"),
        (replace(NATIVE, amount=-1), {}, "unbuildable"),
        (replace(NATIVE, type="token_transfer"), {}, "unbuildable"),
        (NATIVE, {"token": TOKENS["spl"]}, "unbuildable"),
        (tokens("spl", 1), {}, "unbuildable"),
        (tokens("spl", 1), {"token": TOKENS["token2022"]}, "unbuildable"),
        (tokens("spl", 1), {"token": replace(TOKENS["spl"], standard="erc20")}, "unbuildable"),
        (tokens("spl", 1), {"token": replace(TOKENS["spl"], decimals=256)}, "unbuildable"),
        (replace(tokens("spl", 1), to=associated_token(BOB, ALICE, ids.TOKEN)), {"token": TOKENS["spl"]},
         "unbuildable"),
        (replace(NATIVE, to="bob"), {}, "address"),
        (NATIVE, {"source": ALICE + "1"}, "address"),
        (NATIVE, {"fee_payer": ""}, "address"),
        (NATIVE, {"blockhash": "x"}, "blockhash"),
        (NATIVE, {"blockhash": ALICE + "1"}, "blockhash"),
        (NATIVE, {"fee_ceiling": 5059}, "fee_ceiling"),
        (NATIVE, {"fee_ceiling": 10_059, "fee_payer": BOB}, "fee_ceiling"),
        (NATIVE, {"fees": Fees(1_400_001, 0)}, "unbuildable"),
        (NATIVE, {"fees": Fees(1, 2**64)}, "unbuildable"),
        (NATIVE, {"fees": Fees(-1, 1)}, "unbuildable"),
        (NATIVE, {"memo": "x" * 1200}, "unbuildable"),
        (NATIVE, {"memo": "\ud800"}, "unbuildable"),
    ],
)  # fmt: skip
def test_what_cannot_be_built(effect: Effect, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(QuorateError) as error:
        built(effect, **changes)
    assert error.value.code == code


def test_the_ceiling_is_met_exactly() -> None:
    assert decode(built(fee_ceiling=5060), {}).fee == 5060
    assert decode(built(fee_ceiling=10_060, fee_payer=BOB), {}).fee == 10_060
