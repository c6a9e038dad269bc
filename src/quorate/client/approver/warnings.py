"""What an approver should stop at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from quorate.client.approver.asked import Asked
from quorate.client.approver.known import known, lookalikes

Effect = Mapping[str, Any]
_RECEIVERS: Final = {
    "to": "destination",
    "spender": "spender",
    "delegate": "delegate",
    "new_owner": "owner",
    "new_authority": "authority",
    "implementation": "implementation",
    "beneficiary": "beneficiary",
}
"""Member of an effect -> what the address in it becomes."""
_CONTROL: Final = (
    "delegatecall", "upgrade", "ownership_change", "authority_change", "permission_update", "delegation_7702",
    "self_destruct",
)  # fmt: skip


def warnings(asked: Asked, effects: Sequence[Effect]) -> list[str]:
    """Empty when nothing is unusual."""
    names = known(asked)
    found: list[str] = []
    for effect in effects:
        found += _about_effect(effect)
        for role, address in _receivers(effect):
            found += _about_address(role, address, names)
    found += asked.documents.lacking(asked.intent.chain or "", effects)
    return list(dict.fromkeys(found))


def _about_effect(effect: Effect) -> Iterator[str]:
    kind = effect["type"]
    if kind == "blind" or effect.get("blind") is True:
        yield "blind: nobody can say what a signature over these bytes does"
    if kind == "approval" and effect.get("unlimited"):
        yield f"unlimited allowance: {effect['spender']} may take everything, at any time"
    if kind in _CONTROL:
        yield f"control: {str(kind).replace('_', ' ')} gives power over an account or a contract to others"
    if kind == "inconsistent":
        yield f"inconsistent: {effect['reason']}"


def _receivers(effect: Effect) -> Iterator[tuple[str, str]]:
    """(what it becomes, address). Change is proven to be ours before it is called so."""
    if effect["type"] == "change":
        return
    for member, role in _RECEIVERS.items():
        if isinstance(effect.get(member), str):
            yield role, effect[member]
    if effect["type"] == "order":
        for taken in effect["takes"]:
            if isinstance(taken.get("to"), str):
                yield "destination", taken["to"]


def _about_address(role: str, address: str, names: Mapping[str, str]) -> Iterator[str]:
    if address in names:
        return
    yield f"new {role}: {address} is on no list of the charter and none of the accounts named here"
    for other in lookalikes(address, names):
        yield f"look-alike: {address} is not {other} ({names[other]}), though both begin and end alike"
