"""Payment + blockhash -> the unsigned message, version 0 without lookup tables.

Used by the server. Addresses, instructions and bytes come from the `solders` library; signers read the result
with their own parser and decoder, which share no code with this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash, ParseHashError
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.system_program import TransferParams, transfer

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Effect

T = TypeVar("T")

ASSOCIATED_TOKEN: Final = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
MEMO: Final = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
TOKEN_PROGRAMS: Final = {
    "spl": Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
    "token2022": Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"),
}
MAX_PACKET: Final = 1232
MAX_AMOUNT: Final = (1 << 64) - 1
_CREATE_IDEMPOTENT: Final = b"\x01"
_TRANSFER_CHECKED: Final = b"\x0c"


@dataclass(frozen=True, slots=True)
class Token:
    """`standard` is spl or token2022; `mint` in base58."""

    standard: str
    mint: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Fees:
    """Compute units at most, and the price of one in millionths of a lamport."""

    units: int
    price: int

    def total(self, signatures: int) -> int:
        """Lamports: 5000 a signature, and the priority fee rounded up."""
        return 5000 * signatures + -(-self.units * self.price // 1_000_000)


def build(
    effect: Effect,
    *,
    source: str,
    token: Token | None,
    blockhash: str,
    fees: Fees,
    fee_ceiling: int,
    fee_payer: str | None = None,
    memo: str | None = None,
) -> bytes:
    """The bytes that `source`, and `fee_payer` where another pays, sign.

    `source` and `effect.to` are wallets. Tokens go between their associated token accounts; the recipient's
    is created where it is missing, and the fee payer pays its rent (about 0.002 SOL) besides the fee. The
    creation also makes the payment fail if that account was given to somebody else.

    Raises QuorateError: unbuildable (effect and token do not belong together, an amount out of range, a
    recipient of tokens that no key controls, a memo too long or not UTF-8), fee_ceiling, address, blockhash.
    """
    owner = _read(Pubkey.from_string, source, "address")
    payer = owner if fee_payer is None else _read(Pubkey.from_string, fee_payer, "address")
    _check_fees(fees, 1 if payer == owner else 2, fee_ceiling)
    payment = _payment(effect, token, owner, payer)
    if memo is not None:
        # right before the transfer: accounts that require a memo look there
        payment.insert(-1, _memo(memo, owner))
    budget = [set_compute_unit_limit(fees.units), set_compute_unit_price(fees.price)]
    recent = _read(Hash.from_string, blockhash, "blockhash")
    return _packed(MessageV0.try_compile(payer, [*budget, *payment], [], recent))


def _memo(text: str, signer: Pubkey) -> Instruction:
    try:
        return Instruction(MEMO, text.encode(), [AccountMeta(signer, True, False)])
    except UnicodeEncodeError:
        raise _unbuildable("the memo has no UTF-8 form") from None


def _payment(effect: Effect, token: Token | None, owner: Pubkey, payer: Pubkey) -> list[Instruction]:
    to = _read(Pubkey.from_string, effect.to, "address")
    if not 1 <= effect.amount <= MAX_AMOUNT:
        raise _unbuildable(f"an amount of {effect.amount} has no place in 64 bits")
    if token is None and effect.type == "native_transfer":
        params = TransferParams(from_pubkey=owner, to_pubkey=to, lamports=effect.amount)
        return [transfer(params)]
    if token is None or effect.type != "token_transfer" or effect.token != token.mint:
        raise _unbuildable("the effect does not move this token")
    if not to.is_on_curve():
        raise _unbuildable(f"{effect.to} is no wallet: tokens sent to accounts of accounts are lost")
    return _token_payment(token, owner, to, payer, effect.amount)


def _token_payment(token: Token, owner: Pubkey, to: Pubkey, payer: Pubkey, amount: int) -> list[Instruction]:
    program, mint = _program(token), _read(Pubkey.from_string, token.mint, "address")
    source, destination = _account(owner, mint, program), _account(to, mint, program)
    create = Instruction(
        ASSOCIATED_TOKEN,
        _CREATE_IDEMPOTENT,
        [
            AccountMeta(payer, True, True),
            AccountMeta(destination, False, True),
            AccountMeta(to, False, False),
            AccountMeta(mint, False, False),
            AccountMeta(SYSTEM, False, False),
            AccountMeta(program, False, False),
        ],
    )
    move = Instruction(
        program,
        _TRANSFER_CHECKED + amount.to_bytes(8, "little") + bytes([token.decimals]),
        [
            AccountMeta(source, False, True),
            AccountMeta(mint, False, False),
            AccountMeta(destination, False, True),
            AccountMeta(owner, True, False),
        ],
    )
    return [create, move]


def associated_account(owner: str, token: Token) -> str:
    """Where tokens of a wallet lie. Raises QuorateError: address; unbuildable (no token standard)."""
    wallet, mint = (_read(Pubkey.from_string, text, "address") for text in (owner, token.mint))
    return str(_account(wallet, mint, _program(token)))


def _program(token: Token) -> Pubkey:
    if token.standard not in TOKEN_PROGRAMS or not 0 <= token.decimals <= 255:
        raise _unbuildable(f"{token.standard} with {token.decimals} decimals is no token standard")
    return TOKEN_PROGRAMS[token.standard]


def _account(owner: Pubkey, mint: Pubkey, program: Pubkey) -> Pubkey:
    """The associated token account."""
    return Pubkey.find_program_address([bytes(owner), bytes(program), bytes(mint)], ASSOCIATED_TOKEN)[0]


def _check_fees(fees: Fees, signatures: int, ceiling: int) -> None:
    if not 0 <= fees.units <= 1_400_000 or not 0 <= fees.price <= MAX_AMOUNT:
        raise _unbuildable("compute units or their price are out of range")
    if fees.total(signatures) > ceiling:
        raise QuorateError(
            "fee_ceiling", f"a fee of {fees.total(signatures)} exceeds the ceiling of {ceiling}", "state"
        )


def _packed(message: MessageV0) -> bytes:
    data = to_bytes_versioned(message)
    if 1 + 64 * message.header.num_required_signatures + len(data) > MAX_PACKET:
        raise _unbuildable(f"with its signatures the message is longer than {MAX_PACKET} bytes")
    return data


def _read(parse: Callable[[str], T], text: str, code: str) -> T:
    try:
        return parse(text)
    except (ValueError, ParseHashError):
        raise QuorateError(code, f"{text[:64]!r} is not base58 of 32 bytes") from None


def _unbuildable(message: str) -> QuorateError:
    return QuorateError("unbuildable", message, "bug")
