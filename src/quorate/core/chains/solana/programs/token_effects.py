"""Effects that the instructions of both token programs share."""

from typing import Final

from quorate.core.chains.effects import blind, effect
from quorate.core.chains.solana.instruction import NONE, Instruction
from quorate.core.chains.solana.programs.ids import TOKEN

TAG: Final = 1
"""Bytes of a tag, and of the selector that an effect shows."""
UNLIMITED: Final = (1 << 64) - 1
BURNED: Final = "burned"
STANDARDS: Final = {TOKEN: "spl"}


def standard(ins: Instruction) -> str:
    return STANDARDS.get(ins.program, "token2022")


def transferred(
    ins: Instruction,
    mint: str,
    source: str,
    to: str,
    amount: int,
    owner: str,
    signers: tuple[str, ...],
    **more: object,
) -> dict[str, object]:
    return effect(
        "token_transfer",
        standard=standard(ins),
        asset=mint,
        from_=source,
        to=to,
        amount=str(amount),
        owner=owner,
        multisig_signers=list(signers) or None,
        **more,
    )


def approved(
    ins: Instruction, mint: str, source: str, delegate: str, amount: int, owner: str, **more: object
) -> dict[str, object]:
    return effect(
        "approval",
        standard=standard(ins),
        asset=mint,
        spender=delegate,
        amount=str(amount),
        unlimited=amount == UNLIMITED,
        account=source,
        owner=owner,
        **more,
    )


def authority(
    ins: Instruction, account: str, kind: str, new: str | None, current: str | None = None
) -> dict[str, object]:
    return effect(
        "authority_change",
        account=account,
        authority_type=kind,
        current_authority=current,
        new_authority=new or NONE,
        program=standard(ins),
    )


def permission(account: str, value: str, **more: object) -> dict[str, object]:
    return effect("permission_update", account=account, permission=value, **more)


def mint_unknown(account: str) -> dict[str, object]:
    return blind("token_mint_not_in_bytes", account=account)
