"""Memo programs, version 1 and later: UTF-8 text that is logged, with the accounts that must sign for it."""

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import Effects, Instruction, unreadable


def decode(instruction: Instruction) -> Effects:
    try:
        text = instruction.data.decode()
    except UnicodeDecodeError:
        return unreadable(instruction, 0, "a memo is not UTF-8")
    return [effect("memo", text=text, signers=list(instruction.accounts) or None)]
