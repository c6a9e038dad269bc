"""The real runtime takes the instructions of the cases: their layouts are those of the programs, not ours.

Each test is a life cycle, because most instructions need what an earlier one made.
"""

from collections.abc import Iterable, Mapping

import pytest
from solders import system_program as sp
from solders.account import Account
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana import cases_extensions, cases_other, cases_stake, cases_system, cases_token
from tests.core.chains.solana.cases import DERIVED, Case, pk, u
from tests.core.chains.solana.runtime import SOL, World, call, key


def create(world: World, name: str, space: int, owner: str, more: int = 0) -> Instruction:
    return sp.create_account(
        sp.CreateAccountParams(
            from_pubkey=key("payer"),
            to_pubkey=key(name),
            lamports=world.rent(space) + more,
            space=space,
            owner=Pubkey.from_string(owner),
        )
    )


def run(world: World, cases: Mapping[str, Case], names: Iterable[str]) -> int:
    """Executes cases by name; all of them take effect and decode to their effects. How many they were."""
    count = 0
    for count, name in enumerate(names, 1):  # noqa: B007
        transaction, _ = world.run(cases[name].instruction)
        assert transaction.decoded.effects[:-1] == cases[name].effects, name
    return count


def test_system() -> None:
    cases, world = cases_system.CASES, World("alice", "bob", "assigned", "allocated")
    names = [
        "create",
        "create_allow_prefund",
        "assign",
        "transfer",
        "allocate",
        "create_with_seed_by_its_base",
    ]
    assert run(world, cases, names) == 6
    world = World("alice", "bob")
    assert run(world, cases, ["create_with_seed"]) == 1
    world = World("alice", "bob", DERIVED)
    assert run(world, cases, ["transfer_with_seed", "allocate_with_seed"]) == 2
    world = World("alice", "bob", DERIVED)
    assert run(world, cases, ["assign_with_seed"]) == 1


def test_durable_nonces() -> None:
    cases, world = cases_system.CASES, World("alice", "bob")
    world.run(create(world, "nonce", 80, ids.SYSTEM, 10), cases["nonce_initialize"].instruction)
    assert run(world, cases, ["nonce_authorize", "nonce_advance", "nonce_withdraw"]) == 3


def test_the_runtime_ignores_what_is_behind_an_instruction() -> None:
    """Why the decoder calls it blind, and still a durable nonce."""
    cases, world = cases_system.CASES, World("alice", "bob")
    world.run(create(world, "nonce", 80, ids.SYSTEM), cases["nonce_initialize"].instruction)
    for case in (cases["nonce_authorize"], cases["nonce_advance"], cases["transfer"]):
        ins = case.instruction
        extra = call(ids.SYSTEM, "carol", b"").accounts
        longer = Instruction(ins.program_id, ins.data + b"junk", [*ins.accounts, *extra])
        transaction, _ = world.run(longer)
        assert transaction.decoded.blind
        assert transaction.is_durable_nonce == (case is cases["nonce_advance"])


TOKEN_LIFE = (
    "ata_create", "ata_create_idempotent", "ata_create_idempotent", "ata_create_without_tag",
    "mint_to", "mint_to_checked", "transfer", "transfer_checked",
    "approve", "approve_checked", "revoke", "burn", "burn_checked", "freeze", "thaw",
    "account_data_size", "amount_to_ui_amount", "ui_amount_to_amount",
    "set_close_authority", "drop_freeze_authority", "set_mint_authority",
)  # fmt: skip


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_tokens(standard: str) -> None:
    cases = {
        name.split(".")[1]: c for name, c in cases_token.CASES.items() if name.startswith(f"{standard}.")
    }
    world, program, mint = World("alice", "bob"), cases_token.PROGRAMS[standard], f"mint-{standard}"
    world.run(create(world, mint, 82, program), cases["initialize_mint2"].instruction)
    assert run(world, cases, TOKEN_LIFE) == 21
    alice, bob = (key(cases_token.account_of(owner, standard)) for owner in ("alice", "bob"))
    assert (world.tokens(alice), world.tokens(bob)) == (2000 - 20 - 2, 20)
    world.run(call(program, f"{alice}+ {mint}+ alice*", b"\x08" + u(8, 1978)))
    assert run(world, cases, ["close"]) == 1
    plain(world, standard, cases)


def plain(world: World, standard: str, cases: Mapping[str, Case]) -> None:
    """A token account that is not associated, and a multisig that comes to own it."""
    program, size = cases_token.PROGRAMS[standard], 165
    account, multisig = f"plain-{standard}", f"multisig-{standard}"
    world.run(create(world, multisig, 355, program), cases["initialize_multisig2"].instruction)
    world.run(create(world, account, size, program), cases["initialize_account3"].instruction)
    bob = cases_token.account_of("bob", standard)
    world.run(call(program, f"{bob}+ {account}+ bob*", b"\x03" + u(8, 10)))
    assert run(world, cases, ["set_account_owner", "transfer_checked_multisig"]) == 2
    assert (world.tokens(key(account)), world.tokens(key(bob))) == (0, 20)


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_older_forms_of_initialization(standard: str) -> None:
    cases = {
        name.split(".")[1]: c for name, c in cases_token.CASES.items() if name.startswith(f"{standard}.")
    }
    for make, account in (("initialize_account", "plain"), ("initialize_account2", "plain")):
        world, program = World("alice"), cases_token.PROGRAMS[standard]
        mint = create(world, f"mint-{standard}", 82, program)
        world.run(mint, cases["initialize_mint"].instruction)
        world.run(create(world, f"{account}-{standard}", 165, program), cases[make].instruction)
        multisig = create(world, f"multisig-{standard}", 355, program)
        world.run(multisig, cases["initialize_multisig"].instruction)


def test_wrapped_sol() -> None:
    """syncNative and the owner's account of wrapped SOL."""
    world, wrapped = World("alice"), "So11111111111111111111111111111111111111112"
    cases = cases_token.associated_cases("spl", wrapped)
    account = cases_token.account_of("alice", "spl", wrapped)
    world.vm.set_account(key(wrapped), native_mint(world))
    world.run(cases["create"].instruction)
    world.run(call(ids.SYSTEM, f"alice*+ {account}+", u(4, 2) + u(8, SOL)))
    world.run(call(ids.TOKEN, f"{account}+", b"\x11"))
    assert world.tokens(key(account)) == SOL


def native_mint(world: World) -> Account:
    """A mint of 9 decimals without authorities; its supply means nothing."""
    data = bytes(4) + bytes(32) + bytes(8) + b"\x09\x01" + bytes(4) + bytes(32)
    return Account(world.rent(82), data, Pubkey.from_string(ids.TOKEN))


EXTENSIONS = ("fee_initialize", "close_mint_authority", "permanent_delegate", "hook_initialize")


def test_extensions() -> None:
    """The mint's extensions are initialized before the mint; space for them comes with the account."""
    cases, world = cases_extensions.CASES, World("alice")
    mint_made = call(ids.TOKEN_2022, "mint-fee+", b"\x14\x06" + pk("issuer") + b"\x01" + pk("issuer"))
    # 166 bytes and, with 4 bytes of type and length each: fee 108, close 32, delegate 32, hook 64, state 1
    space = 166 + 5 * 4 + 108 + 32 + 32 + 64 + 1
    before = [*EXTENSIONS, "default_state_initialize"]
    made = [cases[name] for name in before]
    transaction, _ = world.run(
        create(world, "mint-fee", space, ids.TOKEN_2022), *(c.instruction for c in made), mint_made
    )
    expected = tuple(effect for case in made for effect in case.effects)
    assert transaction.decoded.effects[2 : 2 + len(expected)] == expected
    assert run(world, cases, ["ata_create", "ata_create_idempotent"]) == 2
    alice, bob = (cases_token.account_of(owner, "token2022", "mint-fee") for owner in ("alice", "bob"))
    world.run(call(ids.TOKEN_2022, f"mint-fee+ {alice}+ issuer*", b"\x07" + u(8, 1000)))
    names = ["fee_transfer", "fee_harvest", "fee_withdraw", "fee_change", "default_state_update"]
    assert run(world, cases, names) == 5
    assert (world.tokens(key(alice)), world.tokens(key(bob))) == (802, 198)  # the withheld 2 came back
    assert run(world, cases, ["hook_update", "set_fee_authority"]) == 2


def test_account_extensions() -> None:
    cases, world = cases_extensions.CASES, World("alice")
    mint_made = call(ids.TOKEN_2022, "mint-fee+", b"\x14\x06" + pk("issuer") + b"\x00")
    world.run(create(world, "mint-fee", 82, ids.TOKEN_2022), mint_made)
    world.run(cases["ata_create"].instruction)
    alice = cases_token.account_of("alice", "token2022", "mint-fee")
    # Reallocate for CPI guard (11) and memo transfer (8)
    grow = b"\x1d" + u(2, 11) + u(2, 8)
    transaction, _ = world.run(call(ids.TOKEN_2022, f"{alice}+ payer*+ {ids.SYSTEM} alice*", grow))
    assert transaction.decoded.blind  # the payer's rent is not in the bytes
    assert run(world, cases, ["memo_required", "memo_not_required", "cpi_guard", "cpi_guard_off"]) == 4


def test_stakes_and_votes() -> None:
    cases, world = cases_stake.CASES, World("alice", "node")
    world.run(create(world, "stake", 200, ids.STAKE, 50 * SOL), cases["initialize"].instruction)
    world.run(create(world, "stake2", 200, ids.STAKE, 5 * SOL), cases["initialize_checked"].instruction)
    world.run(create(world, "vote", 3762, ids.VOTE, SOL), cases["vote_initialize"].instruction)
    assert run(world, cases, ["authorize_staker", "authorize_checked", "lockup_unchanged"]) == 3
    assert run(world, cases, ["delegate", "deactivate", "minimum_delegation"]) == 3
    world.run(create(world, "stake3", 200, ids.STAKE), cases["split"].instruction)
    assert run(world, cases, ["merge", "withdraw", "authorize_derived", "authorize_with_seed"]) == 4
    assert run(world, cases, ["authorize_derived", "authorize_checked_with_seed", "lockup"]) == 3
    votes = ["vote_identity", "vote_commission", "vote_withdraw", "vote_authorize_checked"]
    assert run(world, cases, [*votes, "vote_authorize_derived", "vote_authorize_with_seed"]) == 6
    assert run(world, cases, ["vote_authorize", "vote_authorize_derived"]) == 2
    assert run(world, cases, ["vote_authorize_checked_with_seed"]) == 1


def test_loader() -> None:
    cases, world = cases_other.CASES, World("alice")
    world.run(create(world, "buffer", 37 + 100, ids.LOADER), cases["buffer"].instruction)
    names = ["write", "loader_authority", "loader_authority_checked", "loader_close"]
    assert run(world, cases, names) == 4


def test_lookup_tables() -> None:
    cases, world = cases_other.CASES, World("alice")
    world.vm.warp_to_slot(50)
    seeds = [pk("alice"), u(8, cases_other.SLOT)]
    table, bump = Pubkey.find_program_address(seeds, Pubkey.from_string(ids.LOOKUP_TABLE))
    data = u(4, 0) + u(8, cases_other.SLOT) + bytes([bump])
    world.run(call(ids.LOOKUP_TABLE, f"{table}+ alice payer*+ {ids.SYSTEM}", data))
    for name in ("table_extend", "table_deactivate"):
        ins = cases[name].instruction
        accounts = [call(ids.SYSTEM, f"{table}+", b"").accounts[0], *ins.accounts[1:]]
        world.run(Instruction(ins.program_id, ins.data, accounts))


def test_memos() -> None:
    assert run(World("alice"), cases_other.CASES, ["memo", "memo_v1"]) == 2
    assert "InstructionError" in World("alice").fails(call(ids.MEMO, "alice*", b"\xff"))
