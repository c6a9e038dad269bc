"""Absolute prohibitions over decoded effects.

Each is met by an effect, has a reason class, and is lifted only by a rule that names it and its subject
exactly (`lifts`, docs/spec/policy.md). The subject is one or more parts; a lift names them joined by a
space. It may leave out the parts after the first `needed`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import VOCABULARY, Effect
from quorate.core.policy.addresses import normal
from quorate.core.policy.request import PolicyRequest


@dataclass(frozen=True, slots=True)
class Prohibition:
    """`subject` says what the parts are, for people; at least the first `needed` must be named."""

    name: str
    reason_class: str
    subject: str
    needed: int = 1


PROHIBITIONS: Final = (
    Prohibition("durable_nonce", "durable_nonce", "nonce account"),
    Prohibition("nonce_advance_not_first", "durable_nonce", "nonce account"),
    Prohibition("delegatecall", "delegatecall", "contract, selector"),
    Prohibition("delegation_7702", "delegation_7702", "delegate (and any_chain), or -"),
    Prohibition("upgrade", "upgrade", "contract, implementation", needed=2),
    Prohibition("ownership_change", "ownership_change", "contract, new owner", needed=2),
    Prohibition("authority_change", "authority_change", "account, new authority or -", needed=2),
    Prohibition("permission_update", "permission_update", "account"),
    Prohibition("self_destruct", "self_destruct", "contract"),
    Prohibition("mint", "mint_unbounded", "asset"),
    Prohibition("unlimited_approval", "unlimited_approval", "spender, asset", needed=2),
    Prohibition("approval_to_unknown_spender", "approval_to_unknown_spender", "spender"),
    Prohibition("input_amount_unproven", "input_amount_unproven", "chain"),
    Prohibition("inconsistent", "inconsistent", "reason"),
    Prohibition("sighash_flags", "sighash_flags", "sighash type"),
    Prohibition("change_mismatch", "change_mismatch", "address that is paid instead"),
    Prohibition("unusual_change_path", "unusual_change_path", "derivation path"),
    Prohibition("account_close", "account_close", "address that gets the rest"),
    Prohibition("safe_refund", "blind", "address that is refunded"),
    Prohibition("blind", "blind", "contract, selector; or reason:REASON", needed=2),
    Prohibition("lookalike_destination", "lookalike_destination", "address"),
)
RANK: Final[Mapping[str, int]] = {p.name: rank for rank, p in enumerate(PROHIBITIONS)}
BY_NAME: Final[Mapping[str, Prohibition]] = {p.name: p for p in PROHIBITIONS}
USUAL_SIGHASH: Final = ("0x00", "0x01")
"""SIGHASH_DEFAULT (taproot) and SIGHASH_ALL: everything is committed."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A prohibition that an effect meets, and the parts of its subject."""

    prohibition: str
    subject: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What prohibitions look at beside the effect: the request, and the gap limit of change paths."""

    request: PolicyRequest
    gap_limit: int


Finder = Callable[[Effect, World], Iterator[Hit]]


def hits(effect: Effect, world: World) -> tuple[Hit, ...]:
    """Everything in `effect` that is prohibited. An effect of an unknown type is blind."""
    kind = text(effect, "type")
    if kind not in VOCABULARY:
        return (Hit("blind", (f"reason:unknown_effect_{kind}",)),)
    found = list(_FINDERS[kind](effect, world)) if kind in _FINDERS else []
    if effect.get("blind") is True and kind != "blind":
        found.append(Hit("blind", _call(effect)))
    return tuple(found)


def text(effect: Effect, name: str) -> str:
    """A member as text; `-` where there is none, so that what is missing can be named."""
    value = effect.get(name)
    return "-" if value is None else normal(str(value))


def is_revocation(effect: Effect) -> bool:
    """An approval that takes a right back, or is for nothing. An amount above 0 is none, whatever is said."""
    amount = str(effect.get("amount"))
    positive = amount.isascii() and amount.isdigit() and int(amount) > 0
    revokes = effect.get("revokes") is True or amount == "0"
    return revokes and not positive and effect.get("unlimited") is not True


def _call(effect: Effect) -> tuple[str, ...]:
    return text(effect, "to"), text(effect, "selector")


def _members(prohibition: str, *names: str) -> Finder:
    """Always prohibited; the subject is these members."""

    def find(effect: Effect, world: World) -> Iterator[Hit]:
        yield Hit(prohibition, tuple(text(effect, name) for name in names))

    return find


def _delegation(effect: Effect, world: World) -> Iterator[Hit]:
    """A delegation for any chain, chain id 0, must be named as such."""
    anywhere = effect.get("any_chain") is True or str(effect.get("chain_id")) == "0"
    yield Hit("delegation_7702", (text(effect, "delegate") + (" any_chain" if anywhere else ""),))


def _approval(effect: Effect, world: World) -> Iterator[Hit]:
    """Whoever may spend later must be known, and only so much. To take a right back needs nothing."""
    if is_revocation(effect):
        return
    spender = text(effect, "spender")
    if effect.get("unlimited") is True:
        yield Hit("unlimited_approval", (spender, text(effect, "asset")))
    if not world.request.book.is_own(spender):
        yield Hit("approval_to_unknown_spender", (spender,))


def _blind(effect: Effect, world: World) -> Iterator[Hit]:
    reason = text(effect, "reason")
    if reason == "input_amount_unproven":
        yield Hit("input_amount_unproven", (world.request.chain,))
    elif reason != "raw_digest":  # RAW is an operation, and only a rule that names RAW matches it
        named = "to" in effect and "selector" in effect
        yield Hit("blind", _call(effect) if named else (f"reason:{reason}",))


def _inconsistent(effect: Effect, world: World) -> Iterator[Hit]:
    """An output that claims to be our change and is not is told apart."""
    if text(effect, "reason").startswith("change_mismatch"):
        yield Hit("change_mismatch", (text(effect, "to"),))
    else:
        yield Hit("inconsistent", (text(effect, "reason"),))


def _fee(effect: Effect, world: World) -> Iterator[Hit]:
    if effect.get("unproven") is True:
        yield Hit("input_amount_unproven", (world.request.chain,))


def _sighash(effect: Effect, world: World) -> Iterator[Hit]:
    if text(effect, "sighash_type") not in USUAL_SIGHASH:
        yield Hit("sighash_flags", (text(effect, "sighash_type"),))


def _change(effect: Effect, world: World) -> Iterator[Hit]:
    """Change at an index that no wallet scans is lost to sight. BIP44 gap limit; the last two steps are
    chain (0 or 1) and index.
    """
    path = text(effect, "path")
    if effect.get("unusual_path") is True or not _usual(path, world.gap_limit):
        yield Hit("unusual_change_path", (path,))


def _usual(path: str, gap_limit: int) -> bool:
    chain, index = (["", "", *path.split("/")])[-2:]
    return chain in ("0", "1") and index.isascii() and index.isdigit() and int(index) <= gap_limit


def _close(effect: Effect, world: World) -> Iterator[Hit]:
    if not world.request.book.is_own(text(effect, "to")):
        yield Hit("account_close", (text(effect, "to"),))


def _destination(effect: Effect, world: World) -> Iterator[Hit]:
    if world.request.book.resembles(text(effect, "to")) is not None:
        yield Hit("lookalike_destination", (text(effect, "to"),))


_FINDERS: Final[Mapping[str, Finder]] = {
    "durable_nonce": _members("durable_nonce", "nonce_account"),
    "nonce_advance_not_first": _members("nonce_advance_not_first", "nonce_account"),
    "delegatecall": _members("delegatecall", "to", "selector"),
    "delegation_7702": _delegation,
    "upgrade": _members("upgrade", "contract", "implementation"),
    "ownership_change": _members("ownership_change", "contract", "new_owner"),
    "authority_change": _members("authority_change", "account", "new_authority"),
    "permission_update": _members("permission_update", "account"),
    "self_destruct": _members("self_destruct", "contract"),
    "mint": _members("mint", "asset"),
    "approval": _approval,
    "inconsistent": _inconsistent,
    "sighash": _sighash,
    "change": _change,
    "account_close": _close,
    "safe_refund": _members("safe_refund", "to"),
    "blind": _blind,
    "fee": _fee,
    "native_transfer": _destination,
    "token_transfer": _destination,
    "stake_withdraw": _destination,
    "resource_delegation": _destination,
}
