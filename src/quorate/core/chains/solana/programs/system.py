"""System program: native transfers, accounts and durable nonces. Tag: u32, bincode.

Source: `solana-system-interface`, `SystemInstruction`.
"""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana import address
from quorate.core.chains.solana.instruction import (
    NONE,
    Data,
    Effects,
    Instruction,
    Table,
    Unreadable,
    decode_with,
    known_call,
)
from quorate.core.chains.solana.programs.ids import SYSTEM
from quorate.core.errors import QuorateError

TAG: Final = 4
ADVANCE_NONCE: Final = (4).to_bytes(TAG, "little")


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def advances_nonce(instruction: Instruction) -> bool:
    """Whether the runtime reads AdvanceNonceAccount here: it looks at the tag and no further."""
    return instruction.program == SYSTEM and instruction.data[:TAG] == ADVANCE_NONCE


def _create_account(ins: Instruction, data: Data) -> Effects:
    funder, account = ins.exactly(2)
    return _created(account, funder, data.unsigned(8), data.unsigned(8), data.key())


def _create_account_with_seed(ins: Instruction, data: Data) -> Effects:
    """Accounts: funder, account and, where it is not the funder, the base."""
    (funder, account), others = ins.between(2, 3)
    base, seed = data.key(), data.text()
    lamports, space, owner = data.unsigned(8), data.unsigned(8), data.key()
    if others not in ((), (base,)):
        raise Unreadable("the base is not among the accounts")
    return [*_created(account, funder, lamports, space, owner), *_derived(account, base, seed, owner)]


def _create_account_allow_prefund(ins: Instruction, data: Data) -> Effects:
    """SIMD-0312: the account may have coins already; without a funder it gets no more.

    Accounts: account, funder.
    """
    (account,), others = ins.between(1, 2)
    lamports, space, owner = data.unsigned(8), data.unsigned(8), data.key()
    if lamports and not others:
        raise Unreadable("nobody funds the account")
    created = _created(account, others[0] if others else NONE, lamports, space, owner)
    return created if others else created[:1]


def _created(account: str, funder: str, lamports: int, space: int, owner: str) -> Effects:
    """Both views of it: an account that `owner`, a program, controls, and the coins that go there."""
    return [
        effect("account_create", account=account, owner=owner, asset="SOL", funder=funder, space=space),
        _transfer_effect(funder, account, lamports),
    ]


def _assign(ins: Instruction, data: Data) -> Effects:
    (account,) = ins.exactly(1)
    return [_assigned(account, account, data.key())]


def _assign_with_seed(ins: Instruction, data: Data) -> Effects:
    account, base = ins.exactly(2)
    if data.key() != base:
        raise Unreadable("the base is not the account that signs")
    seed, owner = data.text(), data.key()
    return [_assigned(account, base, owner), *_derived(account, base, seed, owner)]


def _assigned(account: str, authority: str, owner: str) -> dict[str, object]:
    """A program that an account is given to may spend its coins."""
    return effect(
        "authority_change",
        account=account,
        authority_type="account_owner_program",
        current_authority=authority,
        new_authority=owner,
        program="system",
    )


def _allocate(ins: Instruction, data: Data) -> Effects:
    """An account with data can no longer send by Transfer: not harmless to a wallet, but it moves nothing."""
    (account,) = ins.exactly(1)
    return known_call(ins, TAG, "allocate", account=account, space=data.unsigned(8))


def _allocate_with_seed(ins: Instruction, data: Data) -> Effects:
    account, base = ins.exactly(2)
    if data.key() != base:
        raise Unreadable("the base is not the account that signs")
    seed, space, owner = data.text(), data.unsigned(8), data.key()
    return [
        *known_call(ins, TAG, "allocateWithSeed", account=account, space=space),
        _assigned(account, base, owner),
        *_derived(account, base, seed, owner),
    ]


def _transfer(ins: Instruction, data: Data) -> Effects:
    source, to = ins.exactly(2)
    return [_transfer_effect(source, to, data.unsigned(8))]


def _transfer_with_seed(ins: Instruction, data: Data) -> Effects:
    source, base, to = ins.exactly(3)
    lamports, seed, owner = data.unsigned(8), data.text(), data.key()
    return [
        _transfer_effect(source, to, lamports, authority=base),
        *_derived(source, base, seed, owner),
    ]


def _transfer_effect(source: str, to: str, lamports: int, **more: object) -> dict[str, object]:
    return effect("native_transfer", asset="SOL", from_=source, to=to, amount=str(lamports), **more)


def _derived(account: str, base: str, seed: str, owner: str) -> Effects:
    """Nothing, or what is wrong with an address that should be derived from base, seed and owner."""
    try:
        if account == address.with_seed(base, seed, owner):
            return []
    except QuorateError:  # the seed is too long, or the base comes from an unknown lookup table
        pass
    return [effect("inconsistent", reason="derived_address", account=account, base=base, seed=seed)]


def _advance_nonce(ins: Instruction, data: Data) -> Effects:
    """As first instruction it keeps the whole message valid until the nonce is advanced, however long."""
    nonce, _, authority = ins.exactly(3)
    if ins.position:
        return [effect("nonce_advance_not_first", nonce_account=nonce, position=ins.position)]
    return [effect("durable_nonce", nonce_account=nonce, nonce_authority=authority)]


def _withdraw_nonce(ins: Instruction, data: Data) -> Effects:
    """Accounts: nonce, recipient, recent blockhashes, rent, authority."""
    nonce, to, _, _, authority = ins.exactly(5)
    return [_transfer_effect(nonce, to, data.unsigned(8), authority=authority)]


def _initialize_nonce(ins: Instruction, data: Data) -> Effects:
    nonce, _, _ = ins.exactly(3)
    return [_nonce_authority(nonce, data.key())]


def _authorize_nonce(ins: Instruction, data: Data) -> Effects:
    nonce, authority = ins.exactly(2)
    return [_nonce_authority(nonce, data.key(), authority)]


def _nonce_authority(nonce: str, new: str, current: str | None = None) -> dict[str, object]:
    return effect(
        "authority_change",
        account=nonce,
        authority_type="nonce_authority",
        current_authority=current,
        new_authority=new,
        program="system",
    )


def _upgrade_nonce(ins: Instruction, data: Data) -> Effects:
    """Anybody may ask for it; it changes the form of the stored nonce."""
    (nonce,) = ins.exactly(1)
    return known_call(ins, TAG, "upgradeNonceAccount", account=nonce)


TABLE: Final[Table] = {
    0: _create_account,
    1: _assign,
    2: _transfer,
    3: _create_account_with_seed,
    4: _advance_nonce,
    5: _withdraw_nonce,
    6: _initialize_nonce,
    7: _authorize_nonce,
    8: _allocate,
    9: _allocate_with_seed,
    10: _assign_with_seed,
    11: _transfer_with_seed,
    12: _upgrade_nonce,
    13: _create_account_allow_prefund,
}
