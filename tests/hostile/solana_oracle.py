"""Whether the bytes of a message do what a body says and nothing else, read and rebuilt with solders."""

from functools import lru_cache
from typing import Final

from solders.compute_budget import ID as BUDGET
from solders.instruction import CompiledInstruction
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.token import ID as TOKEN
from solders.token.associated import get_associated_token_address

from tests.hostile.bodies import Meaning
from tests.hostile.ceremony import MINT, SOL_FEE_CAP

ASSETS: Final = ("SOL", "SPL")
ASSOCIATED: Final = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
RENT: Final = 2_039_280
Call = tuple[Pubkey, list[Pubkey], bytes]


def problem(data: bytes, wanted: Meaning, sender: bytes) -> str:
    """Empty when it is as it must be."""
    message = MessageV0.from_bytes(data[1:]) if data[0] & 0x80 else Message.from_bytes(data)
    if isinstance(message, MessageV0) and message.address_table_lookups:
        return "accounts from a lookup table"
    if message.header.num_required_signatures != 1 or bytes(message.account_keys[0]) != sender:
        return "another signer, or one more"
    calls = [_call(instruction, message.account_keys) for instruction in message.instructions]
    rent = 0 if wanted.asset == "SOL" else RENT
    if _fee([data for program, _, data in calls if program == BUDGET]) + rent > SOL_FEE_CAP:
        return "a fee above its ceiling"
    me, to = Pubkey(sender), Pubkey.from_string(wanted.to or "")
    if [call for call in calls if call[0] != BUDGET] != _expected(wanted, me, to):
        return "the bytes do not do what the body says"
    return ""


def _call(instruction: CompiledInstruction, keys: list[Pubkey]) -> Call:
    accounts = [keys[index] for index in instruction.accounts]
    return keys[instruction.program_id_index], accounts, instruction.data


def _fee(budget: list[bytes]) -> int:
    """Lamports: one signature, and the price of all units."""
    values = {data[0]: int.from_bytes(data[1:], "little") for data in budget}
    return 5_000 + -(-min(values.get(2, 1_400_000), 1_400_000) * values.get(3, 0) // 10**6)


@lru_cache(maxsize=1024)
def _associated(owner: Pubkey, mint: Pubkey) -> Pubkey:
    return get_associated_token_address(owner, mint)


def _expected(wanted: Meaning, me: Pubkey, to: Pubkey) -> list[Call]:
    amount = wanted.amount.to_bytes(8, "little")
    if wanted.asset == "SOL":
        return [(SYSTEM, [me, to], b"\x02\0\0\0" + amount)]
    mint = Pubkey.from_string(MINT)
    mine, theirs = (_associated(owner, mint) for owner in (me, to))
    return [
        (ASSOCIATED, [me, theirs, to, mint, SYSTEM, TOKEN], b"\x01"),
        (TOKEN, [mine, mint, theirs, me], b"\x0c" + amount + b"\x06"),
    ]
