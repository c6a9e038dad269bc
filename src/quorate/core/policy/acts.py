"""Decoded effects -> acts: what rules decide about, one by one.

An act is one thing that a request does: a payment, an approval, a call. What only accompanies acts (fee,
memo, replaceability, ...) is none. A request is as strict as its strictest act, so that no rule lets
something through in the company of something else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.model.charter.policy_readers import OTHER, RAW, TRANSFER
from quorate.core.policy.addresses import normal
from quorate.core.policy.prohibitions import Hit, World, hits, is_revocation, text
from quorate.core.policy.request import PolicyRequest

Lists = Mapping[str, Sequence[str]]
"""An address or message type -> the lists of the policy that hold it."""


@dataclass(frozen=True, slots=True)
class Act:
    """`amount` is None where there is none, or where the bytes do not fix it: then `bounded` is false.

    `total` sums the request's acts of the same asset, so that a split does not evade a limit; `to_total`
    those to the same destination. `kinds` are what rules call the destination, `contracts` the contract and
    `messages` the type of a message. `hits` are prohibitions met by this act or by the request as a whole.
    """

    operation: str
    asset: str | None = None
    amount: int | None = None
    bounded: bool = True
    to: str | None = None
    contract: str | None = None
    method: str | None = None
    messages: tuple[str, ...] = ()
    decimals: int | None = None
    kinds: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    hits: tuple[Hit, ...] = ()
    total: int | None = None
    to_total: int | None = None

    @property
    def is_own(self) -> bool:
        return "own_account" in self.kinds


def acts_of(effects: Sequence[Effect], world: World, lists: Lists) -> tuple[Act, ...]:
    """At least one act, whatever the effects: a request that does nothing is still something to decide."""
    found: list[Act] = []
    whole: list[Hit] = []
    for effect in effects:
        met = hits(effect, world)
        make = _MAKERS.get(text(effect, "type"))
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
        known = 0 if amount is None else _integer(amount)
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


def _integer(value: object) -> int | None:
    """A decimal string of any length; None for anything else (`all`, a missing amount)."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def _optional(effect: Effect, name: str) -> str | None:
    value = effect.get(name)
    return None if value is None else str(value)


def _moves(operation: str, to: str = "to", asset: str = "asset") -> Callable[[Effect], Act]:
    """Value goes to the address in the member `to`. An NFT is moved without amount: it counts as one."""

    def make(effect: Effect) -> Act:
        amount = "1" if "token_id" in effect and "amount" not in effect else effect.get("amount")
        decimals = effect.get("decimals")
        return Act(
            operation,
            asset=_optional(effect, asset),
            amount=_integer(amount),
            bounded=_integer(amount) is not None,
            to=_optional(effect, to),
            decimals=decimals if isinstance(decimals, int) else None,
        )

    return make


def _approval(effect: Effect) -> Act:
    """An approval of everything (`all`) has no bound, as far as limits go."""
    act = _moves("REVOKE" if is_revocation(effect) else "APPROVE", to="spender")(effect)
    return replace(act, contract=_optional(effect, "asset"), bounded=act.amount is not None)


def _create(effect: Effect) -> Act:
    """Opens an account for somebody: a transfer of whatever the bytes say is put into it, or nothing."""
    amount = _integer(effect.get("amount")) or 0
    return Act(TRANSFER, asset=_optional(effect, "asset"), amount=amount, to=_optional(effect, "account"))


def _stake(to: str) -> Callable[[Effect], Act]:
    def make(effect: Effect) -> Act:
        return Act("STAKE", to=_optional(effect, to), contract=_optional(effect, "account"))

    return make


def _withdraw(effect: Effect) -> Act:
    return replace(_moves("STAKE")(effect), asset=_optional(effect, "asset") or "SOL")


def _call(operation: str) -> Callable[[Effect], Act]:
    """A call, with the native coin it carries."""

    def make(effect: Effect) -> Act:
        value = _integer(effect.get("value", "0"))
        method, to = _optional(effect, "selector"), _optional(effect, "to")
        return Act(operation, "native", value, value is not None, to=to, contract=to, method=method)

    return make


def _admin(contract: str, to: str | None = None) -> Callable[[Effect], Act]:
    """`to` is who or what gets the power."""

    def make(effect: Effect) -> Act:
        return Act("ADMIN", contract=_optional(effect, contract), to=_optional(effect, to) if to else None)

    return make


def _order(effect: Effect) -> Act:
    """What an order gives is an amount like any other, where it says one asset and one amount."""
    gives = effect.get("gives")
    asset, amount = (gives.get("asset"), gives.get("amount")) if isinstance(gives, Mapping) else (None, None)
    known = _integer(amount)
    venue = _optional(effect, "venue")
    return Act(
        "ORDER",
        asset=None if asset is None else str(asset),
        amount=known,
        bounded=known is not None,
        contract=venue,
        to=_optional(effect, "to"),
    )


def _message(effect: Effect) -> Act:
    """`personal_text`, `personal_bytes`, or the primary type, also with the domain: `Mail@Ether Mail`."""
    kind = text(effect, "kind")
    if kind == "personal":
        return Act("TYPED_MESSAGE", messages=("personal_text" if "text" in effect else "personal_bytes",))
    primary, domain = text(effect, "primary_type"), effect.get("domain")
    places: list[str] = []
    if isinstance(domain, Mapping):
        places = [str(domain[name]) for name in ("name", "verifyingContract") if domain.get(name) is not None]
    return Act("TYPED_MESSAGE", messages=(primary, *(f"{primary}@{place}" for place in places)))


def _blind(effect: Effect) -> Act | None:
    return Act(RAW) if effect.get("reason") == "raw_digest" else None


_MAKERS: Final[Mapping[str, Callable[[Effect], Act | None]]] = {
    "native_transfer": _moves(TRANSFER),
    "token_transfer": _moves(TRANSFER),
    "account_create": _create,
    "approval": _approval,
    "order": _order,
    "mint": _moves("MINT"),
    "contract_call": _call("CONTRACT_CALL"),
    "delegatecall": _call("DELEGATECALL"),
    "upgrade": _admin("contract", "implementation"),
    "ownership_change": _admin("contract", "new_owner"),
    "authority_change": _admin("account", "new_authority"),
    "permission_update": _admin("account"),
    "self_destruct": _admin("contract", "beneficiary"),
    "delegation_7702": lambda effect: Act(
        "SET_CODE", contract=_optional(effect, "delegate"), to=_optional(effect, "delegate")
    ),
    "stake_delegate": _stake("vote"),
    "stake_deactivate": _stake("authority"),
    "stake_withdraw": _withdraw,
    "account_close": lambda effect: Act("CLOSE_ACCOUNT", to=_optional(effect, "to")),
    "resource_delegation": _moves("RESOURCE_DELEGATION", asset="resource"),
    "message": _message,
    "blind": _blind,
}
