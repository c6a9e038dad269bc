"""A request in plain words: what is asked, what the bytes do, and what an approver should stop at."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from quorate.client.approver.asked import Asked
from quorate.client.approver.known import known, lookalikes
from quorate.core.model.charter import Asset

Effect = Mapping[str, Any]
_DESTINATIONS: Final = {
    "own_account": "own account",
    "whitelist": "whitelist",
    "one_time": "one-time address",
}
_RECEIVERS: Final = ("to", "spender", "delegate", "new_owner", "implementation", "beneficiary")


def lines(asked: Asked, effects: list[dict[str, Any]]) -> list[str]:
    """For a terminal: the request, then each effect, then each warning."""
    return [
        *_request(asked),
        f"what the bytes do, decoded here ({asked.attempt.format}):",
        *(f"  {effect_words(asked, effect)}" for effect in effects),
        *(f"WARNING  {line}" for line in warnings(asked, effects)),
    ]


def _request(asked: Asked) -> Iterator[str]:
    intent = asked.intent
    yield f"request     {intent.operation} by {_user(asked)}"
    if intent.external_id is not None:
        yield f"            external id {intent.external_id}"
    if intent.source.vault_account is not None:
        yield f"from        vault account {intent.source.vault_account}"
    if intent.destination is not None:
        name = f" {intent.destination.id}" if intent.destination.id else ""
        yield f"to          {intent.destination.address} ({_DESTINATIONS[intent.destination.type]}{name})"
    if intent.amount is not None and intent.asset is not None:
        yield f"amount      {whole(intent.amount, asked.charter.asset(intent.asset))}"
    for message in intent.messages:
        path = "/".join(map(str, message.path))
        yield f"message     {message.content.hex()[:128]} ({message.type or message.scheme}, path {path})"
    yield f"intent      {asked.intent_hash.hex()}"
    for said in asked.said:
        yield f"so far      {said.approver}: {said.verdict}, round {said.round}"


def _user(asked: Asked) -> str:
    user = asked.charter.user(asked.intent.user)
    return asked.intent.user if user is None else f"{user.name} ({user.id})"


def effect_words(asked: Asked, effect: Effect) -> str:
    """One effect of the decoder's vocabulary (core/chains/effects.py)."""
    write = _WORDS.get(str(effect["type"]), _any)
    return write(asked, effect)


def _transfer(asked: Asked, effect: Effect) -> str:
    to = str(effect["to"])
    return f"sends {_amount(asked, effect)} to {to}{_name(asked, to)}"


def _approval(asked: Asked, effect: Effect) -> str:
    spender = str(effect["spender"])
    what = "everything there is" if effect.get("unlimited") else _amount(asked, effect)
    return f"lets {spender}{_name(asked, spender)} take {what} of {effect['asset']}"


def _fee(asked: Asked, effect: Effect) -> str:
    most = effect.get("max_amount", effect.get("amount"))
    chain = asked.charter.chain(asked.intent.chain or "")
    native = asked.charter.asset(chain.native_asset) if chain else None
    return f"pays a fee of at most {most if most is None else whole(int(most), native)}"


def _blind(asked: Asked, effect: Effect) -> str:
    return f"cannot be established: {effect.get('reason', 'unknown')}"


def _call(asked: Asked, effect: Effect) -> str:
    """With its arguments, where the decoder or a document that the charter pins knows the method."""
    to, blind = str(effect["to"]), effect.get("blind") is True
    method = effect.get("signature") or effect.get("looks_like") or effect["selector"]
    if blind or "args" not in effect:
        return f"calls {method} of {to}{_name(asked, to)}" + (", which nobody here can read" if blind else "")
    names = effect.get("arg_names") or [""] * len(effect["args"])
    given = ", ".join(
        f"{name} = {value}" if name else str(value) for name, value in zip(names, effect["args"], strict=True)
    )
    about = f" ({effect['intent']}, says its document)" if effect.get("intent") else ""
    read = ", as the charter's document reads it" if effect.get("stated_by") else ""
    return f"calls {method} of {to}{_name(asked, to)}: {given or 'no arguments'}{read}{about}"


def _any(asked: Asked, effect: Effect) -> str:
    members = ", ".join(f"{name} {value}" for name, value in effect.items() if name != "type")
    return f"{str(effect['type']).replace('_', ' ')}: {members}"


_WORDS: Final[Mapping[str, Callable[[Asked, Effect], str]]] = {
    "native_transfer": _transfer,
    "token_transfer": _transfer,
    "approval": _approval,
    "contract_call": _call,
    "fee": _fee,
    "blind": _blind,
}


def warnings(asked: Asked, effects: list[dict[str, Any]]) -> list[str]:
    """What an approver should stop at; empty when nothing is unusual."""
    names = known(asked)
    found: list[str] = []
    for effect in effects:
        if effect["type"] == "blind" or effect.get("blind") is True:
            found.append("blind: nobody can say what a signature over these bytes does")
        if effect["type"] == "approval" and effect.get("unlimited"):
            found.append(f"unlimited allowance: {effect['spender']} may take everything, at any time")
        for address in _receivers(effect):
            found += _about_address(address, names)
    found += asked.documents.lacking(asked.intent.chain or "", effects)
    return list(dict.fromkeys(found))


def _receivers(effect: Effect) -> Iterator[str]:
    for member in _RECEIVERS:
        if isinstance(effect.get(member), str):
            yield effect[member]


def _about_address(address: str, names: Mapping[str, str]) -> Iterator[str]:
    if address in names:
        return
    yield f"new destination: {address} is on no list of the charter and none of the accounts named here"
    for other in lookalikes(address, names):
        yield f"look-alike: {address} is not {other} ({names[other]}), though both begin and end alike"


def _name(asked: Asked, address: str) -> str:
    name = known(asked).get(address)
    return f" ({name})" if name else ""


def _amount(asked: Asked, effect: Effect) -> str:
    amount = effect.get("amount")
    if not isinstance(amount, str) or not amount.isdecimal():
        return str(amount)
    contract = None if effect.get("asset") == "native" else str(effect.get("asset"))
    return whole(int(amount), asked.charter.asset_by_contract(asked.intent.chain or "", contract))


def whole(amount: int, asset: Asset | None) -> str:
    """Whole units of a known asset; the bare number of smallest units otherwise."""
    if asset is None:
        return f"{amount} smallest units of an unknown asset"
    return f"{to_text(amount, asset.decimals)} {asset.id}"


def to_text(amount: int, decimals: int) -> str:
    """Digit by digit, no rounding."""
    if decimals == 0:
        return str(amount)
    units, fraction = divmod(amount, 10**decimals)
    return f"{units}.{fraction:0{decimals}d}".rstrip("0").rstrip(".")
