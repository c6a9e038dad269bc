"""What counts against the windows once a request is let through: one asset to one address."""

from collections.abc import Sequence
from typing import NamedTuple

from quorate.core.model import tally
from quorate.core.model.charter.policy_types import Policy
from quorate.core.model.intent import CONTRACT_CALL, TYPED_MESSAGE, Intent
from quorate.core.policy.act import Act


class Moved(NamedTuple):
    """`amount` in the smallest unit."""

    destination: str
    asset: str
    amount: int


def moved(intent: Intent, acts: Sequence[Act], assets: frozenset[str]) -> tuple[Moved, ...]:
    """At least one. A transfer moves what the intent says; a call or a message what its acts do, of the
    charter's `assets`: each asset and address once. What has no bound is not counted, and no rule with an
    amount matches it.
    """
    _, _, _, destination, asset, amount, _ = tally.fields(intent)
    said = Moved(destination, asset, amount)
    if intent.operation not in (CONTRACT_CALL, TYPED_MESSAGE):
        return (said,)
    sums: dict[tuple[str, str], int] = {}
    for act in acts:
        if act.amount and act.asset in assets:
            place = act.to or "", act.asset or ""
            sums[place] = sums.get(place, 0) + act.amount
    return tuple(Moved(to, of, sum) for (to, of), sum in sorted(sums.items())) or (said,)


def windowed(policy: Policy, asset: str) -> int:
    """How far back anything looks for this asset, seconds; 0 when nothing does."""
    windows = [rule.window.seconds for rule in policy.rules if rule.window and asset in (rule.assets or ())]
    windows += [limit.seconds for limit in policy.limits if limit.seconds and limit.asset == asset]
    return max(windows, default=0)
