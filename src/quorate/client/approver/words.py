"""A request in plain words: what is asked, and what the bytes do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from quorate.client.approver.asked import Asked
from quorate.client.approver.known import known
from quorate.client.approver.warnings import warnings
from quorate.core.model.charter import Asset

Effect = Mapping[str, Any]
_DESTINATIONS: Final = {
    "own_account": "own account",
    "whitelist": "whitelist",
    "one_time": "one-time address",
}


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
    return f"sends {_amount(asked, effect)} to {_place(asked, to)}{_from(asked, effect)}"


def _change(asked: Asked, effect: Effect) -> str:
    return f"gives {_amount(asked, effect)} back to the account, at {effect['to']}"


def _approval(asked: Asked, effect: Effect) -> str:
    spender = _place(asked, str(effect["spender"]))
    if effect.get("revokes") is True:
        return f"takes back what {spender} may take of {effect['asset']}"
    what = "everything there is" if effect.get("unlimited") else _amount(asked, effect)
    return f"lets {spender} take {what} of {effect['asset']}{_from(asked, effect, 'owner')}"


def _call(asked: Asked, effect: Effect) -> str:
    """With its arguments, where the decoder or a document that the charter pins knows the method."""
    method = effect.get("signature") or effect.get("looks_like") or effect.get("selector")
    value = str(effect.get("value", "0"))
    paid = "" if value == "0" else f", with {_amount(asked, {'asset': 'native', 'amount': value})}"
    call = f"calls {method} of {_place(asked, str(effect['to']))}{_from(asked, effect)}{paid}"
    if effect.get("blind") is True:
        return f"{call}, and what that does cannot be established"
    return call + _arguments(effect)


def _arguments(effect: Effect) -> str:
    if "args" not in effect:
        return ""
    names = effect.get("arg_names") or [""] * len(effect["args"])
    given = ", ".join(
        f"{name} = {value}" if name else str(value) for name, value in zip(names, effect["args"], strict=True)
    )
    about = f" ({effect['intent']}, says its document)" if effect.get("intent") else ""
    read = ", as the charter's document reads it" if effect.get("stated_by") else ""
    return f": {given or 'no arguments'}{read}{about}"


def _delegatecall(asked: Asked, effect: Effect) -> str:
    account = _place(asked, str(effect.get("from", "the account")))
    return f"runs code of {_place(asked, str(effect['to']))} that can do all that {account} can"


def _message(asked: Asked, effect: Effect) -> str:
    if "primary_type" not in effect:
        said = f"text {effect['text']!r}" if "text" in effect else f"bytes {effect.get('hex', '')}"
        return f"signs the {said}"
    domain = effect.get("domain")
    place = ", ".join(f"{k} {v}" for k, v in domain.items()) if isinstance(domain, Mapping) else "no domain"
    return f"signs a message of type {effect['primary_type']} ({place}): {effect.get('content')}"


def _order(asked: Asked, effect: Effect) -> str:
    gives, takes = (_things(asked, effect[side]) for side in ("gives", "takes"))
    return f"lets anybody at {effect['venue']} exchange {gives} for {takes}"


def _things(asked: Asked, things: Sequence[Effect]) -> str:
    """One side of an order."""
    return " and ".join(_thing(asked, one) for one in things) or "nothing"


def _thing(asked: Asked, one: Effect) -> str:
    to = one.get("to")
    return _amount(asked, one) + ("" if to is None else f" to {_place(asked, str(to))}")


def _fee(asked: Asked, effect: Effect) -> str:
    most = effect.get("max_amount", effect.get("amount"))
    chain = asked.charter.chain(asked.intent.chain or "")
    native = asked.charter.asset(chain.native_asset) if chain else None
    return f"pays a fee of at most {most if most is None else whole(int(most), native)}"


def _blind(asked: Asked, effect: Effect) -> str:
    return f"cannot be established: {effect.get('reason', 'unknown')}"


def _any(asked: Asked, effect: Effect) -> str:
    members = ", ".join(f"{name} {value}" for name, value in effect.items() if name != "type")
    return f"{str(effect['type']).replace('_', ' ')}: {members}"


_WORDS: Final[Mapping[str, Callable[[Asked, Effect], str]]] = {
    "native_transfer": _transfer,
    "token_transfer": _transfer,
    "change": _change,
    "approval": _approval,
    "contract_call": _call,
    "delegatecall": _delegatecall,
    "message": _message,
    "order": _order,
    "fee": _fee,
    "blind": _blind,
}


def _place(asked: Asked, address: str) -> str:
    name = known(asked).get(address)
    return f"{address} ({name})" if name else address


def _from(asked: Asked, effect: Effect, member: str = "from") -> str:
    """Whose it is, where that is not the account that signs: a Safe, or somebody who has allowed it."""
    whose = effect.get(member)
    if whose is None or str(whose) in asked.subject.own:
        return ""
    return f" from {_place(asked, str(whose))}"


def _amount(asked: Asked, effect: Effect) -> str:
    amount = effect.get("amount")
    if not isinstance(amount, str) or not amount.isdecimal():
        return str(amount)
    native = effect.get("asset") == "native" or effect.get("type") in ("native_transfer", "change")
    contract = None if native else str(effect.get("asset"))
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
