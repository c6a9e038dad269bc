"""One recorded theft as people are told it: what happened, what the approvers saw, what a signer sees in the
bytes, and what stops it.

The last two are made here, by the decoders and the policy of examples/policies/exchange.yaml. Of a file only
what was there at the time is given to them: bytes, context, evidence, and never what is expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import files, policies
from quorate.core.chains.decode import decode
from quorate.core.chains.effects import Effect
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Policy
from quorate.core.policy import Decision
from quorate.core.policy import explain as words
from quorate.core.policy.cases import explain

INCIDENTS: Final = "tests/vectors/incidents"
POLICY: Final = "examples/policies/exchange.yaml"
_NOW: Final = 1_790_000_000_000
"""For files that say no time, Unix milliseconds."""
_HINTS: Final = ("lookalike_of", "per_item")
_EXPECTED: Final = ("expected", "expected_verdict", "reason_class", "also_acceptable")
_NOT_JUDGED: Final = "not_applicable"
_PLAIN: Final = 80
"""Characters of a member that are shown."""
_PASSED_OVER: Final = ("type", "args", "encoded_type", "content", "domain", "note", "arg_names")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """`effects`: what the bytes do. `decision` is None for what is context and not to be signed."""

    format: str
    role: str
    effects: tuple[str, ...]
    decision: Decision | None

    @property
    def stopped_by(self) -> str:
        return "" if self.decision is None else words.lines(self.decision)[0]


@dataclass(frozen=True, slots=True)
class Shown:
    """`file` is its incident: name, date, loss and the rest as they stand there."""

    file: Json
    items: tuple[Item, ...]

    @property
    def refused(self) -> bool:
        """Every item that is to be refused is, for a reason that the file names or accepts."""
        return all(
            _as_expected(self.file, item, shown)
            for item, shown in zip(self.file["items"], self.items, strict=True)
        )


def checkout() -> Path:
    """The folder with the vectors: the working directory, or that of an installation in place.

    Raises QuorateError not_a_checkout.
    """
    for folder in (Path(), Path(__file__).resolve().parents[5]):
        if (folder / INCIDENTS).is_dir() and (folder / POLICY).is_file():
            return folder
    raise QuorateError("not_a_checkout", f"{INCIDENTS} is not here", "state", "run this in the checkout")


def incidents(folder: Path) -> list[Json]:
    """By date, the oldest first."""
    found = [files.read_json(path) for path in sorted((folder / INCIDENTS).glob("*.json"))]
    return sorted(found, key=lambda case: (str(case["date"]), str(case["id"])))


@cache
def policy(folder: Path) -> Policy:
    return policies.read(folder / POLICY, None)


def show(case: Json, judged_by: Policy) -> Shown:
    """Raises QuorateError for a file that is no request."""
    explanation = explain(judged_by, _blindfolded(case), decode, _NOW)
    chain = {**_facts(case), "chain": case["chain"]}
    items = zip(case["items"], explanation.items, strict=True)
    return Shown(case, tuple(_item(item, chain, decision) for item, decision in items))


def _item(item: Json, facts: Json, decision: Decision | None) -> Item:
    effects = decode(item["format"], item["bytes"], facts, item).effects
    return Item(item["format"], str(item.get("role", "")), tuple(map(_words, effects)), decision)


def _facts(case: Json) -> dict[str, Any]:
    return {name: value for name, value in case["context"].items() if name not in _HINTS}


def _blindfolded(case: Json) -> dict[str, Any]:
    """What was there at the time. An item that nobody was asked to sign stays marked as such."""
    items = [
        {n: v for n, v in item.items() if n not in _EXPECTED or v == _NOT_JUDGED} for item in case["items"]
    ]
    return {
        "requested": case["requested"],
        "context": _facts(case),
        "chain": case["chain"],
        "items": items,
    }


def _as_expected(case: Json, item: Json, shown: Item) -> bool:
    wanted = item.get("expected_verdict", case["expected_verdict"])
    if shown.decision is None:
        return bool(wanted == _NOT_JUDGED)
    reasons: Sequence[object] = (case["reason_class"], *case["also_acceptable"], item.get("reason_class"))
    reason_holds = wanted != "refuse" or shown.decision.reason_class in reasons
    return bool(shown.decision.verdict == wanted and reason_holds)


def _words(effect: Effect) -> str:
    """`native_transfer: to 0x..., amount 5`."""
    members = [
        f"{name} {_short(value)}"
        for name, value in effect.items()
        if name not in _PASSED_OVER and not isinstance(value, Mapping)
    ]
    return f"{effect['type']}: {', '.join(members)}" if members else str(effect["type"])


def _short(value: object) -> str:
    text = (
        ", ".join(map(str, value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else str(value)
    )
    return text if len(text) <= _PLAIN else text[: _PLAIN - 3] + "..."
