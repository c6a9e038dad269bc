"""Decoded effects -> acts: what rules decide about, one by one.

An act is one thing that a request does: a payment, an approval, a call. What only accompanies acts (fee,
memo, replaceability, ...) is none. A request is as strict as its strictest act, so that no rule lets
something through in the company of something else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from quorate.core.chains.effects import Effect
from quorate.core.model.charter.policy_forms import OTHER, RAW, TRANSFER
from quorate.core.policy.act import MAKERS, Act, integer
from quorate.core.policy.addresses import normal
from quorate.core.policy.prohibitions import Hit, World, hits, text
from quorate.core.policy.request import PolicyRequest

Lists = Mapping[str, Sequence[str]]
"""An address or message type -> the lists of the policy that hold it."""


def acts_of(effects: Sequence[Effect], world: World, lists: Lists) -> tuple[Act, ...]:
    """At least one act, whatever the effects: a request that does nothing is still something to decide."""
    found: list[Act] = []
    whole: list[Hit] = []
    for effect in effects:
        met = hits(effect, world)
        make = MAKERS.get(text(effect, "type"))
        act = make(effect) if make else None
        if act is None:
            whole += met
        else:
            found.append(_named(replace(act, hits=met), world.request, lists))
    acts = found or [_nothing_else(effects, world, lists)]
    wide = tuple(dict.fromkeys(whole))
    return _with_totals([replace(act, hits=act.hits + wide) for act in acts])


def max_fee(effects: Sequence[Effect]) -> int | None:
    """The largest total fee that the bytes allow, smallest unit of the native coin.

    None where a fee is not established. A chain whose bytes carry no fee limit (TRON without a contract call)
    bounds the fee itself: that counts as 0.
    """
    total = 0
    for effect in effects:
        if effect["type"] != "fee":
            continue
        if effect.get("unproven") is True:
            return None
        amount = effect.get("max_amount", effect.get("amount"))
        known = 0 if amount is None else integer(amount)
        if known is None:
            return None
        total += known
    return total


def _nothing_else(effects: Sequence[Effect], world: World, lists: Lists) -> Act:
    """RAW says nothing of itself; coins that only go back to us are a transfer between own accounts."""
    if world.request.operation == RAW:
        return Act(RAW, asset=world.request.asset)
    if any(effect["type"] == "change" for effect in effects):
        return Act(TRANSFER, kinds=frozenset({"own_account"}), amount=0)
    return Act(OTHER)


def _named(act: Act, request: PolicyRequest, lists: Lists) -> Act:
    """With the names that charter and policy give to asset, destination, contract and message."""
    kinds: frozenset[str] = frozenset()
    if act.to is not None:
        kinds = request.book.kinds(act.to) | _lists_with(act.to, lists)
    contracts: frozenset[str] = frozenset()
    if act.contract is not None:
        contracts = frozenset({normal(act.contract)}) | _lists_with(act.contract, lists)
    held = tuple(f"list:{name}" for message in act.messages for name in lists.get(message, ()))
    return replace(
        act,
        asset=None if act.asset is None else request.assets.get(act.asset, act.asset),
        decimals=request.decimals.get(act.asset or "", act.decimals),
        kinds=kinds,
        contracts=contracts,
        messages=(*act.messages, *held),
    )


def _lists_with(address: str, lists: Lists) -> frozenset[str]:
    return frozenset(f"list:{name}" for name in lists.get(normal(address), ()))


def _with_totals(acts: Sequence[Act]) -> tuple[Act, ...]:
    """Sums over acts of the same asset; None as soon as one amount has no bound."""
    sums: dict[tuple[str | None, ...], int | None] = {}
    for act in acts:
        for key in _groups(act):
            sums[key] = _plus(sums.get(key, 0), act)
    return tuple(_with_total(act, sums) for act in acts)


def _with_total(act: Act, sums: Mapping[tuple[str | None, ...], int | None]) -> Act:
    total, to_total = (sums[key] for key in _groups(act))
    return replace(
        act, bounded=total is not None, total=None if act.amount is None else total, to_total=to_total
    )


def _groups(act: Act) -> tuple[tuple[str | None, ...], ...]:
    return (act.asset,), (act.asset, act.to or "")


def _plus(before: int | None, act: Act) -> int | None:
    if before is None or not act.bounded:
        return None
    return before + (act.amount or 0)
