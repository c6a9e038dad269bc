"""Why nothing allowed an act: the reason class, from how close the rules came."""

from collections.abc import Iterable, Mapping
from typing import Final

from quorate.core.model.charter.policy_forms import RAW
from quorate.core.policy.act import Act
from quorate.core.policy.match import LIFTS
from quorate.core.policy.prohibitions import BY_NAME, RANK, Hit

PROHIBITED: Final = "prohibited"
NO_RULE_MATCHED: Final = "no_rule_matched"
MISSING_EVIDENCE: Final = "missing_evidence"
RAW_DIGEST: Final = "raw_digest"

NEAREST: Final = (
    ("window", "velocity"),
    ("max_amount", "amount_limit"),
    ("first_use_max_amount", "amount_limit"),
    ("max_ratio_to_deposit", "mint_unbounded"),
    ("max_fee", "fee_excess"),
    ("new_destination_delay", "new_destination_delay"),
    ("hours", "outside_hours"),
    ("external_id", MISSING_EVIDENCE),
    ("destinations", "unknown_destination"),
)
"""The field that the nearest rule missed -> the reason class; the first that any rule missed tells."""

_BY_OPERATION: Final[Mapping[str, str]] = {
    RAW: RAW_DIGEST,
    "CONTRACT_CALL": "unknown_contract_call",
    "DELEGATECALL": "delegatecall",
    "TYPED_MESSAGE": "unknown_message",
}


def of_prohibition(name: str) -> str:
    return BY_NAME[name].reason_class


def worst(hits: Iterable[Hit]) -> Hit | None:
    """The one that stands first in the table."""
    return min(hits, key=lambda hit: (RANK[hit.prohibition], hit.subject), default=None)


def nothing_matched(act: Act, missed: frozenset[str]) -> str:
    """`missed` are the first mismatches of the rules that could have allowed the act."""
    if act.operation == RAW:
        return RAW_DIGEST
    hit = worst(act.hits)
    if LIFTS in missed and hit is not None:
        return of_prohibition(hit.prohibition)
    near = next((reason for field, reason in NEAREST if field in missed), None)
    return near or _BY_OPERATION.get(act.operation, NO_RULE_MATCHED)
