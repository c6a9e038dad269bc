"""A decision in words."""

from collections.abc import Mapping
from typing import Final

from quorate.core.policy import limits
from quorate.core.policy.approvals import VETO, words
from quorate.core.policy.decide import PROHIBITION, REQUESTER_EVIDENCE
from quorate.core.policy.match import RAW_ON_ASSET_PATH
from quorate.core.policy.prohibitions import BY_NAME
from quorate.core.policy.request import APPROVALS, Decision

_WORDS: Final[Mapping[str, str]] = {
    "requesters": "the requester is not listed",
    "requester_groups": "the requester is in no listed group",
    "operations": "the operation is not listed",
    RAW_ON_ASSET_PATH: "RAW outside the RAW branch needs raw_on_asset_path: true",
    "sources": "the source account is not listed",
    "keys": "the key is not listed",
    "paths": "a signing path begins with no listed path",
    "chains": "the chain is not listed",
    "assets": "the asset is not listed",
    "destinations": "the destination is of no listed kind",
    "contracts": "the contract is not listed",
    "methods": "the method is not listed",
    "messages": "the type of the message is not listed",
    "lifts": "the rule does not lift the prohibition for exactly this",
    "external_id": "the request carries no external id",
    "hours": "outside the hours of the rule (UTC)",
    "new_destination_delay": "the destination is not known for long enough",
    "max_fee": "the fee may be above max_fee",
    "max_ratio_to_deposit": "more is minted than the proven deposit is worth",
    "min_amount": "the amount is below min_amount",
    "first_use_max_amount": "too much for the first use of a destination",
    "max_amount": "the amount is above max_amount",
    "window": "the window's limit would be exceeded",
}

_BUILT_IN: Final[Mapping[str, str]] = {
    "": "no rule matched",
    RAW_ON_ASSET_PATH: "absolute prohibition raw_on_asset_path",
    REQUESTER_EVIDENCE: "nobody is proven to have asked",
    VETO: "an approver rejected it",
    limits.FEE: "the fee limit of the policy",
    limits.AMOUNT: "the asset's limit of the policy",
    limits.DELAY: "the destination is too new for the policy",
    **{PROHIBITION + name: f"absolute prohibition {name}" for name in BY_NAME},
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
    if decision.verdict == APPROVALS:
        needs = " and ".join(words(need) for need in decision.needs)
        return f"needs approvals by rule {decision.rule}: {needs}"
    return f"refused ({decision.reason_class}): " + _BUILT_IN.get(decision.rule, f"rule {decision.rule}")
