"""Prohibitions, limits, ordered rules: the first match decides, nothing matched means refused.

Time, tally and evidence are arguments (docs/spec/policy.md).
"""

from quorate.core.policy.addresses import AddressBook
from quorate.core.policy.decide import decide
from quorate.core.policy.request import (
    Approval,
    Decision,
    Evidence,
    PolicyRequest,
    TallyLine,
    TallyView,
    effects_of,
    from_intent,
)

__all__ = [
    "AddressBook",
    "Approval",
    "Decision",
    "Evidence",
    "PolicyRequest",
    "TallyLine",
    "TallyView",
    "decide",
    "effects_of",
    "from_intent",
]
