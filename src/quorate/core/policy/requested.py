"""Whether bytes do what was asked for: every requested effect must be among the decoded ones.

A signer compares whole sets with the intent it derived itself; here the request may be a summary for people,
so what the bytes do beyond it is left to the rules.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.policy.acts import max_fee
from quorate.core.policy.addresses import normal
from quorate.core.policy.prohibitions import text

INTENT_MISMATCH: Final = "intent_mismatch"
CHANGE_MISMATCH: Final = "change_mismatch"
FEE_EXCESS: Final = "fee_excess"

_COMPARED: Final = (
    "type", "asset", "to", "spender", "account", "new_authority", "amount", "token_id", "selector",
    "contract", "new_owner", "delegate", "vote", "resource", "primary_type", "kind", "text",
)  # fmt: skip
"""Members that say what an effect does; the others explain it."""


def mismatch(
    requested: Sequence[Effect], signed: Sequence[Mapping[str, object]], effects: Sequence[Effect]
) -> str:
    """The reason class; empty where the bytes do what was asked for.

    `signed` are payments that the requester's own signature names: members of one effect each. Change that
    went to another address than asked is told apart, because that is how coins are taken on the way back.
    """
    left = list(effects)
    for wanted in requested:
        if wanted.get("type") == "fee":
            if _above(wanted, effects):
                return FEE_EXCESS
            continue
        found = next((effect for effect in left if _does(effect, wanted)), None)
        if found is None:
            return CHANGE_MISMATCH if wanted.get("type") == "change" else INTENT_MISMATCH
        left.remove(found)
    if not all(any(_does(effect, wanted) for effect in effects) for wanted in signed):
        return INTENT_MISMATCH
    return ""


def replaced_change(requested: Sequence[Effect], effects: Sequence[Effect]) -> str | None:
    """The address that gets what was asked for as change, if the bytes pay it to somebody instead."""
    for wanted in requested:
        if wanted.get("type") == "change" and not any(_does(effect, wanted) for effect in effects):
            for effect in effects:
                if text(effect, "type") == "native_transfer" and effect.get("amount") == wanted.get("amount"):
                    return str(effect.get("to"))
    return None


def _does(effect: Effect, wanted: Mapping[str, object]) -> bool:
    return all(
        name in effect and normal(str(effect[name])) == normal(str(wanted[name]))
        for name in _COMPARED
        if name in wanted
    )


def _above(wanted: Effect, effects: Sequence[Effect]) -> bool:
    ceiling = wanted.get("amount", wanted.get("max_amount"))
    fee = max_fee(effects)
    return ceiling is not None and (fee is None or fee > int(str(ceiling)))
