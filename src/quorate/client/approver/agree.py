"""The bytes against the intent, by the approver's own decoding: what every signer checks too, under the same
names.
"""

from typing import Any

from quorate.client.approver.asked import Asked
from quorate.core.chains.describe import describe
from quorate.core.chains.evm.item import OTHER_CHAIN
from quorate.core.chains.reading import Call, Reading
from quorate.core.errors import QuorateError, Refused
from quorate.core.model.charter import Chain
from quorate.core.model.intent import (
    CONTRACT_CALL,
    EVM_TX,
    RAW,
    RAW_FORMAT,
    Intent,
    format_for,
    sort_effects,
)

Effects = list[dict[str, Any]]


def decoded(asked: Asked) -> Effects:
    """What the bytes do, in the decoder's vocabulary.

    Raises Refused, where they do not do exactly what the intent says: attempt_form, decode, blind,
    effects_match, chain_match, fee_ceiling.
    """
    attempt = asked.attempt
    if attempt.format != format_for(asked.intent):
        raise _differs("attempt_form", f"{attempt.format} does not carry out {asked.intent.operation}")
    if attempt.format != RAW_FORMAT:
        return _transaction(asked)
    if attempt.data:
        raise _differs("attempt_form", "raw has no bytes of its own")
    return _raw(asked) if asked.intent.operation == RAW else _typed(asked)


def _transaction(asked: Asked) -> Effects:
    """On EVM chains the effects are those that signers judge; elsewhere the description says more."""
    attempt, subject = asked.attempt, asked.subject
    _chain_known(asked)
    try:
        _check(asked, subject.chain, subject.reading)
        if attempt.format == EVM_TX:
            found = subject.effects
        else:
            found = describe(attempt.format, attempt.data, subject.view).effects
    except Refused:
        raise
    except QuorateError as error:
        raise _differs("decode", error.message) from None
    return [dict(effect) for effect in found]


def _check(asked: Asked, chain: Chain, reading: Reading) -> None:
    intent = asked.intent
    if reading.form:
        raise _differs("decode", reading.form)
    if intent.operation == CONTRACT_CALL:
        _check_call(intent, reading)
    else:
        _check_transfer(intent, reading)
    if reading.chain != chain.id:
        raise _differs("chain_match", f"the bytes are for {reading.chain}")
    if intent.fee_ceiling is None or reading.fee > intent.fee_ceiling:
        raise _differs("fee_ceiling", f"the fee may reach {reading.fee}")


def _check_transfer(intent: Intent, reading: Reading) -> None:
    if reading.blind:
        raise _differs("blind", f"what the bytes do cannot be established: {reading.blind}")
    if reading.others or sort_effects(reading.effects) != sort_effects(intent.effects):
        raise _differs("effects_match", "the bytes do not do what was requested")


def _check_call(intent: Intent, reading: Reading) -> None:
    """The one call that was requested, byte by byte. What of it cannot be established is shown as such."""
    to, amount, data = intent.destination, intent.amount, intent.data
    if to is None or amount is None or data is None or reading.call != Call(to.address, amount, data):
        raise _differs("effects_match", "the bytes are not exactly the call that was requested")


def _chain_known(asked: Asked) -> None:
    if asked.charter.chain(asked.intent.chain or "") is None:
        raise _differs("chain_match", f"the charter names no chain {asked.intent.chain}")


def _typed(asked: Asked) -> Effects:
    """Typed messages lie in the intent, and the digest that is signed is made from them."""
    _chain_known(asked)
    try:
        effects = asked.subject.effects
    except QuorateError as error:
        raise _differs("decode", error.message) from None
    other = next((effect for effect in effects if effect.get("reason") == OTHER_CHAIN), None)
    if other is not None:
        raise _differs("chain_match", f"a message is for chain {other.get('found')}")
    return [dict(effect) for effect in effects]


def _raw(asked: Asked) -> Effects:
    """RAW content lies in the intent; nobody can say what a signature over it does."""
    return [{"type": "blind", "reason": "raw_digest", "hex": m.content.hex()} for m in asked.intent.messages]


def _differs(check: str, message: str) -> Refused:
    hint = "sign nothing; ask whoever runs the server"
    return Refused(check, message, reason_class="intent_mismatch", whose="peer", hint=hint)
