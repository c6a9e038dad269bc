"""Solana message -> what it does, and what a judge must know besides.

Strict: `message.parse` refuses what is not one canonical message. An instruction of a known program that is
not exactly one of it, an unknown program, and an account of a lookup table that is not trusted are `blind`.
A message does not say for which cluster it is: the blockhash alone ties it to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from quorate.core.chains.effects import Decoded, Digest, Effect, blind, effect
from quorate.core.chains.solana import address
from quorate.core.chains.solana.instruction import UNKNOWN, Instruction
from quorate.core.chains.solana.message import Compiled, Lookup, Message, malformed, parse
from quorate.core.chains.solana.programs import registry, system
from quorate.core.chains.solana.programs.compute_budget import budget
from quorate.core.chains.solana.programs.ids import PRECOMPILES

FORMAT: Final = "solana-message"
ALGORITHM: Final = "none (Ed25519 signs the message bytes); sha256 given for identification"
LAMPORTS_PER_SIGNATURE: Final = 5000

Tables = Mapping[str, Sequence[str]]
"""Lookup tables that are trusted: the table's address -> the addresses in it, from place 0."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A decoded message.

    `fee` is the most that is charged, in lamports. `is_durable_nonce`: the `blockhash` is a stored nonce, and
    the message then does not expire with its blockhash, after 150 slots (about a minute), but stays valid
    until the nonce is advanced.
    """

    message: Message
    decoded: Decoded
    fee_payer: str
    signers: tuple[str, ...]
    blockhash: str
    is_durable_nonce: bool
    fee: int


def decode_message(data: bytes, tables: Tables, *, cluster: str | None = None) -> Decoded:
    """Effects and digest of a message; `cluster` is the caller's knowledge. Raises what `decode` raises."""
    return decode(data, tables, cluster=cluster).decoded


def decode(data: bytes, tables: Tables, *, cluster: str | None = None) -> Transaction:
    """What the bytes are and do.

    Raises QuorateError: trailing_bytes; malformed_transaction (not one canonical message, an address twice,
    or a compute budget that leaves the fee open); address (a trusted table holds something else).
    """
    message = parse(data)
    instructions = _instructions(message, _accounts(message, tables))
    durable = bool(instructions) and system.advances_nonce(instructions[0])
    fee = _fee(message, instructions)
    effects: list[Effect] = [made for instruction in instructions for made in registry.effects(instruction)]
    if durable and effects[0]["type"] != "durable_nonce":
        effects.append(_durable(instructions[0]))
    effects += [_unresolved(lookup) for lookup in message.lookups if not _trusted(lookup, tables)]
    effects.append(effect("fee", asset="SOL", amount=str(fee), payer=message.keys[0]))
    return Transaction(
        message=message,
        decoded=_decoded(data, tuple(effects), cluster),
        fee_payer=message.keys[0],
        signers=message.signers,
        blockhash=message.blockhash,
        is_durable_nonce=durable,
        fee=fee,
    )


def _durable(instruction: Instruction) -> Effect:
    """The runtime looks at the tag alone: an instruction that is not exactly the right one counts too."""
    nonce = instruction.accounts[0] if instruction.accounts else UNKNOWN
    return effect("durable_nonce", nonce_account=nonce, nonce_authority=UNKNOWN)


def _decoded(data: bytes, effects: tuple[Effect, ...], cluster: str | None) -> Decoded:
    chain = {"family": "solana"} if cluster is None else {"family": "solana", "cluster": cluster}
    return Decoded(FORMAT, chain, effects, (Digest(ALGORITHM, sha256(data).hexdigest(), {}),))


def _accounts(message: Message, tables: Tables) -> tuple[str, ...]:
    """All accounts in the runtime's order: the message's own, looked-up writable ones, looked-up others."""
    writable = [_looked_up(look.table, index, tables) for look in message.lookups for index in look.writable]
    readonly = [_looked_up(look.table, index, tables) for look in message.lookups for index in look.readonly]
    accounts = (*message.keys, *writable, *readonly)
    if len(set(accounts)) != len(accounts):
        raise malformed("a lookup table gives an address that is there already")
    return accounts


def _looked_up(table: str, index: int, tables: Tables) -> str:
    known = tables.get(table, ())
    if index >= len(known):
        return f"lookup:{table}:{index}"
    address.parse(known[index])
    return known[index]


def _trusted(lookup: Lookup, tables: Tables) -> bool:
    return max(lookup.writable + lookup.readonly) < len(tables.get(lookup.table, ()))


def _unresolved(lookup: Lookup) -> Effect:
    return blind("unresolved_lookup_table", table=lookup.table)


def _instructions(message: Message, accounts: tuple[str, ...]) -> list[Instruction]:
    return [
        _instruction(position, compiled, message.signatures, accounts)
        for position, compiled in enumerate(message.instructions)
    ]


def _instruction(
    position: int, compiled: Compiled, signatures: int, accounts: tuple[str, ...]
) -> Instruction:
    return Instruction(
        position,
        accounts[compiled.program],
        tuple(accounts[index] for index in compiled.accounts),
        tuple(index < signatures for index in compiled.accounts),
        compiled.data,
    )


def _fee(message: Message, instructions: list[Instruction]) -> int:
    """5000 lamports a signature, those that precompiles verify included, and the priority fee."""
    verified = sum(i.data[0] for i in instructions if i.program in PRECOMPILES and i.data)
    return LAMPORTS_PER_SIGNATURE * (message.signatures + verified) + budget(instructions).priority_fee
