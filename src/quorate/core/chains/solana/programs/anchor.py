"""Programs made with Anchor: instructions are told apart by 8 bytes, sha256("global:" + name)[0:8].

Squads (version 4) keeps a multisig's transactions in accounts of the chain: a vote for one, and its
execution, show nothing of what it does. They are named here and stay blind. Drift's `update_admin` is read:
it is how that protocol was given away. All other calls of these programs, and all of unknown ones, are blind.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import (
    Data,
    Effects,
    Instruction,
    Table,
    decode_with,
    unknown_call,
)

TAG: Final = 8


def discriminator(name: str) -> int:
    return int.from_bytes(sha256(f"global:{name}".encode()).digest()[:TAG], "little")


SQUADS: Final[Mapping[int, str]] = {
    discriminator(name): name
    for name in (
        "batch_accounts_close",
        "batch_add_transaction",
        "batch_create",
        "batch_execute_transaction",
        "config_transaction_accounts_close",
        "config_transaction_create",
        "config_transaction_execute",
        "multisig_add_member",
        "multisig_add_spending_limit",
        "multisig_change_threshold",
        "multisig_create_v2",
        "multisig_remove_member",
        "multisig_remove_spending_limit",
        "multisig_set_config_authority",
        "multisig_set_rent_collector",
        "multisig_set_time_lock",
        "proposal_activate",
        "proposal_approve",
        "proposal_cancel",
        "proposal_cancel_v2",
        "proposal_create",
        "proposal_reject",
        "spending_limit_use",
        "vault_batch_transaction_account_close",
        "vault_transaction_accounts_close",
        "vault_transaction_create",
        "vault_transaction_create_from_buffer",
        "vault_transaction_execute",
    )
}


def unknown(instruction: Instruction) -> Effects:
    """Any program that has no file here; most are Anchor's, so the first 8 bytes are the selector."""
    return unknown_call(instruction, "unknown_program", TAG)


def squads(instruction: Instruction) -> Effects:
    tag = int.from_bytes(instruction.data[:TAG], "little")
    return unknown_call(instruction, "stored_instructions", TAG, SQUADS.get(tag))


def drift(instruction: Instruction) -> Effects:
    return decode_with(DRIFT, TAG, instruction)


def _update_admin(ins: Instruction, data: Data) -> Effects:
    """Accounts: admin, state."""
    admin, state = ins.exactly(2)
    return [
        effect(
            "authority_change",
            account=state,
            authority_type="program_admin",
            current_authority=admin,
            new_authority=data.key(),
            program="drift",
            method="update_admin(Pubkey)",
        )
    ]


DRIFT: Final[Table] = {discriminator("update_admin"): _update_admin}
