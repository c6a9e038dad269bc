"""The bytes against the intent, by the approver's own decoding: what every signer checks too, under the same
names.
"""

from typing import Any

from quorate.client.approver.asked import Asked
from quorate.core.chains import addresses, hd, readers
from quorate.core.chains.describe import describe
from quorate.core.chains.reading import Reading, View
from quorate.core.errors import QuorateError, Refused
from quorate.core.model.charter import Chain
from quorate.core.model.intent import RAW_FORMAT, format_for, sort_effects

Effects = list[dict[str, Any]]


def decoded(asked: Asked) -> Effects:
    """What the bytes do, in the decoder's vocabulary.

    Raises Refused, where they do not do exactly what the intent says: attempt_form, decode, blind,
    effects_match, chain_match, fee_ceiling.
    """
    attempt = asked.attempt
    if attempt.format != format_for(asked.intent):
        raise _differs("attempt_form", f"{attempt.format} does not carry out {asked.intent.operation}")
    return _raw(asked) if attempt.format == RAW_FORMAT else _transaction(asked)


def _transaction(asked: Asked) -> Effects:
    chain = asked.charter.chain(asked.intent.chain or "")
    if chain is None:
        raise _differs("chain_match", f"the charter names no chain {asked.intent.chain}")
    view = _view(asked, chain)
    try:
        _check(asked, chain, readers.read(asked.attempt.format, asked.attempt.data, view))
        found = describe(asked.attempt.format, asked.attempt.data, view)
    except Refused:
        raise
    except QuorateError as error:
        raise _differs("decode", error.message) from None
    return [dict(effect) for effect in found.effects]


def _check(asked: Asked, chain: Chain, reading: Reading) -> None:
    intent = asked.intent
    if reading.form:
        raise _differs("decode", reading.form)
    if reading.blind:
        raise _differs("blind", f"what the bytes do cannot be established: {reading.blind}")
    if reading.others or sort_effects(reading.effects) != sort_effects(intent.effects):
        raise _differs("effects_match", "the bytes do not do what was requested")
    if reading.chain != chain.id:
        raise _differs("chain_match", f"the bytes are for {reading.chain}")
    if intent.fee_ceiling is None or reading.fee > intent.fee_ceiling:
        raise _differs("fee_ceiling", f"the fee may reach {reading.fee}")


def _view(asked: Asked, chain: Chain) -> View:
    key, intent = asked.certificates[asked.intent.key], asked.intent
    sender = addresses.of_key(chain.id, hd.derive(key.curve, key.public_key, key.chain_code, intent.path))
    return View(chain, key, intent.source.vault_account or "", sender)


def _raw(asked: Asked) -> Effects:
    """RAW content lies in the intent; nobody can say what a signature over it does."""
    if asked.attempt.data:
        raise _differs("attempt_form", "raw has no bytes of its own")
    return [{"type": "blind", "reason": "raw_digest", "hex": m.content.hex()} for m in asked.intent.messages]


def _differs(check: str, message: str) -> Refused:
    hint = "sign nothing; ask whoever runs the server"
    return Refused(check, message, reason_class="intent_mismatch", whose="peer", hint=hint)
