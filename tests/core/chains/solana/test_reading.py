"""What signers read in Solana messages: exactly the transfer that was built, and what else there is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders import system_program as sp
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.instruction import Instruction
from solders.message import MessageV0, to_bytes_versioned

from quorate.core.chains import readers
from quorate.core.chains.reading import Reading, View
from quorate.core.chains.solana.address import associated_token
from quorate.core.chains.solana.build import Fees, build
from quorate.core.chains.solana.rent import TOKEN_ACCOUNT, WALLET
from quorate.core.chains.to_sign import SOLANA_MESSAGE, Payer, ToSign, format_of
from quorate.core.chains.to_sign import TO_SIGN as ITEMS
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Effect
from tests.core.chains.solana.cases_token import PROGRAMS
from tests.core.chains.solana.payments import ALICE, BASE, NATIVE, TOKENS, built, tokens
from tests.core.chains.solana.runtime import BLOCKHASH, call, compiled, key, text
from tests.core.examples import certificates

CHAIN = Chain("solana:devnet", "solana", 0, "main-eddsa", 501, "SOL", 10**8, 0)
SOL = Asset("SOL", "Solana", CHAIN.id, None, 9)
ASSETS = (SOL, *(Asset(s, s, CHAIN.id, token.mint, 6, s) for s, token in TOKENS.items()))
VIEW = View(CHAIN, certificates()["main-eddsa"], "0", ALICE, ASSETS)
FEE = 5060
MINT = TOKENS["spl"].mint


def read(data: bytes, view: View = VIEW) -> Reading:
    return readers.read(format_of(CHAIN.id), data, view)


def account(owner: str, standard: str = "spl") -> str:
    return associated_token(text(owner), TOKENS[standard].mint, PROGRAMS[standard])


def create(
    owner: str = "bob", *, funder: str = "alice", tag: bytes = b"\x01", mint: str = MINT
) -> Instruction:
    to = associated_token(text(owner), mint, PROGRAMS["spl"])
    accounts = f"{funder}*+ {to}+ {owner} {mint} {sp.ID} {PROGRAMS['spl']}"
    return call("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL", accounts, tag)


def move(
    to: str = "bob", *, source: str = "", mint: str = MINT, decimals: int = 6, signers: str = "alice*"
) -> Instruction:
    data = b"\x0c" + (7).to_bytes(8, "little") + bytes([decimals])
    return call(PROGRAMS["spl"], f"{source or account('alice')}+ {mint} {account(to)}+ {signers}", data)


def pay(source: str = "alice", to: str = "bob") -> Instruction:
    return sp.transfer(sp.TransferParams(from_pubkey=key(source), to_pubkey=key(to), lamports=5))


def message(*instructions: Instruction, payer: str = "alice") -> bytes:
    return compiled(instructions, payer)


def test_a_native_transfer() -> None:
    found = read(built())
    assert found == Reading((NATIVE,), (), "", CHAIN.id, FEE, ())
    assert WALLET == 890_880


@pytest.mark.parametrize(("standard", "rent"), [("spl", 2_039_280), ("token2022", 2_248_080)])
def test_a_token_transfer_counts_the_rent_of_a_new_account(standard: str, rent: int) -> None:
    found = read(built(tokens(standard, 7), token=TOKENS[standard]))
    assert found == Reading((tokens(standard, 7),), (), "", CHAIN.id, FEE + rent, ())
    assert TOKEN_ACCOUNT[standard] == rent


def test_what_is_signed_is_the_message() -> None:
    key = VIEW.certificate
    payer = Payer(CHAIN.id, (44, 501, 0, 0, 0), key.public_key, key.chain_code)
    assert ITEMS[SOLANA_MESSAGE](built(), payer) == (ToSign(1, (44, 501, 0, 0, 0), built()),)


names = st.sampled_from(["bob", "carol", "dave", "alice"])


@given(
    to=names,
    amount=st.integers(1, (1 << 64) - 1),
    standard=st.sampled_from(["", "spl", "token2022"]),
    fees=st.builds(Fees, st.integers(0, 1_400_000), st.integers(0, 10**6)),
)
def test_what_is_built_is_read(to: str, amount: int, standard: str, fees: Fees) -> None:
    effect = (
        replace(tokens(standard, amount), to=text(to))
        if standard
        else Effect("native_transfer", text(to), amount)
    )
    more: dict[str, Any] = {"fees": fees, "fee_ceiling": 10**9, "token": TOKENS.get(standard)}
    found = read(build(effect, **{**BASE, **more}))
    fee = fees.total(1) + TOKEN_ACCOUNT.get(standard, 0)
    assert found == Reading((effect,), (), "", CHAIN.id, fee, ())


ADVANCE = call(str(sp.ID), "nonce+ sysvar alice*", (4).to_bytes(4, "little"))
AUTHORITY = call(PROGRAMS["spl"], f"{account('alice')}+ alice*", b"\x06\x02\x01" + bytes(key("mallory")))
APPROVAL = call(PROGRAMS["spl"], f"{account('alice')}+ mallory alice*", b"\x04" + (9).to_bytes(8, "little"))
CLOSE = call(PROGRAMS["spl"], f"{account('alice')}+ mallory+ alice*", b"\x09")
SYNC = call(PROGRAMS["spl"], f"{account('alice')}+", b"\x11")
ASSIGN = call(str(sp.ID), "alice*+", (1).to_bytes(4, "little") + bytes(key("mallory")))
MEMO = call("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "alice*", b"hello")
OTHER_MINT = text("mint-other")


@pytest.mark.parametrize(
    ("data", "others"),
    [
        (built(fee_payer=text("payer")), ["fee_payer", "signers"]),
        (message(pay(), pay("mallory")), ["signers", "native_transfer"]),
        (message(pay("mallory")), ["signers", "native_transfer"]),
        (built(memo="17"), ["memo"]),
        (message(pay(), MEMO), ["memo"]),
        (message(ADVANCE, pay()), ["durable_nonce"]),
        (message(pay(), ADVANCE), ["nonce_advance_not_first"]),
        (message(pay(), AUTHORITY), ["authority_change"]),
        (message(pay(), ASSIGN), ["authority_change"]),
        (message(pay(), CLOSE), ["account_close"]),
        (message(pay(), SYNC), ["contract_call"]),
        (message(pay(), create()), ["account_create"]),
        (message(create()), ["account_create"]),
        (message(create(), create("carol"), move()), ["account_create"]),
        (message(create(), create(), move()), ["account_create"]),
        (message(create(tag=b"\x00"), move()), ["account_create", "token_transfer"]),
        (message(create(mint=OTHER_MINT), move()), ["account_create", "token_transfer"]),
        (message(create("carol"), move()), ["token_transfer", "account_create"]),
        (message(move()), ["token_transfer"]),
        (message(create(), move(mint=OTHER_MINT)), ["token_transfer", "account_create"]),
        (message(create(), move(decimals=5)), ["token_transfer", "account_create"]),
        (message(create(), move(source=account("carol"))), ["token_transfer", "account_create"]),
        (message(create(), move(signers="team alice*")), ["token_transfer", "account_create"]),
        (
            message(create(funder="mallory"), move()),
            ["signers", "account_create", "token_transfer"],
        ),
        (message(create(), move(signers="mallory*")), ["signers", "token_transfer", "account_create"]),
    ],
)
def test_what_no_transfer_has(data: bytes, others: list[str]) -> None:
    found = read(data)
    assert sorted(found.others) == sorted(others)
    assert found.blind == ""


@pytest.mark.parametrize(
    ("standard", "decimals"), [("token2022", 6), ("spl", 9)], ids=["another program", "other decimals"]
)
def test_the_charter_says_what_the_token_is(standard: str, decimals: int) -> None:
    other = (SOL, Asset("T", "T", CHAIN.id, MINT, decimals, standard))
    data = built(tokens("spl", 7), token=TOKENS["spl"])
    for assets in (other, (SOL,), tuple(replace(a, chain="solana:testnet") for a in ASSETS)):
        assert "token_transfer" in read(data, replace(VIEW, assets=assets)).others


def test_a_forged_account_is_not_that_of_the_wallet() -> None:
    """The creation names Bob, and an account that is not derived from him."""
    forged = create()
    accounts = list(forged.accounts)
    accounts[1] = move("mallory").accounts[2]
    data = message(Instruction(forged.program_id, forged.data, accounts), move("mallory"))
    assert sorted(read(data).others) == ["account_create", "inconsistent", "token_transfer"]


def test_a_transfer_of_a_derived_account_is_not_the_senders() -> None:
    derived = sp.transfer_with_seed(
        sp.TransferWithSeedParams(
            from_pubkey=key("alice"), from_base=key("alice"), from_seed="s", from_owner=key("mallory"),
            to_pubkey=key("bob"), lamports=5,
        )
    )  # fmt: skip
    assert set(read(message(derived)).others) == {"native_transfer", "inconsistent"}


def with_table(instruction: Instruction, *looked_up: str) -> bytes:
    table = AddressLookupTableAccount(key("table"), [key(name) for name in looked_up])
    return to_bytes_versioned(MessageV0.try_compile(key("alice"), [instruction], [table], BLOCKHASH))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (with_table(pay(), "bob"), "unresolved_lookup_table"),
        (with_table(create(), "bob"), "unresolved_lookup_table"),
        (message(pay(), call(text("program"), "alice*+", b"\x01")), "unknown_program"),
        (message(pay(), call(PROGRAMS["spl"], "alice*", b"\xfe")), "unknown_instruction"),
        (message(APPROVAL, pay()), "token_mint_not_in_bytes"),
        (message(pay(), call(str(sp.ID), "alice*+ bob+", b"\x02\0\0\0")), "malformed_instruction"),
    ],
)
def test_blind(data: bytes, reason: str) -> None:
    found = read(data)
    assert (found.blind, found.effects) == (reason, ())


def test_fees_count_in_full() -> None:
    budget = [set_compute_unit_limit(1_400_000), set_compute_unit_price(10**9)]
    assert read(message(*budget, pay())).fee == 5000 + 1_400_000_000
    assert read(message(set_compute_unit_price(10**6), pay())).fee == 5000 + 203_000


@pytest.mark.parametrize("data", [b"", built() + b"\0", built()[:-1]])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(QuorateError):
        read(data)
