"""What an approver is asked about, derived here from the requester's own bytes and token.

The server hands over the material; what it says about it is not believed. The intent is made by the code
that signers run, from the charter in the approver's hands, and must have the hash that the approver named;
the bytes are decoded here and must do exactly what the intent says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from quorate.client.ceremony import annotations, http, orders
from quorate.core.chains.evm.knowledge.documents import Documents
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import approval, token
from quorate.core.evidence.approval import Approval
from quorate.core.model import canonical
from quorate.core.model.charter import REQUESTER, Charter
from quorate.core.model.intent import CONTRACT_CALL, TYPED_MESSAGE, Attempt, Intent
from quorate.core.model.members import Members
from quorate.core.model.records import KeyCertificate
from quorate.core.model.statement import from_json
from quorate.core.policy.subject import Subject

NATIVE: Final = "/quorate/v1"


@dataclass(frozen=True)
class Asked:
    """`intent` is this tool's own; `attempt` are the bytes that the server showed; `transaction`, `status`
    and `missing` are the server's words. `said`: statements of approvers, each verified here. `documents`:
    what the charter pins about contracts on the chain of a call, each verified here.
    """

    charter: Charter
    certificates: Mapping[str, KeyCertificate]
    intent: Intent
    attempt: Attempt
    transaction: str
    status: str
    missing: tuple[str, ...]
    said: tuple[Approval, ...]
    documents: Documents = field(default_factory=Documents)

    @property
    def intent_hash(self) -> bytes:
        return self.intent.hash

    @cached_property
    def subject(self) -> Subject:
        """The request and the bytes as signers look at them, without their records."""
        certificate = self.certificates.get(self.intent.key)
        return Subject(self.charter, self.intent, certificate, self.attempt, self.documents)


def fetch(server: str, charters: Sequence[Charter], intent_hash: bytes, now: int) -> Asked:
    """Raises Refused: the token's checks, intent, intent_hash, expired; QuorateError with the server's own
    code, server_answer where it answers with something else.
    """
    document = http.call(server, f"{NATIVE}/intents/{intent_hash.hex()}")
    certificates = _certificates(http.call(server, f"{NATIVE}/keys"), charters)
    try:
        asked = _asked(document, charters[-1], certificates, intent_hash, now)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise QuorateError("server_answer", f"the server's answer lacks {error}", "peer") from None
    return replace(asked, documents=_documents(server, asked))


def _documents(server: str, asked: Asked) -> Documents:
    """Only where calls are read. One that the server does not hand over leaves its calls blind."""
    if asked.intent.operation not in (CONTRACT_CALL, TYPED_MESSAGE):
        return Documents()
    return annotations.fetch(server, asked.charter, asked.intent.chain or "")


def waiting(server: str) -> list[bytes]:
    """Hashes of the requests that people are asked about, as the server lists them."""
    try:
        listed = http.call(server, f"{NATIVE}/intents")["intents"]
        return [bytes.fromhex(entry["intent_hash"]) for entry in listed]
    except (KeyError, TypeError, ValueError) as error:
        raise QuorateError("server_answer", f"the server's list lacks {error}", "peer") from None


def _certificates(document: Mapping[str, Any], charters: Sequence[Charter]) -> dict[str, KeyCertificate]:
    """Each signed by every signer of the charter; the server cannot make one."""
    found = [orders.verified(proof, charters) for proof in document.get("keys", ())]
    return {certificate.key: certificate for certificate in found}


def _asked(
    document: Mapping[str, Any],
    charter: Charter,
    certificates: Mapping[str, KeyCertificate],
    intent_hash: bytes,
    now: int,
) -> Asked:
    intent = _intent(document["request"], charter, certificates, now)
    if intent.hash != intent_hash:
        raise Refused(
            "intent_hash",
            f"the requester's bytes are of intent {intent.hash.hex()}",
            reason_class="intent_mismatch",
            hint="the server showed another request, or your charter file is not the one in force",
        )
    if now >= intent.expires_at:
        raise Refused("expired", "the request's lifetime is over", reason_class="expired")
    return Asked(
        charter,
        certificates,
        intent,
        _attempt(document["attempt"], intent_hash),
        str(document["transaction"]),
        str(document["status"]),
        tuple(str(line) for line in document["approvals_missing"]),
        _said(document["statements"], charter, intent_hash, now),
    )


def _intent(
    request: Mapping[str, str], charter: Charter, certificates: Mapping[str, KeyCertificate], now: int
) -> Intent:
    """As a signer derives it that did not see the token fresh."""
    body = bytes.fromhex(request["body"])
    claims = token.verify(
        request["token"],
        method=request["method"],
        uri=request["uri"],
        body=body,
        user_key_pem_lookup=lambda sub: _requester_key(charter, sub),
        now=now,
        skew=charter.skew,
        check_time=False,
    )
    token.token_target(request["method"], request["uri"])
    return fireblocks.to_intent(body, claims, charter, certificates)


def _requester_key(charter: Charter, sub: str) -> str | None:
    user = charter.user(sub)
    return user.rsa_public_key if user and user.role == REQUESTER else None


def _attempt(value: object, intent_hash: bytes) -> Attempt:
    """Raises Refused attempt_form for what is none, which only the server can have made."""
    try:
        m = Members(value, "attempt", ("format", "bytes", "hash"))
        made = {"intent": intent_hash.hex(), "format": m.raw("format"), "bytes": m.raw("bytes")}
        return Attempt.from_bytes(canonical.encode(made))
    except QuorateError as error:
        raise Refused(
            "attempt_form", error.message, reason_class="intent_mismatch", hint="ask whoever runs the server"
        ) from None


def _said(value: Sequence[object], charter: Charter, intent_hash: bytes, now: int) -> tuple[Approval, ...]:
    """Those that verify; the others are nobody's."""
    found: list[Approval] = []
    for entry in value:
        try:
            found.append(approval.verify(from_json(entry), charter, intent_hash, now))
        except QuorateError:
            continue
    return tuple(found)
