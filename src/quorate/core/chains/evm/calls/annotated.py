"""The typed effect that an annotation states, filled in from the arguments of the call."""

from collections.abc import Iterator
from typing import Any, Final

from quorate.core.chains.effects import Effect
from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.decode import to_json
from quorate.core.chains.evm.call import Args, Call, authority_change
from quorate.core.chains.evm.calls.erc20 import STANDARD, is_unlimited
from quorate.core.chains.evm.knowledge.annotations import Annotation

STATED: Final = "stated by an annotation"
_ADDRESS: Final = 20


def typed(call: Call, annotation: Annotation, args: Args) -> Iterator[Effect]:
    """Nothing when the annotation names no effect."""
    if annotation.effect is None:
        return
    members: dict[str, Any] = dict(annotation.fixed)
    for name, index in annotation.arguments.items():
        members[name] = args[index]
    if annotation.effect == "authority_change":
        yield from _authorities(call, annotation, members)
    else:
        yield call.effect(annotation.effect, **_completed(call, annotation, members), note=STATED)


def unread(call: Call, annotation: Annotation) -> Iterator[Effect]:
    """What is still certain of a call whose arguments are not the encoding of any: that authority changes."""
    if annotation.effect == "authority_change":
        yield from _authorities(call, annotation, {**annotation.fixed, "new_authority": None})


def _authorities(call: Call, annotation: Annotation, members: dict[str, Any]) -> Iterator[Effect]:
    kind = members.pop("authority_type", annotation.signature.name)
    new = members.pop("new_authority")
    for one in new if isinstance(new, tuple) else (new,):
        text = None if one is None else _authority(one)
        yield authority_change(
            call, kind, text, method=annotation.signature.text, note=STATED, **_text(members)
        )


def _authority(value: object) -> str:
    """An address as it is. Bytes of an address, also behind their length, as Poly Network's keepers are."""
    if isinstance(value, bytes):
        raw = value[1:] if len(value) == _ADDRESS + 1 and value[0] == _ADDRESS else value
        return address.from_bytes(raw) if len(raw) == _ADDRESS else "0x" + value.hex()
    return str(value)


def _completed(call: Call, annotation: Annotation, members: dict[str, Any]) -> dict[str, Any]:
    """The members that follow from the call where the annotation does not give them."""
    found = _text(members)
    if annotation.effect == "ownership_change":
        return {"contract": call.to, "method": annotation.signature.text} | found
    if annotation.effect == "upgrade":
        return {"contract": call.to} | found
    if annotation.effect == "approval":
        amount = members.get("amount")
        limit = True if amount is None else is_unlimited(int(amount))
        return {"standard": STANDARD, "owner": call.sender, "amount": "all", "unlimited": limit} | found
    if annotation.effect == "token_transfer":
        return {"standard": STANDARD, "from": call.sender} | found
    return found


def _text(members: dict[str, Any]) -> dict[str, Any]:
    return {name: to_json(value) for name, value in members.items()}
