"""Checks that at most one attempt of an intent can take effect, and at most one intent uses an EVM nonce or
a Bitcoin output.
"""

from quorate.core.chains import replacement
from quorate.core.chains.reading import Taken
from quorate.core.checks import Failed, check
from quorate.core.errors import Refused
from quorate.judge.checks.case import Case


@check("attempt_fixed", "replay")
def attempt_fixed(case: Case) -> None:
    """The bytes are final at the first vote, but for others that cannot take effect beside them."""
    for earlier in case.earlier:
        reason = replacement.refusal(case.read(earlier), case.reading)
        if reason:
            raise Failed(
                f"a signer voted for other bytes of this request, and {reason}",
                "open the session with the bytes of the first vote, or with a replacement of them",
            )


@check("nonce_window", "inconsistent")
def nonce_window(case: Case) -> None:
    """Not so far ahead that the bytes could lie in wait. What others let through counts as known."""
    if not case.is_transaction or not case.chain.nonce_window:
        return
    store, chain = case.store, case.chain
    assets = tuple(asset.id for asset in case.charter.assets if asset.chain == chain.id)
    unseen = store.tally.unseen(case.intent.source.vault_account or "", assets)
    for taken in case.reading.takes:
        highest = store.nonces.highest(chain.id, taken.holder) + unseen
        if taken.number > highest + chain.nonce_window:
            raise Failed(
                f"nonce {taken.number} is more than {chain.nonce_window} above the known {highest}",
                "fill the gap first",
            )


@check("nonce_conflict", "replay")
def nonce_conflict(case: Case) -> None:
    """What can be used once belongs to one intent; it passes on only while this signer released nothing for
    the first.
    """
    if not case.is_transaction:
        return
    if case.store.attempts.is_dead(case.intent_hash):
        raise Failed("another request took the nonce of this one", "send the request again")
    for taken in case.reading.takes:
        owner = case.store.nonces.owner(case.chain.id, taken.holder, taken.number)
        if owner and owner.intent_hash != case.intent_hash and owner.released:
            raise Failed(
                f"{taken.number} of {taken.holder} was released for another request", "use another one"
            )


def take_nonces(case: Case) -> bool:
    """Makes what the bytes use this intent's, in the current unit, and buries the intents that had it. True
    when not all was its own before.

    Raises Refused nonce_conflict where the table says no: then a check before this was dropped.
    """
    changed = [_take(case, taken) for taken in case.reading.takes]
    return any(changed)


def _take(case: Case, taken: Taken) -> bool:
    nonces, place = case.store.nonces, (case.chain.id, taken.holder, taken.number)
    owner = nonces.owner(*place)
    if owner and owner.intent_hash == case.intent_hash:
        return False
    if not nonces.take(*place, case.intent_hash):
        raise Refused(
            "nonce_conflict",
            f"{taken.number} of {taken.holder} was released for another request",
            reason_class="replay",
        )
    if owner:
        case.store.attempts.bury(owner.intent_hash)
    return True
