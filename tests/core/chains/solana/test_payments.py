"""Built, decoded, signed, attached and executed in the real runtime: balances say what happened."""

from dataclasses import replace
from typing import Any

import pytest
from solders import system_program as sp
from solders.pubkey import Pubkey
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata

from quorate.core.chains import base58
from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.build import Token
from quorate.core.chains.solana.decode import decode
from quorate.core.model.intent import Effect
from tests.core.chains.solana.cases_token import PROGRAMS, associated_cases, base_cases
from tests.core.chains.solana.payments import ALICE, BOB, NATIVE, TOKENS, attached, built, sign, tokens
from tests.core.chains.solana.runtime import SOL, World, call, key, text


def ledger(*funded: str) -> World:
    return World("alice", *funded)


def pay(world: World, effect: Effect, token: Token | None, **more: Any) -> tuple[bytes, str, int]:
    """Builds, signs and attaches; the wire transaction, its id and the fee the decoder found."""
    blockhash = str(world.vm.latest_blockhash())
    data = built(effect, token=token, blockhash=blockhash, **more)
    found = decode(data, {})
    names = ["alice"] if found.fee_payer == ALICE else ["payer", "alice"]
    wire, name = attached(data, *names)
    return wire, name, found.fee


def test_sol_moves() -> None:
    world = ledger()
    wire, name, fee = pay(world, replace(NATIVE, amount=3 * SOL), None, memo="invoice 17")
    result = world.broadcast(wire)
    assert isinstance(result, TransactionMetadata), result
    assert (str(result.signature()), result.fee()) == (name, fee)
    assert world.balance(key("bob")) == 3 * SOL
    assert world.balance(key("alice")) == 100 * SOL - 3 * SOL - fee
    assert isinstance(world.broadcast(wire), FailedTransactionMetadata)  # once


def test_another_pays_the_fee() -> None:
    world = ledger()
    before = world.balance(key("payer"))
    wire, _, fee = pay(world, replace(NATIVE, amount=SOL), None, fee_payer=text("payer"))
    assert isinstance(world.broadcast(wire), TransactionMetadata)
    assert world.balance(key("alice")) == 99 * SOL
    assert world.balance(key("payer")) == before - fee


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_tokens_move(standard: str) -> None:
    world = issued(standard)
    mint, program = TOKENS[standard].mint, PROGRAMS[standard]
    alice, bob = (Pubkey.from_string(associated_token(who, mint, program)) for who in (ALICE, BOB))
    for number, total in enumerate((250, 500)):  # the first creates bob's account, the second finds it
        before = world.balance(key("alice"))
        wire, name, fee = pay(world, tokens(standard, 250), TOKENS[standard], memo=f"payment {number}")
        result = world.broadcast(wire)
        assert isinstance(result, TransactionMetadata), result
        assert (str(result.signature()), result.fee()) == (name, fee)
        assert (world.tokens(alice), world.tokens(bob)) == (1000 - total, total)
        rent = 0 if number else world.balance(bob)
        assert world.balance(key("alice")) == before - fee - rent
        world.vm.expire_blockhash()


def issued(standard: str) -> World:
    """Alice has 1000 of the token."""
    world, cases, program = ledger(), base_cases(standard), PROGRAMS[standard]
    mint = f"mint-{standard}"
    create = sp.create_account(
        sp.CreateAccountParams(
            from_pubkey=key("payer"), to_pubkey=key(mint), lamports=world.rent(82), space=82,
            owner=Pubkey.from_string(program),
        )
    )  # fmt: skip
    world.run(create, cases["initialize_mint2"].instruction)
    world.run(associated_cases(standard)["create"].instruction, cases["mint_to"].instruction)
    return world


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_an_account_that_was_given_away_gets_nothing(standard: str) -> None:
    """Bob's associated account belongs to Mallory: creation finds that out. In Token-2022 it cannot."""
    world, program = issued(standard), PROGRAMS[standard]
    bob = associated_token(BOB, TOKENS[standard].mint, program)
    world.run(associated_cases(standard)["create_idempotent"].instruction)
    give = call(program, f"{bob}+ bob*", b"\x06\x02\x01" + bytes(key("mallory")))
    if standard == "token2022":
        assert "Custom" in world.fails(give)
        return
    world.run(give)
    wire, _, _ = pay(world, tokens(standard, 250), TOKENS[standard])
    result = world.broadcast(wire)
    assert isinstance(result, FailedTransactionMetadata)
    assert world.tokens(Pubkey.from_string(bob)) == 0


def test_the_runtime_refuses_a_signature_for_other_bytes() -> None:
    world = ledger()
    blockhash = str(world.vm.latest_blockhash())
    data, other = (built(replace(NATIVE, amount=amount), blockhash=blockhash) for amount in (SOL, 2 * SOL))
    forged = b"\x01" + sign("alice", data) + other
    assert isinstance(world.broadcast(forged), FailedTransactionMetadata)
    assert len(base58.encode(sign("alice", data))) in range(80, 90)
