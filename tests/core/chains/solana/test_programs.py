"""Every instruction of the programs the decoder knows has exactly its effects, and no mutation of it has any
that are not blind.
"""

import pytest
from solders.instruction import AccountMeta, Instruction

from quorate.core.chains.solana.decode import Transaction
from quorate.core.chains.solana.instruction import Table
from quorate.core.chains.solana.programs import (
    anchor,
    ids,
    loader,
    lookup_table,
    stake,
    system,
    token,
    token2022,
    vote,
)
from quorate.core.chains.solana.programs.registry import DECODERS
from tests.core.chains.solana import cases_extensions, cases_other, cases_stake, cases_system, cases_token
from tests.core.chains.solana.cases import Case, blind_call, pk, some, u
from tests.core.chains.solana.runtime import call, decoded, key, text

CASES = {
    f"{group}.{name}": case
    for group, cases in (
        ("system", cases_system.CASES),
        ("token", cases_token.CASES),
        ("extension", cases_extensions.CASES),
        ("stake", cases_stake.CASES),
        ("other", cases_other.CASES),
    )
    for name, case in cases.items()
}


def effects(instruction: Instruction) -> tuple[object, ...]:
    """Without the fee, which is last."""
    return tuple(decoded(instruction).decoded.effects[:-1])


def test_counts() -> None:
    groups = [name.split(".")[0] for name in CASES]
    assert {group: groups.count(group) for group in groups} == {
        "system": 16, "token": 66, "extension": 23, "stake": 30, "other": 23,
    }  # fmt: skip
    assert len(DECODERS) == 13


TABLES: list[tuple[str, int, Table]] = [
    (ids.SYSTEM, 4, system.TABLE),
    (ids.TOKEN, 1, token.TABLE),
    (ids.TOKEN_2022, 1, token2022.TABLE),
    (ids.STAKE, 4, stake.TABLE),
    (ids.VOTE, 4, vote.TABLE),
    (ids.LOADER, 4, loader.TABLE),
    (ids.LOOKUP_TABLE, 4, lookup_table.TABLE),
    (ids.DRIFT, 8, anchor.DRIFT),
]


@pytest.mark.parametrize(("program", "width", "table"), TABLES)
def test_every_instruction_that_is_read_has_a_case(program: str, width: int, table: Table) -> None:
    cases = [case.instruction for case in CASES.values() if str(case.instruction.program_id) == program]
    tags = {int.from_bytes(instruction.data[:width], "little") for instruction in cases}
    assert tags >= table.keys()


@pytest.mark.parametrize("name", CASES)
def test_effects(name: str) -> None:
    case = CASES[name]
    assert effects(case.instruction) == case.effects


def mutations(case: Case) -> dict[str, Instruction]:
    ins = case.instruction
    program, data, accounts = ins.program_id, ins.data, list(ins.accounts)
    strangers = [AccountMeta(key(f"stranger{n}"), False, False) for n in range(4)]
    found = {}
    if not case.open_data:
        found["a byte more"] = Instruction(program, data + b"\x00", accounts)
        if len(data) > 1:  # no data at all is an instruction of the associated token program
            found["a byte less"] = Instruction(program, data[:-1], accounts)
    if not case.open_accounts:
        found["more accounts"] = Instruction(program, data, accounts + strangers)
        if accounts:
            found["no accounts"] = Instruction(program, data, [])
    return found


@pytest.mark.parametrize("name", CASES)
def test_mutations_are_blind(name: str) -> None:
    for what, instruction in mutations(CASES[name]).items():
        found = decoded(instruction)
        assert found.decoded.blind, what
        # the runtime reads the tag of AdvanceNonceAccount and no further
        assert found.is_durable_nonce == (name == "system.nonce_advance" and what != "a byte less")


def test_tags_that_nobody_knows() -> None:
    widths = {ids.SYSTEM: 4, ids.STAKE: 4, ids.VOTE: 4, ids.LOADER: 4, ids.LOOKUP_TABLE: 4, ids.DRIFT: 8}
    for program, width in {**widths, ids.TOKEN: 1, ids.TOKEN_2022: 1, ids.ASSOCIATED_TOKEN: 1}.items():
        data = b"\xfe" * width
        expected = blind_call(program, "0x" + data.hex(), "unknown_instruction", ("alice",))
        assert effects(call(program, "alice*", data)) == (expected,)


def malformed(instruction: Instruction) -> bool:
    return any(
        effect["type"] == "blind" and effect["reason"] == "malformed_instruction"
        for effect in decoded(instruction).decoded.effects
    )


SPL, T22, SYS, STAKE = ids.TOKEN, ids.TOKEN_2022, ids.SYSTEM, ids.STAKE


@pytest.mark.parametrize(
    "instruction",
    [
        call(SPL, "mint+ alice*", b"\x06\x04" + some("bob")),  # an authority that only Token-2022 has
        call(T22, "mint+ alice*", b"\x06\x11" + some("bob")),
        call(SPL, "mint+ alice*", b"\x06\x00\x02" + pk("bob")),  # an option is 0 or 1
        call(SPL, "mint+ alice*", b"\x06\x00\x02"),
        call(STAKE, "stake+ alice*", u(4, 6) + b"\x00\x02\x00"),
        call(SPL, "multisig+ alice bob", b"\x13\x03"),  # 3 of 2
        call(SPL, "multisig+ alice bob", b"\x13\x00"),
        call(SPL, "a+ mint b+ alice* carol", b"\x0c" + u(8, 1) + b"\x06"),  # neither hook nor signer
        call(T22, "a+ mint b+ alice*", b"\x1a\x01" + u(8, 5) + b"\x06" + u(8, 6)),  # fee above amount
        call(T22, "mint+", b"\x1c\x00\x03"),  # no account state
        call(STAKE, "stake+ clock alice*", u(4, 1) + pk("bob") + u(4, 2)),  # no role
        call(STAKE, "stake+ alice* clock", u(4, 8) + pk("b") + u(4, 1) + u(8, 1) + b"\xff" + pk("p")),
        call(STAKE, "stake+ alice* clock", u(4, 8) + pk("b") + u(4, 1) + u(8, 1 << 63) + b"a" + pk("p")),
        call(STAKE, "stake+ alice*", u(4, 6) + b"\x02" + bytes(8) + b"\x00\x00"),
        call(SYS, "alice*+ new+ bob*", u(4, 3) + pk("carol") + u(8, 1) + b"s" + u(8, 1) + u(8, 0) + pk("p")),
        call(SYS, "new+ alice*", u(4, 10) + pk("bob") + u(8, 1) + b"s" + pk("p")),
        call(SYS, "new+ alice*", u(4, 9) + pk("bob") + u(8, 1) + b"s" + u(8, 1) + pk("p")),
        call(SYS, "new*+", u(4, 13) + u(8, 1) + u(8, 0) + pk("p")),  # coins from nobody
        call(ids.ASSOCIATED_TOKEN, f"payer*+ a+ alice mint {SYS} program", b"\x01"),  # no token program
        call(ids.LOOKUP_TABLE, "table+ alice*", u(4, 2) + u(8, 1 << 63) + pk("bob")),
        call(ids.MEMO, "", b"\xff"),
        call(ids.DRIFT, "alice* state+", b"1234"),
    ],
)
def test_malformed(instruction: Instruction) -> None:
    assert malformed(instruction)


@pytest.mark.parametrize("name", ["transfer_checked", "transfer"])
@pytest.mark.parametrize("signs", [False, True])
def test_accounts_of_a_transfer_hook(name: str, signs: bool) -> None:
    """Also of one that signs: a hook could use its signature. SPL Token has no hooks, no such accounts."""
    extra = AccountMeta(key("hook"), signs, False)
    for standard in ("spl", "token2022"):
        case = cases_token.CASES[f"{standard}.{name}"]
        ins = case.instruction
        longer = Instruction(ins.program_id, ins.data, [*ins.accounts, extra])
        if standard == "spl":
            assert malformed(longer)
        else:
            assert effects(longer) == (*case.effects, cases_token.hooked([text("hook")]))


def inconsistent(instruction: Instruction) -> list[object]:
    return [e["reason"] for e in decoded(instruction).decoded.effects if e["type"] == "inconsistent"]


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_an_associated_account_that_is_not_the_owners(standard: str) -> None:
    right = cases_token.CASES[f"{standard}.ata_create_idempotent"].instruction
    for place, wrong in ((1, "mallory"), (2, "mallory"), (3, "mallory")):
        accounts = list(right.accounts)
        accounts[place] = replace_key(accounts[place], wrong)
        assert inconsistent(Instruction(right.program_id, right.data, accounts)) == [
            "associated_token_address"
        ]
    assert inconsistent(right) == []


def replace_key(meta: AccountMeta, name: str) -> AccountMeta:
    return AccountMeta(key(name), meta.is_signer, meta.is_writable)


@pytest.mark.parametrize(
    "name", ["create_with_seed", "assign_with_seed", "transfer_with_seed", "allocate_with_seed"]
)
def test_an_address_that_is_not_derived_from_the_seed(name: str) -> None:
    right = cases_system.CASES[name].instruction
    for seed in (b"sEEd", b"sed"):
        data = right.data.replace(u(8, 4) + b"seed", u(8, len(seed)) + seed)
        assert inconsistent(Instruction(right.program_id, data, right.accounts)) == ["derived_address"]
    long = right.data.replace(u(8, 4) + b"seed", u(8, 33) + b"s" * 33)
    assert inconsistent(Instruction(right.program_id, long, right.accounts)) == ["derived_address"]


def test_recover_nested_is_blind() -> None:
    found = effects(call(ids.ASSOCIATED_TOKEN, f"a+ m b+ c m2 alice*+ {SPL}", b"\x02"))
    assert found == (
        blind_call(ids.ASSOCIATED_TOKEN, "0x02", "amount_not_in_bytes", ("alice",), "recoverNested"),
    )


def nonce(*instructions: Instruction) -> Transaction:
    return decoded(*instructions)


def test_a_nonce_that_is_not_advanced_first() -> None:
    advance, transfer = (cases_system.CASES[name].instruction for name in ("nonce_advance", "transfer"))
    budget = call(ids.COMPUTE_BUDGET, "", b"\x02" + u(4, 1000))
    for first in (transfer, budget):
        found = nonce(first, advance)
        late = {"type": "nonce_advance_not_first", "nonce_account": text("nonce"), "position": 1}
        assert not found.is_durable_nonce
        assert late in found.decoded.effects
    assert nonce(advance, transfer).is_durable_nonce


@pytest.mark.parametrize("data", [u(4, 4) + b"\x00", u(4, 4) + b"junk"])
@pytest.mark.parametrize("accounts", ["nonce+ hashes bob*", "nonce+ hashes bob* carol", "nonce+", ""])
def test_a_durable_nonce_is_one_for_the_runtime_whatever_follows_the_tag(data: bytes, accounts: str) -> None:
    found = nonce(call(SYS, accounts, data), cases_system.CASES["transfer"].instruction)
    durable = {
        "type": "durable_nonce",
        "nonce_account": text("nonce") if accounts else "unknown",
        "nonce_authority": "unknown",
    }
    assert found.is_durable_nonce
    assert found.decoded.blind
    assert durable in found.decoded.effects
