"""A machine approver's own rules: a policy of its own, over what signers see of a request.

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
from quorate.core.chains.effects import Effect
from quorate.core.evidence import approval
from quorate.core.model.charter import Asset, Policy
from quorate.core.model.charter.policy import read_policy
from quorate.core.policy import (
    TallyLine,
    TallyView,
    decide,
    explain,
)
from quorate.core.policy.parse import policy_from_yaml

REFUSE: Final = "refuse"


def read(path: Path, assets: tuple[Asset, ...]) -> Policy:
    """Raises QuorateError, with the place of what is wrong."""
    return read_policy(policy_from_yaml(files.read(path).decode(), assets), str(path))


@dataclass(frozen=True, slots=True)
class Rules:
    """`clock`: Unix seconds. Rules are asked as a signer's policy is: about what the exact bytes or messages
    do, with the charter's whitelist, lists and groups.
    """

    policy: Policy
    record: Record
    clock: Callable[[], float]

    def ask(self, asked: Asked, request_id: str) -> Answer:
        """Raises QuorateError of the decoder; no_key."""
        lines = self._approved()
        request = asked.subject.request(familiar=[line.destination for line in lines if line.destination])
        evidence = approval.for_policy(asked.charter, asked.intent.user, ())
        decision = decide(
            self.policy, request, _covered(asked), evidence, TallyView(lines), int(1000 * self.clock())
        )
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
                one["destination"],
                one["asset"],
                int(one["amount"]),
                entry["time_ms"],
            )
            for entry in self.record.answers.values()
            if entry["action"] == APPROVE
            for one in entry.get("moved", (entry,))
        ]


def _covered(asked: Asked) -> tuple[Effect, ...]:
    """What a statement about the request covers: what the bytes do, at the highest fee that the request
    allows. Other bytes may be signed than those shown, under the same ceiling.
    """
    highest = {} if asked.intent.fee_ceiling is None else {"max_amount": str(asked.intent.fee_ceiling)}
    return tuple(
        {**effect, **highest} if effect["type"] == "fee" else effect for effect in asked.subject.effects
    )
