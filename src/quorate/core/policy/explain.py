"""A decision in words."""

from collections.abc import Mapping
from typing import Final

from quorate.core.policy.decide import RAW_ON_ASSET_PATH
from quorate.core.policy.request import Decision

_WORDS: Final[Mapping[str, str]] = {
    "requesters": "the requester is not listed",
    "operations": "the operation is not listed",
    RAW_ON_ASSET_PATH: "RAW outside the RAW branch needs raw_on_asset_path: true",
    "sources": "the source account is not listed",
    "assets": "the asset is not listed",
    "destinations": "the destination is of no listed kind",
    "max_amount": "the amount is above max_amount",
    "window": "the window's limit would be exceeded",
}


def lines(decision: Decision) -> list[str]:
    """A line for the verdict, then one for each rule that did not match, with its first such field."""
    return [
        _verdict(decision),
        *(f"  rule {t.rule}: {t.first_mismatch}: {_WORDS[t.first_mismatch]}" for t in decision.trace),
    ]


def _verdict(decision: Decision) -> str:
    if decision.allowed:
        return f"allowed by rule {decision.rule}"
    by = {"": "no rule matched", RAW_ON_ASSET_PATH: "absolute prohibition raw_on_asset_path"}
    return f"refused ({decision.reason_class}): " + by.get(decision.rule, f"rule {decision.rule}")
