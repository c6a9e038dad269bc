"""One thing that a request does, and how each effect becomes one (docs/spec/policy.md, Acts)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.model.charter.policy_forms import RAW, TRANSFER
from quorate.core.policy.prohibitions import Hit, is_revocation, text


@dataclass(frozen=True, slots=True)
class Act:
    """`amount` is None where there is none, or where the bytes do not fix it: then `bounded` is false.

    `total` sums the request's acts of the same asset, so that a split does not evade a limit; `to_total`
    those to the same destination. `kinds` are what rules call the destination, `contracts` the contract and
    `messages` the type of a message. `hits` are prohibitions met by this act or by the request as a whole.
    `described`: of the call nothing is known but its arguments, by a document that an operator vouches for.
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
    described: bool = False

    @property
    def is_own(self) -> bool:
        return "own_account" in self.kinds


def integer(value: object) -> int | None:
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
            amount=integer(amount),
            bounded=integer(amount) is not None,
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
    amount = integer(effect.get("amount")) or 0
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
        value = integer(effect.get("value", "0"))
        method, to = _optional(effect, "selector"), _optional(effect, "to")
        made = Act(operation, "native", value, value is not None, to=to, contract=to, method=method)
        return replace(made, described=effect.get("stated_by") is not None)

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
    known = integer(amount)
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


MAKERS: Final[Mapping[str, Callable[[Effect], Act | None]]] = {
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
