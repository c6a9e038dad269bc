"""Every instruction that the decoder knows, in a transfer of SOL or of tokens: before it, behind it, in its
place, and in both formats. Whoever signs it is the sender.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from solders.compute_budget import ID as BUDGET
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from tests.core.chains.solana import cases_extensions, cases_other, cases_stake, cases_system, cases_token
from tests.hostile.bodies import SOL, SPL
from tests.hostile.families.solana import (
    BLIND,
    BLOCKHASH,
    DECODE,
    EFFECTS,
    FEE,
    Bend,
    Honest,
    control,
    shown,
)
from tests.hostile.mutation import Family, Mutation, Shared, harmful

REFUSED: Final = (DECODE, BLIND, EFFECTS, FEE)
CALLS: Final = {
    f"{module.__name__.rpartition('_')[2]}, {name}": case.instruction
    for module in (cases_system, cases_token, cases_stake, cases_other, cases_extensions)
    for name, case in module.CASES.items()
}


def families() -> list[Family]:
    return [
        Family(f"Solana: every instruction, {kind}", control(kind), list(_calls(kind))) for kind in (SOL, SPL)
    ]


def _calls(kind: str) -> Iterable[Mutation]:
    shared = Shared(kind)
    for name, instruction in CALLS.items():
        for place, bend in {
            "before": _at(instruction, 0), "behind": _at(instruction, 99),
            "instead": _instead(instruction), "legacy": _at(instruction, 99, legacy=True),
        }.items():  # fmt: skip
            yield harmful(f"{name}, {place}", REFUSED, shown(shared, bend))


def _at(instruction: Instruction, place: int, *, legacy: bool = False) -> Bend:
    def bend(honest: Honest) -> bytes:
        sender, calls = Pubkey.from_string(honest.sender), instructions_of(honest.bytes())
        calls.insert(place, signed_by(instruction, sender))
        return _compiled(sender, calls, legacy)

    return bend


def _instead(instruction: Instruction) -> Bend:
    """The compute budget stays."""

    def bend(honest: Honest) -> bytes:
        sender = Pubkey.from_string(honest.sender)
        budget = [call for call in instructions_of(honest.bytes()) if call.program_id == BUDGET]
        return _compiled(sender, [*budget, signed_by(instruction, sender)], False)

    return bend


def instructions_of(data: bytes) -> list[Instruction]:
    """Of a message of version 0 without tables."""
    message = MessageV0.from_bytes(data[1:])
    keys, header = message.account_keys, message.header
    signing = header.num_required_signatures
    writable = {
        *range(signing - header.num_readonly_signed_accounts),
        *range(signing, len(keys) - header.num_readonly_unsigned_accounts),
    }
    return [
        Instruction(
            keys[call.program_id_index],
            call.data,
            [AccountMeta(keys[n], n < signing, n in writable) for n in call.accounts],
        )
        for call in message.instructions
    ]


def signed_by(instruction: Instruction, sender: Pubkey) -> Instruction:
    """With the sender in the place of all who sign."""
    metas = [
        AccountMeta(sender if meta.is_signer else meta.pubkey, meta.is_signer, meta.is_writable)
        for meta in instruction.accounts
    ]
    return Instruction(instruction.program_id, instruction.data, metas)


def _compiled(sender: Pubkey, calls: Sequence[Instruction], legacy: bool) -> bytes:
    blockhash = Hash.from_string(BLOCKHASH)
    if legacy:
        return bytes(Message.new_with_blockhash(list(calls), sender, blockhash))
    return to_bytes_versioned(MessageV0.try_compile(sender, list(calls), [], blockhash))
