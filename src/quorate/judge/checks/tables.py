"""The fixed order in which a session is judged: ready -> evidence -> bytes -> intent -> once -> policy ->
tally (docs/spec; architecture).

Each entry raises Refused with its name. The order is part of the interface: it decides which check a bad
session is refused by.
"""

from collections.abc import Callable
from typing import Final

from quorate.judge.checks import approvals, effect_once, frozen, policy, session, transaction
from quorate.judge.checks.case import Case

CaseCheck = Callable[[Case], None]

READY: Final[tuple[CaseCheck, ...]] = (
    session.log_writable,
    session.sentinel_quiet,
    frozen.frozen,
    session.charter_current,
    session.not_expired,
    session.clock_steady,
    session.key_certified,
)

EVIDENCE: Final[tuple[CaseCheck, ...]] = (approvals.vetoed,)

BYTES: Final[tuple[CaseCheck, ...]] = (
    transaction.attempt_form,
    transaction.raw_is_no_transaction,
    transaction.decodes,
    transaction.not_blind,
    transaction.effects_match,
    transaction.chain_match,
    transaction.sender_path,
    transaction.fee_ceiling,
    transaction.attempt_expiry,
)

ONCE: Final[tuple[CaseCheck, ...]] = (
    effect_once.attempt_fixed,
    effect_once.nonce_window,
    effect_once.nonce_conflict,
)

POLICY: Final[tuple[CaseCheck, ...]] = (
    frozen.assets_free,
    policy.policy,
    policy.counted_once,
    policy.policy_window,
    policy.approvals,
)

OPEN: Final = READY + EVIDENCE + BYTES + ONCE + POLICY
RELEASE: Final[tuple[CaseCheck, ...]] = (
    session.log_writable,
    session.sentinel_quiet,
    frozen.frozen,
    session.charter_current,
    session.not_expired,
    approvals.vetoed,
    effect_once.attempt_fixed,
    effect_once.nonce_conflict,
    frozen.assets_free,
    policy.policy_window,
    policy.approvals,
)
"""The judge's second yes: what may have changed since its vote, judged again with the entries it has learnt
since.
"""


PAYING: Final[frozenset[CaseCheck]] = frozenset(
    {
        session.charter_current,
        session.not_expired,
        approvals.vetoed,
        transaction.effects_match,
        *POLICY,
    }
)
"""What is not asked of bytes that pay nobody, and only take the place of others that could: whoever may not
pay any more may still take back.
"""


def judge(case: Case, table: tuple[CaseCheck, ...]) -> None:
    for step in table:
        if not (case.cancels and step in PAYING):
            step(case)
