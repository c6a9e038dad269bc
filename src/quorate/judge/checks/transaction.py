"""Checks on the exact bytes: they decode, and do what the intent says and nothing else."""

from typing import Final

from quorate.core.chains.evm.item import OTHER_CHAIN
from quorate.core.chains.raw_content import chain_of
from quorate.core.chains.reading import Call
from quorate.core.chains.to_sign import BITCOIN_PSBT
from quorate.core.checks import Failed, check
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError
from quorate.core.model.intent import CONTRACT_CALL, ED25519, RAW, RAW_FORMAT, format_for, sort_effects
from quorate.judge.checks.case import Case

MAX_TRANSACTION: Final = 128 * 1024
LARGEST: Final = {BITCOIN_PSBT: 1 << 20}
"""Formats that carry more than the transaction: a PSBT brings the whole previous ones."""
LONGEST_LIFE_S: Final = 600
"""Seconds that bytes with an expiration may stay executable after a vote, beside the charter's skew."""
_TELLING: Final = ("trailing_bytes", "delegation_7702")
"""Codes of the decoders that say why by themselves."""


@check("attempt_form", "intent_mismatch")
def attempt_form(case: Case) -> None:
    """A transfer is carried out by a transaction of its chain; the content of RAW lies in the intent."""
    attempt = case.attempt
    if attempt.format != format_for(case.intent):
        raise Failed(f"format {attempt.format[:32]!r} does not carry out {case.intent.operation}")
    if attempt.format == RAW_FORMAT and attempt.data:
        raise Failed("raw has no bytes of its own")
    largest = LARGEST.get(attempt.format, MAX_TRANSACTION)
    if attempt.format != RAW_FORMAT and not 1 <= len(attempt.data) <= largest:
        raise Failed(f"a transaction of 1 to {largest} bytes is expected")


@check("raw_transaction", "raw_digest")
def raw_is_no_transaction(case: Case) -> None:
    """RAW content that a chain of the charter takes for a transaction is never signed as RAW: it would move
    value past the checks and the limits of a transfer.
    """
    if case.intent.operation != RAW:
        return
    for message in case.intent.messages:
        chain = chain_of(message.content, case.charter.chains) if message.scheme == ED25519 else ""
        if chain:
            raise Failed(f"the content is a transaction of {chain}", "ask for what it does instead")


@check("decode", "unknown_message")
def decodes(case: Case) -> None:
    """The bytes, or the messages that are signed by digest."""
    try:
        reading = case.reading if case.is_transaction else None
        _ = case.effects
    except QuorateError as error:
        raise Failed(error.message, reason_class=error.code if error.code in _TELLING else "") from None
    if reading is not None and reading.form:
        raise Failed(reading.form, reason_class=reading.form_class)


@check("blind", "blind")
def not_blind(case: Case) -> None:
    """A transfer is one that is read to the end. What a call does is for the policy: there a part that cannot
    be established is a prohibition, which only a rule about exactly that contract and method lifts.
    """
    if not case.is_transaction:
        return
    if case.intent.operation == CONTRACT_CALL and case.reading.call is not None:
        return
    if case.reading.blind:
        raise Failed(f"what the transaction does cannot be established: {case.reading.blind}")


@check("effects_match", "intent_mismatch")
def effects_match(case: Case) -> None:
    """Compared as whole sets: nothing missing, nothing more, to the smallest unit. Of a call contract, value
    and data are compared, byte by byte.
    """
    if not case.is_transaction:
        return
    if case.intent.operation == CONTRACT_CALL:
        _call_match(case)
        return
    if case.reading.others:
        raise Failed(f"the bytes do more than was requested: {', '.join(case.reading.others)}")
    if sort_effects(case.reading.effects) != sort_effects(case.intent.effects):
        raise Failed("the bytes do not do what was requested")


def _call_match(case: Case) -> None:
    to, amount, data = case.intent.destination, case.intent.amount, case.intent.data
    if to is None or amount is None or data is None or case.reading.call != Call(to.address, amount, data):
        raise Failed("the bytes are not exactly the call that was requested")


@check("chain_match", "intent_mismatch")
def chain_match(case: Case) -> None:
    """A message that names no chain is good on all of them: then what it does is for the policy alone."""
    other = next((e for e in case.effects if e.get("reason") == OTHER_CHAIN), None)
    if other is not None:
        raise Failed(f"this is for chain {other.get('found')}, requested was {case.chain.id}")
    if case.is_transaction and case.reading.chain != case.chain.id:
        raise Failed(f"the bytes are for {case.reading.chain}, requested was {case.chain.id}")


@check("sender_path", "intent_mismatch")
def sender_path(case: Case) -> None:
    """The path that signs is the source account's own: purpose / coin type / account / 0 / 0, below the
    chain's key. The inputs of a Bitcoin transaction are signed each at the path of its coin, which the reader
    finds in this account alone.
    """
    if case.intent.operation == RAW:
        return
    account = case.intent.source.vault_account
    if account is None or not _paths_of(case, account):
        raise Failed("the signing path is not the one of the source account")
    if case.intent.key != case.chain.key:
        raise Failed(f"chain {case.chain.id} signs with key {case.chain.key}")


def _paths_of(case: Case, account: str) -> bool:
    """A message may be signed by a further address of the account: another change or index."""
    own = fireblocks.account_path(case.chain, account)
    if not case.intent.signs_messages:
        return case.intent.path == own
    return all(len(m.path) == len(own) and m.path[:3] == own[:3] for m in case.intent.messages)


@check("fee_ceiling", "fee_excess")
def fee_ceiling(case: Case) -> None:
    """The most that can be paid, not what will perhaps be paid: for EVM gas limit x highest price, for
    Bitcoin what the inputs are proven to bring less what the outputs take.
    """
    if not case.is_transaction:
        return
    ceiling = min(case.intent.fee_ceiling or 0, case.chain.fee_cap)
    if case.reading.fee > ceiling:
        raise Failed(f"the fee may reach {case.reading.fee}, the ceiling is {ceiling}")


@check("attempt_expiry", "inconsistent")
def attempt_expiry(case: Case) -> None:
    """Bytes that carry an expiration still execute, and not so long that they could lie in wait. Chains whose
    bytes name no time have nothing to look at.
    """
    ends_s = case.reading.ends_s if case.is_transaction else None
    if ends_s is None:
        return
    if case.now_ms >= 1000 * ends_s:
        raise Failed("the transaction's expiration is over", "send the request again", reason_class="expired")
    longest_s = LONGEST_LIFE_S + case.charter.skew
    if 1000 * (ends_s - longest_s) > case.now_ms:
        raise Failed(f"the transaction stays executable for more than {longest_s} seconds")
