"""The recorded thefts and the benign cases as their files have them, chain family by chain family."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.core.vectors import OWN

Json = Mapping[str, Any]
GOOD: Final = {
    "evm": ("evm",),
    "bitcoin": ("bitcoin-psbt", "bitcoin-p2wsh"),
    "solana": ("solana",),
    "tron": ("tron",),
}
"""Files of tests/vectors/good."""
NOT_SERVED: Final = {
    "4844-blob": "transactions with blobs are not built",
    "7702-trusted": "transactions that delegate are not built",
    "7702-authorization": "nothing asks for a delegation by itself",
    "legacy-zero-nonce-no-data": "a transfer of nothing cannot be asked for",
    "mixed-four-kinds": "a transfer pays one destination",
    "sweep-no-change": "a lock time cannot be asked for",
    "op-return": "data cannot be asked for",
    "p2wsh-2of3": "an account has no coins that need several keys",
    "stake-delegate": "staking cannot be asked for",
    "stake-deactivate": "staking cannot be asked for",
    "stake-withdraw": "staking cannot be asked for",
    "memo-two-signers": "a second signer and a memo cannot be asked for",
    "trx-transfer-permission-memo": "a memo and another permission cannot be asked for",
    "delegate-energy": "delegating energy cannot be asked for",
}
"""Benign cases that the API has no request for."""


@dataclass(frozen=True)
class Theft:
    """One item. `reasons`: by which it may be refused when it is asked for; `main` is the named one."""

    name: str
    case: Json
    item: Json
    main: str
    reasons: frozenset[str]


def incidents(family: str) -> list[Json]:
    found = [json.loads(path.read_text()) for path in sorted((OWN / "incidents").glob("*.json"))]
    return [case for case in found if case["chain"]["family"] == family]


def good_cases(family: str) -> list[Json]:
    files = [json.loads((OWN / f"good/{name}.json").read_text()) for name in GOOD[family]]
    return [case for file in files for case in file["cases"]]


def thefts(family: str) -> list[Theft]:
    found = []
    for case in incidents(family):
        for number, item in enumerate(case["items"]):
            if item.get("expected_verdict", "refuse") == "refuse":
                main = item.get("reason_class", case["reason_class"])
                reasons = frozenset({case["reason_class"], *case["also_acceptable"], main})
                found.append(Theft(f"{case['id']}/{number}", case, item, main, reasons))
    return found


def twins(family: str) -> list[tuple[str, Json, Json]]:
    """(name, case, item) of benign cases, and of what the screen showed where an incident has it."""
    return [
        (f"{case['id']}/{number}", case, item)
        for case in (*good_cases(family), *incidents(family))
        for number, item in enumerate(case["items"])
        if item.get("expected_verdict", case["expected_verdict"]) == "allow"
    ]


def served(family: str) -> list[tuple[str, Json, Json]]:
    return [twin for twin in twins(family) if twin[1]["id"] not in NOT_SERVED]


def named(family: str, member: str) -> list[str]:
    """A list of the contexts of all cases together."""
    cases = (*good_cases(family), *incidents(family))
    return sorted({text for case in cases for text in case["context"].get(member, ())})


def effect(effects: list[Json], *types: str) -> Json | None:
    """The first effect of one of these types."""
    return next((effect for effect in effects if effect["type"] in types), None)
