"""Approvers' statements as a session sees them; each was verified by `core.evidence.approval`."""

from quorate.core.evidence import approval
from quorate.judge.checks.case import Case


def vetoed(case: Case) -> None:
    """One rejection that this signer ever saw ends the request here."""
    approval.not_vetoed(case.approvals)
