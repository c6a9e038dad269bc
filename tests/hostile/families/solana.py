"""Solana messages, bit by bit and shape by shape. The server chooses them freely, without a seal."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.system_program import TransferParams, transfer

from quorate.core.chains import hd
from quorate.core.chains.solana.build import Fees, Token, build
from quorate.core.model.intent import Attempt, Effect
from tests.hostile.bodies import SOL, SPL
from tests.hostile.ceremony import EDDSA, MINT, OTHER_MINT, SOL_FEE_CAP
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    Shared,
    admitted,
    harmful,
    neutral,
    with_attempt,
)
from tests.hostile.world import Stage

EFFECTS, BLIND, DECODE, FEE = "effects_match", "blind", "decode", "fee_ceiling"
FORMAT: Final = "solana-message"
TOKEN: Final = Token("spl", MINT, 6)
TOKEN_PROGRAM: Final = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
MALLORY: Final = Pubkey(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
"""Public key of test 1 in RFC 8032."""
BLOCKHASH: Final = str(Hash(bytes(range(32))))
BUDGET: Final = Fees(100_000, 10_000)


@dataclass(frozen=True)
class Honest:
    """What an honest server would show, and what it is made of."""

    sender: str
    effect: Effect

    def bytes(self, **changes: object) -> bytes:
        token = TOKEN if self.effect.type == "token_transfer" else None
        arguments = {
            "source": self.sender, "token": token, "blockhash": BLOCKHASH, "fees": BUDGET,
            "fee_ceiling": 1 << 80, "effect": self.effect, **changes,
        }  # fmt: skip
        return build(**arguments)  # type: ignore[arg-type]


Bend = Callable[[Honest], bytes]


def families() -> list[Family]:
    return [
        Family("Solana: every bit, SOL", control(SOL), list(_bits(SOL, SOL_LAYOUT))),
        Family("Solana: every bit, SPL", control(SPL), list(_bits(SPL, SPL_LAYOUT))),
        Family("Solana: what is paid", control(SPL), list(_payments())),
        Family("Solana: what else is done", control(SOL), list(_extras())),
        Family("Solana: fee", _at_the_ceiling, list(_fees())),
    ]


def _honest(stage: Stage, flow: Flow) -> Honest:
    assert flow.intent is not None
    root = stage.certificates[EDDSA]
    key = hd.derive(root.curve, root.public_key, root.chain_code, flow.intent.path)
    return Honest(str(Pubkey(key)), flow.intent.effects[0])


def _attempt(stage: Stage, flow: Flow, bend: Bend) -> Attempt:
    assert flow.intent is not None
    return Attempt(flow.intent.hash, FORMAT, bend(_honest(stage, flow)))


def shown(shared: Shared, bend: Bend) -> Run:
    """The admitted request, opened with bent bytes."""
    return with_attempt(shared.flow, partial(_attempt, bend=bend))


def alone(kind: str, bend: Bend) -> Run:
    """The same on a request of its own: for bytes that may be signed."""
    return with_attempt(partial(admitted, kind=kind), partial(_attempt, bend=bend))


def control(kind: str) -> Run:
    return alone(kind, Honest.bytes)


# ---- bits


@dataclass(frozen=True)
class Layout:
    """Of an honest message: its length, and the places whose bits may be signed."""

    length: int
    free: frozenset[int]


def _layout(keys: int, length: int) -> Layout:
    """Free are the header, the blockhash, unit limit and price (their bits are in the family about fees)."""
    blockhash = 5 + 32 * keys
    calls = blockhash + 32 + 1
    budget = {*range(calls + 4, calls + 8), *range(calls + 12, calls + 20)}
    return Layout(length, frozenset({1, 2, 3, *range(blockhash, blockhash + 32), *budget}))


SOL_LAYOUT: Final = _layout(4, 204)
SPL_LAYOUT: Final = _layout(9, 374)


def _bits(kind: str, layout: Layout) -> Iterable[Mutation]:
    shared = Shared(kind)
    for at in range(layout.length):
        for bit in range(8):
            name = f"byte {at}, bit {bit}"
            if at not in layout.free:
                yield harmful(name, (DECODE, BLIND, EFFECTS, FEE), shown(shared, _flipped(at, bit)))
            elif at < 4:
                yield neutral(name, alone(kind, _flipped(at, bit)))
    yield neutral("another blockhash", alone(kind, _flipped(min(layout.free - {1, 2, 3}), 0)))


def _flipped(at: int, bit: int) -> Bend:
    def bend(honest: Honest) -> bytes:
        data = bytearray(honest.bytes())
        data[at] ^= 1 << bit
        return bytes(data)

    return bend


# ---- shapes


def _payments() -> Iterable[Mutation]:
    """Of SOL and of tokens: another destination, amount, mint, program, decimals, source."""
    for kind in (SOL, SPL):
        shared = Shared(kind)
        for name, bend in {
            "another destination": lambda h: h.bytes(effect=replace(h.effect, to=str(MALLORY))),
            "the sender itself": lambda h: h.bytes(effect=replace(h.effect, to=h.sender)),
            "one unit more": lambda h: h.bytes(effect=replace(h.effect, amount=h.effect.amount + 1)),
            "one unit less": lambda h: h.bytes(effect=replace(h.effect, amount=h.effect.amount - 1)),
            "another source": lambda h: h.bytes(source=str(MALLORY)),
            "another fee payer": lambda h: h.bytes(fee_payer=str(MALLORY)),
        }.items():
            yield harmful(f"{kind}: {name}", EFFECTS, shown(shared, bend))
    shared, other = Shared(SPL), replace(TOKEN, mint=OTHER_MINT)
    for name, bend in {
        "another mint": lambda h: h.bytes(effect=replace(h.effect, token=OTHER_MINT), token=other),
        "another program": lambda h: h.bytes(token=replace(TOKEN, standard="token2022")),
        "other decimals": lambda h: h.bytes(token=replace(TOKEN, decimals=9)),
        "SOL instead": lambda h: h.bytes(effect=Effect("native_transfer", h.effect.to, 1), token=None),
    }.items():
        yield harmful(f"spl: {name}", EFFECTS, shown(shared, bend))


def _extras() -> Iterable[Mutation]:
    shared = Shared(SOL)
    for name, expected, bend in _additions():
        yield harmful(name, expected, shown(shared, bend))
    yield harmful("a byte more", DECODE, shown(shared, lambda h: h.bytes() + b"\0"))
    yield harmful("signed already", DECODE, shown(shared, lambda h: b"\x01" + bytes(64) + h.bytes()))
    yield harmful("nothing", EFFECTS, shown(shared, lambda h: _message(h)))
    yield harmful("a memo", EFFECTS, shown(shared, lambda h: h.bytes(memo="for Mallory")))
    yield neutral("a legacy message", alone(SOL, _legacy))


def _additions() -> Iterator[tuple[str, str, Bend]]:
    """Behind the payment, and for a nonce before it."""
    nonce = (4).to_bytes(4, "little")

    def steal(me: Pubkey) -> Instruction:
        return transfer(TransferParams(from_pubkey=me, to_pubkey=MALLORY, lamports=1))

    yield "a second payment", EFFECTS, _behind(steal)
    for name, expected, program, data, accounts in (
        ("the account given away", EFFECTS, SYSTEM, b"\x01\0\0\0" + bytes(MALLORY), 0),
        ("a new token owner", EFFECTS, TOKEN_PROGRAM, b"\x06\x02\x01" + bytes(MALLORY), 1),
        ("a token account closed", EFFECTS, TOKEN_PROGRAM, b"\x09", 2),
        ("an approval", BLIND, TOKEN_PROGRAM, b"\x04" + bytes(8), 2),
        ("an unknown program", BLIND, MALLORY, b"\x01", 0),
        ("a nonce advanced", EFFECTS, SYSTEM, nonce, 2),
    ):
        yield name, expected, _behind(_call(program, data, accounts))
    first = _call(SYSTEM, nonce, 2)
    yield "a durable nonce", EFFECTS, lambda h: _message(h, first(_me(h)), _pay(h))


def _behind(make: Callable[[Pubkey], Instruction]) -> Bend:
    return lambda honest: _message(honest, _pay(honest), make(_me(honest)))


def _call(program: Pubkey, data: bytes, accounts: int) -> Callable[[Pubkey], Instruction]:
    """Signed by the account that pays, as the last of its accounts."""
    others = [AccountMeta(MALLORY, False, True)] * accounts
    return lambda me: Instruction(program, data, [*others, AccountMeta(me, True, True)])


def _me(honest: Honest) -> Pubkey:
    return Pubkey.from_string(honest.sender)


def _pay(honest: Honest) -> Instruction:
    to, amount = Pubkey.from_string(honest.effect.to), honest.effect.amount
    return transfer(TransferParams(from_pubkey=_me(honest), to_pubkey=to, lamports=amount))


def _message(honest: Honest, *instructions: Instruction) -> bytes:
    blockhash = Hash.from_string(BLOCKHASH)
    return to_bytes_versioned(MessageV0.try_compile(_me(honest), list(instructions), [], blockhash))


def _legacy(honest: Honest) -> bytes:
    blockhash = Hash.from_string(BLOCKHASH)
    return bytes(Message.new_with_blockhash([_pay(honest)], _me(honest), blockhash))


# ---- fees


RENT: Final = 2_039_280


def _most(kind: str) -> int:
    """The highest price of a unit, of a million, within the ceiling."""
    return SOL_FEE_CAP - 5_000 - (RENT if kind == SPL else 0)


def _fees() -> Iterable[Mutation]:
    for kind in (SOL, SPL):
        shared, most = Shared(kind), _most(kind)
        for price in (most + 1, SOL_FEE_CAP, (1 << 64) - 1, *(1 << bit for bit in range(24, 64))):
            yield harmful(f"{kind}: price {price}", FEE, shown(shared, _at(Fees(1_000_000, price))))
        for fees in (Fees(0, 0), Fees(1_400_000, 1), Fees(1_000_000, most)):
            yield neutral(f"{kind}: {fees.units} units at {fees.price}", alone(kind, _at(fees)))


def _at(fees: Fees) -> Bend:
    return lambda honest: honest.bytes(fees=fees)


async def _at_the_ceiling(stage: Stage) -> Outcome:
    return await alone(SPL, _at(Fees(1_000_000, _most(SPL))))(stage)
