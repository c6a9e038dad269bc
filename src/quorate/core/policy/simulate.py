"""A draft of a policy over requests that were decided before: what it would decide otherwise.

A record is a request file (docs/spec/policy.md) with `decided`: {"verdict", "reason_class"?, "items"?: one
verdict each}. What the draft lets through counts against its own limits in the records after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy_types import Policy
from quorate.core.policy.cases import Decode, explain_and_count
from quorate.core.policy.context import Json, bad
from quorate.core.policy.explanation import NOT_APPLICABLE, Explanation
from quorate.core.policy.request import ALLOW, APPROVALS, REFUSE, TallyLine

_STRICTNESS: Final = {ALLOW: 0, APPROVALS: 1, REFUSE: 2}


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that would be decided otherwise. `number` counts records from 1; `items` are the numbers of
    the items that differ, from 0, where the record says what each got.
    """

    number: int
    id: str
    was: str
    now: Explanation
    items: tuple[int, ...]

    @property
    def loosens(self) -> bool:
        return _STRICTNESS[self.now.verdict] < _STRICTNESS[self.was]

    def to_json(self) -> dict[str, object]:
        return {
            "record": self.number,
            "id": self.id,
            "was": self.was,
            "would_be": self.now.verdict,
            "reason_class": self.now.reason_class,
            "items": list(self.items),
            "rules": [item.rule for item in self.now.items if item is not None],
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    records: int
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "records": self.records,
            "unchanged": self.records - len(self.differences),
            "changed": [difference.to_json() for difference in self.differences],
        }


def simulate(
    policy: Policy,
    records: Iterable[Json],
    decode: Decode,
    now_ms: int,
    assets: Mapping[str, str] | None = None,
) -> Simulation:
    """Raises QuorateError bad_request with the number of the record, and what `explain` raises."""
    lines: list[TallyLine] = []
    differences: list[Difference] = []
    number = 0
    for number, record in enumerate(records, 1):
        try:
            was, items = _decided(record)
            now, let_through = explain_and_count(policy, record, decode, now_ms, lines, assets)
            different = _different(items, now)
        except QuorateError as error:
            raise QuorateError(
                error.code, f"record {number}: {error.message}", error.whose, error.hint
            ) from None
        lines += let_through
        if was != now.verdict or different:
            differences.append(Difference(number, str(record.get("id", "")), was, now, different))
    return Simulation(number, tuple(differences))


def _decided(record: Json) -> tuple[str, tuple[str, ...]]:
    decided = record.get("decided") if isinstance(record, Mapping) else None
    if not isinstance(decided, Mapping) or decided.get("verdict") not in _STRICTNESS:
        raise bad("decided.verdict: allow, refuse or approvals is expected")
    items = decided.get("items", [])
    if not isinstance(items, list):
        raise bad("decided.items: an array is expected")
    return str(decided["verdict"]), tuple(_verdict(item) for item in items)


def _verdict(item: Any) -> str:
    verdict = item.get("verdict") if isinstance(item, Mapping) else None
    if verdict not in (*_STRICTNESS, NOT_APPLICABLE):
        raise bad("decided.items: each has a verdict")
    return str(verdict)


def _different(was: tuple[str, ...], now: Explanation) -> tuple[int, ...]:
    if not was:
        return ()
    if len(was) != len(now.items):
        raise bad("decided.items: one for each item is expected")
    verdicts = [NOT_APPLICABLE if item is None else item.verdict for item in now.items]
    return tuple(i for i, pair in enumerate(zip(was, verdicts, strict=True)) if pair[0] != pair[1])
