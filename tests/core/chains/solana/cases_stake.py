"""Stake and Vote programs."""

from quorate.core.chains.solana.programs import ids
from tests.core.chains.solana.cases import (
    CLOCK,
    DERIVED,
    HISTORY,
    RENT,
    SEED,
    STAKE_CONFIG,
    Case,
    Effect,
    authority,
    known_call,
    permission,
    pk,
    sol,
    u,
)
from tests.core.chains.solana.runtime import SOL, call, text

STAKER, WITHDRAWER, CUSTODIAN = "stake_staker", "stake_withdrawer", "stake_lockup_custodian"


def stake(accounts: str, tag: int, data: bytes, *effects: Effect) -> Case:
    return Case(call(ids.STAKE, accounts, u(4, tag) + data), effects)


def vote(accounts: str, tag: int, data: bytes, *effects: Effect) -> Case:
    return Case(call(ids.VOTE, accounts, u(4, tag) + data), effects)


def role(kind: str, new: str, current: str | None = "alice", account: str = "stake") -> dict[str, object]:
    return authority(account, kind, new, "stake", current)


def vote_role(kind: str, new: str, current: str | None = "alice") -> dict[str, object]:
    return authority("vote", kind, new, "vote", current)


def withdrawn(amount: int, **more: object) -> dict[str, object]:
    made = {"type": "stake_withdraw", "account": text("stake2"), "to": text("bob"), "amount": str(amount)}
    return {**made, "authority": text("alice"), **more}


def deactivated(by: str) -> dict[str, object]:
    return {"type": "stake_deactivate", "account": text("stake"), "authority": by}


ALICE = {"authority": text("alice")}
LOCKUP_NOW = {"unix_timestamp": -1, "epoch": 7, "custodian": text("carol"), "authority": text("alice")}
NO_LOCKUP = {"unix_timestamp": 0, "epoch": 0, "custodian": ids.SYSTEM, "authority": "none"}

CASES = {
    "initialize": stake(
        f"stake+ {RENT}",
        0,
        pk("alice") + pk("alice") + u(8, 0) + u(8, 0) + bytes(32),
        role(STAKER, "alice", None),
        role(WITHDRAWER, "alice", None),
        permission("stake", "stake_lockup", **NO_LOCKUP),
    ),
    "initialize_checked": stake(
        f"stake2+ {RENT} alice alice*",
        9,
        b"",
        role(STAKER, "alice", None, "stake2"),
        role(WITHDRAWER, "alice", None, "stake2"),
    ),
    "authorize_staker": stake(f"stake+ {CLOCK} alice*", 1, pk("bob") + u(4, 0), role(STAKER, "bob")),
    "authorize_derived": stake(f"stake+ {CLOCK} alice*", 1, pk(DERIVED) + u(4, 1), role(WITHDRAWER, DERIVED)),
    "authorize_with_custodian": stake(
        f"stake+ {CLOCK} alice* carol*",
        1,
        pk("bob") + u(4, 1),
        role(WITHDRAWER, "bob") | {"custodian": text("carol")},
    ),
    "authorize_checked": stake(f"stake+ {CLOCK} alice* alice*", 10, u(4, 0), role(STAKER, "alice")),
    "authorize_with_seed": stake(
        f"stake+ alice* {CLOCK}",
        8,
        pk("alice") + u(4, 1) + SEED + pk("program"),
        role(WITHDRAWER, "alice", DERIVED),
    ),
    "authorize_checked_with_seed": stake(
        f"stake+ alice* {CLOCK} alice*",
        11,
        u(4, 1) + SEED + pk("program"),
        role(WITHDRAWER, "alice", DERIVED),
    ),
    "delegate": stake(
        f"stake+ vote {CLOCK} {HISTORY} {STAKE_CONFIG} alice*",
        2,
        b"",
        {"type": "stake_delegate", "account": text("stake"), "vote": text("vote"), **ALICE},
    ),
    "deactivate": stake(f"stake+ {CLOCK} alice*", 5, b"", deactivated(text("alice"))),
    "deactivate_delinquent": stake("stake+ vote vote2", 14, b"", deactivated("none")),
    "withdraw": stake(f"stake2+ bob+ {CLOCK} {HISTORY} alice*", 4, u(8, SOL), withdrawn(SOL)),
    "withdraw_with_custodian": stake(
        f"stake2+ bob+ {CLOCK} {HISTORY} alice* carol*", 4, u(8, SOL), withdrawn(SOL, custodian=text("carol"))
    ),
    "split": stake(
        "stake2+ stake3+ alice*",
        3,
        u(8, 2 * SOL),
        sol("stake2", "stake3", 2 * SOL, **ALICE, method="stake_split"),
    ),
    "merge": stake(
        f"stake2+ stake3+ {CLOCK} {HISTORY} alice*",
        7,
        b"",
        {
            "type": "account_close",
            "account": text("stake3"),
            "to": text("stake2"),
            "program": "stake",
            **ALICE,
        },
    ),
    "move_stake": stake(
        "stake2+ stake3+ alice*", 16, u(8, SOL), sol("stake2", "stake3", SOL, **ALICE, method="stake_move")
    ),
    "move_lamports": stake(
        "stake2+ stake3+ alice*",
        17,
        u(8, SOL),
        sol("stake2", "stake3", SOL, **ALICE, method="stake_move_lamports"),
    ),
    "lockup": stake(
        "stake+ alice*",
        6,
        b"\x01" + b"\xff" * 8 + b"\x01" + u(8, 7) + b"\x01" + pk("carol"),
        permission("stake", "stake_lockup", **LOCKUP_NOW),
        role(CUSTODIAN, "carol"),
    ),
    "lockup_unchanged": stake("stake+ alice*", 6, bytes(3), permission("stake", "stake_lockup", **ALICE)),
    "lockup_checked": stake(
        "stake+ alice* carol*",
        12,
        b"\x01" + b"\xff" * 8 + b"\x01" + u(8, 7),
        permission("stake", "stake_lockup", **LOCKUP_NOW),
        role(CUSTODIAN, "carol"),
    ),
    "minimum_delegation": stake("", 13, b"", known_call(ids.STAKE, "0x0d000000", "getMinimumDelegation")),
    "vote_initialize": vote(
        f"vote+ {RENT} {CLOCK} node*",
        0,
        pk("node") + pk("alice") + pk("alice") + b"\x05",
        vote_role("vote_identity", "node", None),
        vote_role("vote_voter", "alice", None),
        vote_role("vote_withdrawer", "alice", None),
        permission("vote", "commission", percent=5),
    ),
    "vote_authorize": vote(f"vote+ {CLOCK} alice*", 1, pk("bob") + u(4, 0), vote_role("vote_voter", "bob")),
    "vote_authorize_derived": vote(
        f"vote+ {CLOCK} alice*", 1, pk(DERIVED) + u(4, 1), vote_role("vote_withdrawer", DERIVED)
    ),
    "vote_authorize_checked": vote(
        f"vote+ {CLOCK} alice* alice*", 7, u(4, 1), vote_role("vote_withdrawer", "alice")
    ),
    "vote_authorize_with_seed": vote(
        f"vote+ {CLOCK} alice*",
        10,
        u(4, 1) + pk("program") + SEED + pk("alice"),
        vote_role("vote_withdrawer", "alice", DERIVED),
    ),
    "vote_authorize_checked_with_seed": vote(
        f"vote+ {CLOCK} alice* bob*",
        11,
        u(4, 1) + pk("program") + SEED,
        vote_role("vote_withdrawer", "bob", DERIVED),
    ),
    "vote_withdraw": vote("vote+ bob+ alice*", 3, u(8, SOL), sol("vote", "bob", SOL, **ALICE)),
    "vote_identity": vote("vote+ node* alice*", 4, b"", vote_role("vote_identity", "node")),
    "vote_commission": vote("vote+ alice*", 5, b"\x01", permission("vote", "commission", percent=1, **ALICE)),
}
