"""Checks of docs/spec/admission.md on this signer's own records; those of token and body are in core."""

from collections.abc import Sequence

from quorate.core.checks import Failed, check
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent
from quorate.core.model.records import Admission, Signed, verify_signed


@check("request_replayed", "replay")
def request_replayed(intent_hash: bytes, used_for: bytes | None) -> None:
    """(user, token nonce) is unseen, or was seen with this very request."""
    if used_for is not None and used_for != intent_hash:
        raise Failed("this token was used for another request", "sign a new token, with a new nonce")


@check("external_id", "replay")
def external_id(intent_hash: bytes, used_for: bytes | None) -> None:
    """(user, external id) was never accepted for another intent: what makes a client's retry safe."""
    if used_for is not None and used_for != intent_hash:
        raise Failed(
            "this external id was accepted before, for another request",
            "look up the first request by its external id",
        )


@check("admissions", "evidence")
def admissions(
    charter: Charter, intent: Intent, intent_hash: bytes, nonce: str, receipts: Sequence[Signed]
) -> None:
    """At least t distinct signers of the charter say that they saw exactly this request fresh."""
    seen = {_signer(charter, intent, intent_hash, nonce, receipt) for receipt in receipts[: charter.n]}
    if len(seen) < charter.threshold:
        raise Failed(f"{len(seen)} signers admitted this request, {charter.threshold} are needed")


def _signer(charter: Charter, intent: Intent, intent_hash: bytes, nonce: str, receipt: Signed) -> str:
    try:
        admission = Admission.from_bytes(receipt.body)
        signer = charter.signer(admission.signer)
        if signer is None:
            raise Failed(f"{admission.signer} is not a signer of the charter")
        verify_signed(labels.ADMISSION, receipt, signer.vote_key)
    except QuorateError as error:
        raise Failed(f"an admission does not hold: {error.message}") from None
    said = (admission.cluster, admission.intent, admission.user, admission.token_nonce, admission.external_id)
    if said != (charter.cluster, intent_hash, intent.user, nonce, intent.external_id):
        raise Failed(f"the admission of {signer.id} is for another request")
    return signer.id
