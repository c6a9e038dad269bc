"""System program: the instructions come from `solders`, so that their bytes are not ours."""

from solders import system_program as sp

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.cases import (
    DERIVED,
    SEED,
    Case,
    Effect,
    authority,
    known_call,
    pk,
    sol,
    u,
)
from tests.core.chains.solana.runtime import call, key, text

ALICE, BOB, PROGRAM, NONCE = key("alice"), key("bob"), key("program"), key("nonce")
DERIVED_KEY = key(DERIVED)


def created(account: str, funder: str, amount: int, space: int, owner: str) -> tuple[Effect, ...]:
    made = {"type": "account_create", "account": text(account), "owner": text(owner)}
    more = {"asset": "SOL", "funder": text(funder), "space": space}
    return ({**made, **more}, sol(funder, account, amount))


def owner_program(account: str, signer: str) -> dict[str, object]:
    return authority(account, "account_owner_program", "program", "system", signer)


CASES = {
    "create": Case(
        sp.create_account(
            sp.CreateAccountParams(
                from_pubkey=ALICE, to_pubkey=key("new"), lamports=2_000_000, space=9, owner=PROGRAM
            )
        ),
        created("new", "alice", 2_000_000, 9, "program"),
    ),
    "create_allow_prefund": Case(
        sp.create_account_allow_prefund(
            sp.CreateAccountAllowPrefundParams(
                new_account=key("new2"), payer=ALICE, lamports=2_000_000, space=9, owner=PROGRAM
            )
        ),
        created("new2", "alice", 2_000_000, 9, "program"),
    ),
    "create_with_seed": Case(
        sp.create_account_with_seed(
            sp.CreateAccountWithSeedParams(
                from_pubkey=BOB,
                to_pubkey=DERIVED_KEY,
                base=ALICE,
                seed="seed",
                lamports=2_000_000,
                space=9,
                owner=PROGRAM,
            )
        ),
        created(DERIVED, "bob", 2_000_000, 9, "program"),
    ),
    "assign": Case(
        sp.assign(sp.AssignParams(pubkey=key("assigned"), owner=PROGRAM)),
        (owner_program("assigned", "assigned"),),
    ),
    "assign_with_seed": Case(
        sp.assign_with_seed(
            sp.AssignWithSeedParams(address=DERIVED_KEY, base=ALICE, seed="seed", owner=PROGRAM)
        ),
        (owner_program(DERIVED, "alice"),),
    ),
    "transfer": Case(
        sp.transfer(sp.TransferParams(from_pubkey=ALICE, to_pubkey=BOB, lamports=7_000_000)),
        (sol("alice", "bob", 7_000_000),),
    ),
    "transfer_with_seed": Case(
        sp.transfer_with_seed(
            sp.TransferWithSeedParams(
                from_pubkey=DERIVED_KEY,
                from_base=ALICE,
                from_seed="seed",
                from_owner=PROGRAM,
                to_pubkey=BOB,
                lamports=8_000_000,
            )
        ),
        (sol(DERIVED, "bob", 8_000_000, authority=text("alice")),),
    ),
    "allocate": Case(
        sp.allocate(sp.AllocateParams(pubkey=key("allocated"), space=5)),
        (known_call(ids.SYSTEM, "0x08000000", "allocate", account=text("allocated"), space=5),),
    ),
    "allocate_with_seed": Case(
        sp.allocate_with_seed(
            sp.AllocateWithSeedParams(address=DERIVED_KEY, base=ALICE, seed="seed", space=5, owner=PROGRAM)
        ),
        (
            known_call(ids.SYSTEM, "0x09000000", "allocateWithSeed", account=DERIVED, space=5),
            owner_program(DERIVED, "alice"),
        ),
    ),
    "nonce_initialize": Case(
        sp.initialize_nonce_account(sp.InitializeNonceAccountParams(nonce_pubkey=NONCE, authority=ALICE)),
        (authority("nonce", "nonce_authority", "alice", "system"),),
    ),
    "nonce_authorize": Case(
        sp.authorize_nonce_account(
            sp.AuthorizeNonceAccountParams(nonce_pubkey=NONCE, authorized_pubkey=ALICE, new_authority=BOB)
        ),
        (authority("nonce", "nonce_authority", "bob", "system", "alice"),),
    ),
    "nonce_advance": Case(
        sp.advance_nonce_account(sp.AdvanceNonceAccountParams(nonce_pubkey=NONCE, authorized_pubkey=BOB)),
        ({"type": "durable_nonce", "nonce_account": text("nonce"), "nonce_authority": text("bob")},),
    ),
    "nonce_withdraw": Case(
        sp.withdraw_nonce_account(
            sp.WithdrawNonceAccountParams(
                nonce_pubkey=NONCE, authorized_pubkey=BOB, to_pubkey=ALICE, lamports=10
            )
        ),
        (sol("nonce", "alice", 10, authority=text("bob")),),
    ),
    "nonce_upgrade": Case(
        call(ids.SYSTEM, "nonce+", u(4, 12)),
        (known_call(ids.SYSTEM, "0x0c000000", "upgradeNonceAccount", account=text("nonce")),),
    ),
    "create_without_funder": Case(
        call(ids.SYSTEM, "new3*+", u(4, 13) + u(8, 0) + u(8, 9) + pk("program")),
        (
            {
                "type": "account_create",
                "account": text("new3"),
                "owner": text("program"),
                "asset": "SOL",
                "funder": "none",
                "space": 9,
            },
        ),
    ),
    "create_with_seed_by_its_base": Case(
        call(
            ids.SYSTEM,
            f"alice*+ {DERIVED}+",
            u(4, 3) + pk("alice") + SEED + u(8, 2_000_000) + u(8, 9) + pk("program"),
        ),
        created(DERIVED, "alice", 2_000_000, 9, "program"),
    ),
}
