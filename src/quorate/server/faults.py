"""Names of the crash points of this program (`quorate.core.faults`), one between each pair of durable
steps."""

from typing import Final

ROW_STORED: Final = "server.row_stored"
"""The request is durable; no signer has seen it."""
ADMITTED: Final = "server.admitted"
"""t signers admitted it; the admissions are not yet durable."""
ADMISSIONS_STORED: Final = "server.admissions_stored"
"""The admissions are durable; the client has no answer yet."""
NONCE_ALLOCATED: Final = "server.nonce_allocated"
"""The bytes and what they use (nonce, coins) are durable; no signer has seen the bytes."""
SESSION_STORED: Final = "server.session_stored"
"""The session number is spent; Open was not sent."""
VOTES_COLLECTED: Final = "server.votes_collected"
"""All members voted; nobody was asked to release."""
RELEASE_NOTED: Final = "server.release_noted"
"""The row says that shares may be out; nobody was asked for one."""
RELEASED: Final = "server.released"
"""Shares may be out; the result has not arrived."""
RESULT_RECEIVED: Final = "server.result_received"
"""The signature is verified, not yet durable."""
RESULT_STORED: Final = "server.result_stored"
"""The signed transaction is durable, not yet broadcast."""
BROADCAST: Final = "server.broadcast"
"""A node has the transaction; the row does not say so."""
CONFIRMING_STORED: Final = "server.confirming_stored"
"""The row says it was broadcast; no receipt was seen."""
RECEIPT_SEEN: Final = "server.receipt_seen"
"""The receipt was read, not yet durable."""
FINISHED: Final = "server.finished"
"""The last durable step."""

VERSION_STORED: Final = "server.version_stored"
"""Other bytes of a signed transaction are durable; no signer has seen them."""
VERSION_SIGNED: Final = "server.version_signed"
"""They are signed, durably; no node has seen them."""

ORDER_STORED: Final = "server.order_stored"
"""The order is durable; no signer has it."""
ORDER_ANSWERED: Final = "server.order_answered"
"""One signer's answer to the order is durable."""
PART_STORED: Final = "server.part_stored"
"""One signer's part of a certificate is durable, others may be outstanding."""
CERTIFICATE_STORED: Final = "server.certificate_stored"
"""The certificate is durable; no signer was handed it."""

FREEZE_STORED: Final = "server.freeze_stored"
"""The freeze is durable; no signer has it."""
PROPOSAL_STORED: Final = "server.proposal_stored"
"""The charter version is durable; no signer has it."""
ASKED: Final = "server.asked"
"""The request waits for people, durably."""
STATEMENT_STORED: Final = "server.statement_stored"
"""A statement is durable; neither its author nor whoever waits for it knows."""
APPROVED: Final = "server.approved"
"""The row says that the approvals are there; nothing was built or opened since."""

TRANSFER: Final = (
    ROW_STORED,
    ADMITTED,
    ADMISSIONS_STORED,
    NONCE_ALLOCATED,
    SESSION_STORED,
    VOTES_COLLECTED,
    RELEASE_NOTED,
    RELEASED,
    RESULT_RECEIVED,
    RESULT_STORED,
    BROADCAST,
    CONFIRMING_STORED,
    RECEIPT_SEEN,
    FINISHED,
)
REPLACEMENT: Final = (VERSION_STORED, VERSION_SIGNED)
CEREMONY: Final = (ORDER_STORED, ORDER_ANSWERED, PART_STORED, CERTIFICATE_STORED)
GOVERNANCE: Final = (FREEZE_STORED, PROPOSAL_STORED)
APPROVALS: Final = (ASKED, STATEMENT_STORED, APPROVED)
POINTS: Final = (*TRANSFER, *REPLACEMENT, *CEREMONY, *GOVERNANCE, *APPROVALS)
