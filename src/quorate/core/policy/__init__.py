"""Ordered rules: the first match decides, nothing matched means refused. Time and tally are arguments."""

from quorate.core.policy.decide import decide
from quorate.core.policy.request import Decision, PolicyRequest, TallyLine, from_intent

__all__ = ["Decision", "PolicyRequest", "TallyLine", "decide", "from_intent"]
