"""One call -> all that it does, calls inside it included.

Read in this order: a method of the table; an annotation of the operator; otherwise the call is blind. Where
the table says that what a method does is not in the bytes, only an annotation that states an effect goes
before it. The value goes to the contract in every case.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from quorate.core.chains.effects import Effect, blind
from quorate.core.chains.evm.abi.decode import decode, to_json
from quorate.core.chains.evm.abi.types import Signature
from quorate.core.chains.evm.call import Args, Call, DelegateCall, Item, Method
from quorate.core.chains.evm.calls import annotated, multisend
from quorate.core.chains.evm.calls.table import METHODS
from quorate.core.chains.evm.knowledge.annotations import Annotation
from quorate.core.errors import QuorateError

MAX_NESTING: Final = 6
"""Wrappers around a call: a Safe that owns a Safe, each with a MultiSend, is 4."""
TOO_DEEP: Final = "nesting_too_deep"
UNKNOWN_CODE: Final = "delegatecall_unknown_code"


def effects(items: Iterable[Item]) -> Iterator[Effect]:
    """Effects as they are, calls read in turn."""
    for item in items:
        if isinstance(item, Call):
            yield from _effects_of(item)
        elif isinstance(item, DelegateCall):
            yield from _delegated(item.call)
        else:
            yield item


def _effects_of(call: Call) -> Iterator[Effect]:
    if len(call.via) > MAX_NESTING:
        yield blind(TOO_DEEP, via=list(call.via))
        return
    if call.value or not call.data:
        yield call.effect(
            "native_transfer", asset="native", from_=call.sender, to=call.to, amount=str(call.value)
        )
    if call.data:
        yield from _call(call)


def _call(call: Call) -> Iterator[Effect]:
    selector = call.data[:4]
    known = METHODS.get(selector)
    if known is not None and known.only_at is not None and call.to not in known.only_at:
        known = None
    if known is None or known.opaque:
        annotation = call.knowledge.annotations.find(call.chain_id, call.to, selector)
        if annotation is not None and (known is None or annotation.effect is not None):
            yield from _annotated(call, annotation)
            return
    if known is None:
        like = METHODS.get(selector)
        yield contract_call(call, blind=True, looks_like=like and like.signature.text)
    else:
        yield from _known(call, known)


def _known(call: Call, known: Method) -> Iterator[Effect]:
    try:
        args = decode(known.signature.types, call.data[4:])
    except QuorateError as error:
        yield contract_call(call, blind=True, looks_like=known.signature.text)
        yield blind(error.code)
        return
    if known.opaque:
        yield contract_call(call, blind=True, signature=known.signature.text, args=to_json(args))
    elif known.wraps:
        trusted = known.only_at is not None or call.knowledge.is_ours(call.to)
        yield contract_call(call, blind=not trusted, signature=known.signature.text)
    elif known.shows_call:
        yield contract_call(call, blind=False, signature=known.signature.text, args=to_json(args))
    yield from effects(known.read(call, args))


def _annotated(call: Call, annotation: Annotation) -> Iterator[Effect]:
    signature = annotation.signature
    try:
        args = decode(signature.types, call.data[4:])
    except QuorateError as error:
        yield contract_call(call, blind=True, looks_like=signature.text)
        yield from annotated.unread(call, annotation)
        yield blind(error.code)
        return
    yield contract_call(
        call,
        blind=False,
        signature=signature.text,
        args=to_json(args),
        arg_names=list(signature.names) if any(signature.names) else None,
        intent=annotation.intent,
        stated_by=annotation.source,
    )
    yield from annotated.typed(call, annotation, args)


def contract_call(call: Call, *, blind: bool, **members: Any) -> dict[str, object]:
    return call.effect(
        "contract_call",
        from_=call.sender,
        to=call.to,
        selector=call.selector,
        value=str(call.value),
        blind=blind,
        **members,
    )


def _delegated(call: Call) -> Iterator[Effect]:
    """Foreign code that runs as the sender can do all that the sender can: its own effect in every case.

    Only MultiSend is read further, and only where the code at the address is known to be MultiSend; of other
    code that the operator trusts, what it does stays blind.
    """
    if len(call.via) > MAX_NESTING:
        yield blind(TOO_DEEP, via=list(call.via))
        return
    name = multisend.KNOWN.get(call.to)
    trusted = call.to in call.knowledge.trusted_delegatecall
    signature, args = _looks_like(call.data)
    packed = signature is not None and args is not None and signature.text == multisend.SIGNATURE.text
    expands = packed and (trusted or name is not None)
    yield call.effect(
        "delegatecall",
        from_=call.sender,
        to=call.to,
        selector=call.selector,
        value=str(call.value),
        known=name,
        trusted=trusted or None,
        looks_like=None if expands or signature is None else signature.text,
        args=None if expands or args is None else to_json(args),
    )
    if expands and args is not None:
        yield from effects(multisend.inside(call, call.to, call.sender or "", args[0]))
    elif trusted:
        yield blind(UNKNOWN_CODE)


def _looks_like(data: bytes) -> tuple[Signature | None, Args | None]:
    """The method whose selector the data carry, and its arguments where they are the encoding of some."""
    known = METHODS.get(data[:4])
    if known is None:
        return None, None
    try:
        return known.signature, decode(known.signature.types, data[4:])
    except QuorateError:
        return known.signature, None
