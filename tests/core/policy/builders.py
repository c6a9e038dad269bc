"""Policies, requests and effects for tests of decisions: a plain transfer, one thing changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from quorate.core.chains.effects import effect
from quorate.core.model.charter.policy_types import Policy, Requirement, Rule
from quorate.core.policy import (
    AddressBook,
    Approval,
    Decision,
    Evidence,
    PolicyRequest,
    TallyLine,
    TallyView,
    decide,
)

NOW = 1_800_000_000_000
"""Friday, 15 January 2027, 08:00:00 UTC."""
HUGE = 2**256 - 1
ME = "user-1"
OWN = "0xfdb2ab56Fd27191206b99E966705ba774575fc64"
SHOP = "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"
STRANGER = "0xd5316c20a3Cfd371a894fB61b7E14f266cAcB64f"
TOKEN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
BOOK = AddressBook(own={OWN: "3"}, whitelist={SHOP: "shop"})
REQUEST = PolicyRequest(
    source="0",
    key="root-ecdsa",
    paths=((44, 60, 0, 0, 0),),
    chain="evm:1",
    book=BOOK,
    assets={"native": "ETH", TOKEN: "USDC"},
)
EVIDENCE = Evidence(ME)
Effects = Sequence[Mapping[str, object]]


def allow(name: str = "allow", **fields: Any) -> Rule:
    return Rule(name, "allow", **fields)


def refuse(name: str = "refuse", **fields: Any) -> Rule:
    return Rule(name, "refuse", **fields)


def wants(requirement: Requirement, name: str = "wants", **fields: Any) -> Rule:
    return Rule(name, "approvals", approvals=requirement, **fields)


def pays(amount: int | str = 10, to: str = SHOP) -> dict[str, object]:
    return effect("native_transfer", asset="native", to=to, amount=str(amount))


def pays_token(amount: int | str = 10, to: str = SHOP, asset: str = TOKEN) -> dict[str, object]:
    return effect("token_transfer", standard="erc20", asset=asset, to=to, amount=str(amount))


def fee(amount: int) -> dict[str, object]:
    return effect("fee", asset="native", max_amount=str(amount))


def approval_of(spender: str = STRANGER, amount: str = "10", **members: object) -> dict[str, object]:
    members = {"unlimited": False, **members}
    return effect("approval", standard="erc20", asset=TOKEN, spender=spender, amount=amount, **members)


def ask(
    policy: Policy | Sequence[Rule],
    effects: Effects,
    *,
    request: PolicyRequest = REQUEST,
    evidence: Evidence = EVIDENCE,
    tally: TallyView | Sequence[TallyLine] = (),
    now: int = NOW,
) -> Decision:
    if not isinstance(policy, Policy):
        policy = Policy(tuple(policy))
    view = tally if isinstance(tally, TallyView) else TallyView(tally)
    return decide(policy, request, effects, evidence, view, now)


def line(number: int, amount: int, age_ms: int = 0, **fields: Any) -> TallyLine:
    base = TallyLine(number.to_bytes(32, "big"), ME, "0", SHOP, "ETH", amount, NOW - age_ms)
    return replace(base, **fields)


def yes(approver: str, *groups: str) -> Approval:
    return Approval(approver, groups, "approve", NOW)


def no(approver: str, *groups: str) -> Approval:
    return Approval(approver, groups, "reject", NOW)
