"""One request at one moment, as the fields of rules and the limits look at it."""

from collections.abc import Callable
from dataclasses import dataclass

from quorate.core.policy.act import Act
from quorate.core.policy.request import Evidence, PolicyRequest, TallyView


@dataclass(frozen=True, slots=True)
class Case:
    """One request at one moment: what fields look at beside the act. `fee` as `acts.max_fee`."""

    request: PolicyRequest
    evidence: Evidence
    tally: TallyView
    fee: int | None
    now_ms: int


Predicate = Callable[[Act, Case], bool]
