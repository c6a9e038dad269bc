"""What no rule exceeds: the fee of a transaction, amounts of an asset, and the age of a destination."""

from collections.abc import Iterator
from typing import Final

from quorate.core.model.charter.policy_types import Rule
from quorate.core.policy.act import Act
from quorate.core.policy.case import Case
from quorate.core.policy.compiled import Compiled
from quorate.core.policy.match_values import age_ms, let_through

FEE: Final = "limit:fee"
AMOUNT: Final = "limit:amount"
DELAY: Final = "limit:new_destination_delay"
FEE_EXCESS: Final = "fee_excess"
VELOCITY: Final = "velocity"
NEW_DESTINATION_DELAY: Final = "new_destination_delay"


def exceeded(act: Act, case: Case, engine: Compiled) -> Iterator[tuple[str, str]]:
    """(limit, reason class) of each that this act exceeds. A destination that was never seen is judged by
    `is_new`.
    """
    if _fee_exceeded(case, engine):
        yield FEE, FEE_EXCESS
    delay, age = 1000 * engine.policy.new_destination_delay, age_ms(act, case)
    if age is not None and 0 <= age < delay:
        yield DELAY, NEW_DESTINATION_DELAY
    if not act.is_own and act.asset in engine.limits and _amount_exceeded(act, case, engine):
        yield AMOUNT, VELOCITY


def is_new(act: Act, case: Case, engine: Compiled, rule: Rule) -> bool:
    """Never seen before this request, and not named by the rule that matched it, where the policy wants
    destinations to be known for a while.
    """
    return engine.policy.new_destination_delay > 0 and age_ms(act, case, rule) == -1


def _fee_exceeded(case: Case, engine: Compiled) -> bool:
    chain = case.request.chain
    limit = engine.fee_limits.get(chain) or engine.fee_limits.get(chain.partition(":")[0])
    return limit is not None and (case.fee is None or case.fee > limit.max)


def _amount_exceeded(act: Act, case: Case, engine: Compiled) -> bool:
    """Own accounts are not counted: what moves between them is not gone. What has no bound exceeds any."""
    limit = engine.limits[act.asset or ""]
    if not act.bounded:
        return True
    amount = act.total or 0
    if limit.per_tx is not None and amount > limit.per_tx:
        return True
    if limit.seconds is None or limit.max is None:
        return False
    before = let_through((), act, case, case.now_ms - 1000 * limit.seconds)
    return before + amount > limit.max
