"""A machine approver's own rules: a policy of its own, which knows nothing of the charter's.

`allow` approves, a rule with verdict `refuse` rejects, and everything else is no answer: what no rule names
is left to others. Windows count what this approver approved itself, by its own record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quorate.client.approver.answer import APPROVE, IGNORE, REJECT, Answer
from quorate.client.approver.asked import Asked
from quorate.client.approver.record import Record
from quorate.client.ceremony import files
from quorate.core.evidence import approval
from quorate.core.model.charter import Asset, Policy
from quorate.core.model.charter.policy import read_policy
from quorate.core.model.intent import CONTRACT_CALL, TYPED_MESSAGE
from quorate.core.policy import (
    TallyLine,
    TallyView,
    decide,
    effects_of,
    explain,
    from_intent,
)
from quorate.core.policy.parse import policy_from_yaml

REFUSE: Final = "refuse"


def read(path: Path, assets: tuple[Asset, ...]) -> Policy:
    """Raises QuorateError, with the place of what is wrong."""
    return read_policy(policy_from_yaml(files.read(path).decode(), assets), str(path))


@dataclass(frozen=True, slots=True)
class Rules:
    """`clock`: Unix seconds. A call or a typed message is for other approvers: rules are asked about what an
    intent says in words, and of these it says nothing.
    """

    policy: Policy
    record: Record
    clock: Callable[[], float]

    def ask(self, asked: Asked, request_id: str) -> Answer:
        """Always an answer."""
        intent, now_ms = asked.intent, int(1000 * self.clock())
        if intent.operation in (CONTRACT_CALL, TYPED_MESSAGE):
            return Answer(IGNORE, "rules", f"rules do not judge a {intent.operation}")
        tally = TallyView(lines=self._approved())
        evidence = approval.for_policy(asked.charter, intent.user, ())
        decision = decide(self.policy, from_intent(intent), effects_of(intent), evidence, tally, now_ms)
        return Answer(self._action(decision.allowed, decision.rule), "rules", explain.lines(decision)[0])

    def _action(self, allowed: bool, decided: str) -> str:
        if allowed:
            return APPROVE
        refusing = {rule.name for rule in self.policy.rules if rule.verdict == REFUSE}
        return REJECT if decided in refusing else IGNORE

    def _approved(self) -> list[TallyLine]:
        return [
            TallyLine(
                bytes.fromhex(entry["intent"]),
                entry["user"],
                entry["source"],
                entry["destination"],
                entry["asset"],
                int(entry["amount"]),
                entry["time_ms"],
            )
            for entry in self.record.answers.values()
            if entry["action"] == APPROVE
        ]
