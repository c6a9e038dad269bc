"""The answer of `quorate policy explain`."""

from dataclasses import dataclass
from typing import Any, Final

from quorate.core.errors import TraceLine
from quorate.core.policy.approvals import words
from quorate.core.policy.request import ALLOW, APPROVALS, REFUSE, Decision

NOT_APPLICABLE: Final = "not_applicable"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for each item, in order; None for an item that is context."""

    items: tuple[Decision | None, ...]

    @property
    def verdict(self) -> str:
        """Refused when one item is; the strictest otherwise."""
        verdicts = {item.verdict for item in self.items if item is not None}
        return next(verdict for verdict in (REFUSE, APPROVALS, ALLOW) if verdict in verdicts)

    @property
    def reason_class(self) -> str:
        """Of the first item that has the verdict of the whole."""
        return next(item.reason_class for item in self.items if item and item.verdict == self.verdict)

    def to_json(self) -> dict[str, object]:
        items = [_item_json(item) for item in self.items]
        return {"verdict": self.verdict, "reason_class": self.reason_class, "items": items}


def _item_json(item: Decision | None) -> dict[str, object]:
    if item is None:
        return {"verdict": NOT_APPLICABLE, "reason_class": "", "rule": "", "trace": []}
    body: dict[str, object] = {
        "verdict": item.verdict,
        "reason_class": item.reason_class,
        "rule": item.rule,
        "trace": [_trace_json(line) for line in item.trace],
    }
    return {**body, "needs": [words(need) for need in item.needs]} if item.needs else body


def _trace_json(line: TraceLine) -> dict[str, Any]:
    return {"rule": line.rule, "first_mismatch": line.first_mismatch}
