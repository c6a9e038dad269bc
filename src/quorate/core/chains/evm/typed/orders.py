"""Signed orders: a signature that lets anyone exchange what is offered for what is asked."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from quorate.core.chains.effects import effect
from quorate.core.chains.evm.call import ZERO, Call, Item
from quorate.core.chains.evm.typed.document import TypedData

_ITEM_TYPES: Final = ("native", "erc20", "erc721", "erc1155", "erc721_any", "erc1155_any")
"""Seaport's ItemType; the last two are any token that meets criteria."""


def seaport(call: Call, data: TypedData) -> Iterator[Item]:
    """Amounts may move from start to end; the worse one for the offerer is reported."""
    m = data.message
    yield call.effect(
        "order",
        venue=call.to,
        protocol="seaport",
        owner=m["offerer"],
        gives=[_item(one, max) for one in m["offer"]],
        takes=[_item(one, min) for one in m["consideration"]],
        zone=None if m["zone"] == ZERO else m["zone"],
        deadline=str(m["endTime"]),
    )
    yield from owner_signs(call, m["offerer"])


def owner_signs(call: Call, owner: str) -> Iterator[Item]:
    """Where the message names its owner, only the owner's signature counts."""
    if call.sender is not None and owner != call.sender:
        yield effect("inconsistent", reason="owner_is_not_signer")


def _item(item: Mapping[str, Any], worse: Any) -> dict[str, object]:
    number = item["itemType"]
    kind = _ITEM_TYPES[number] if number < len(_ITEM_TYPES) else str(number)
    found: dict[str, object] = {
        "standard": kind,
        "asset": "native" if kind == "native" else item["token"],
        "amount": str(worse(item["startAmount"], item["endAmount"])),
    }
    if number >= 2:
        found["token_id"] = str(item["identifierOrCriteria"])
    if "recipient" in item:
        found["to"] = item["recipient"]
    return found


def cow(call: Call, data: TypedData) -> Iterator[Item]:
    """CoW Protocol: sells at most `sellAmount` plus fee for at least `buyAmount`, to the receiver."""
    m = data.message
    sold = m["sellAmount"] + m["feeAmount"]
    to = call.sender if m["receiver"] == ZERO else m["receiver"]
    yield call.effect(
        "order",
        venue=call.to,
        protocol="cow",
        owner=call.sender,
        gives=[{"standard": "erc20", "asset": m["sellToken"], "amount": str(sold)}],
        takes=[{"standard": "erc20", "asset": m["buyToken"], "amount": str(m["buyAmount"]), "to": to}],
        deadline=str(m["validTo"]),
    )


_OFFER: Final = (
    "uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount"
)
_SEAPORT: Final = (
    "OrderComponents(address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,"
    "uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,"
    f"uint256 counter)ConsiderationItem({_OFFER},address recipient)OfferItem({_OFFER})"
)
_COW: Final = (
    "Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,"
    "uint32 validTo,bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,"
    "string sellTokenBalance,string buyTokenBalance)"
)
READERS: Final = {_SEAPORT: seaport, _COW: cow}
