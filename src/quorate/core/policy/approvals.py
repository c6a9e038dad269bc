"""Whether the approvals that a rule wants are there. Statements were verified before they came here."""

from collections.abc import Iterable
from typing import Final

from quorate.core.model.charter.policy_types import Requirement
from quorate.core.policy.request import APPROVE, REJECT, Approval, Evidence

VETO: Final = "approver_veto"
VETOED: Final = "vetoed"


def vetoed(evidence: Evidence) -> bool:
    """One rejection is enough, whatever else was said, and whoever the rule would have asked."""
    return any(approval.verdict == REJECT for approval in evidence.approvals)


def satisfied(requirement: Requirement, evidence: Evidence) -> bool:
    """Each leaf counts distinct approvers; one person may count at several leaves."""
    if requirement.all_of:
        return all(satisfied(inner, evidence) for inner in requirement.all_of)
    if requirement.any_of:
        return any(satisfied(inner, evidence) for inner in requirement.any_of)
    counted = {
        approval.approver
        for approval in evidence.approvals
        if approval.verdict == APPROVE and _counts(approval, requirement, evidence)
    }
    return len(counted) >= requirement.threshold


def _counts(approval: Approval, leaf: Requirement, evidence: Evidence) -> bool:
    """The requester approves nothing of its own, unless the rule says so."""
    if approval.approver == evidence.requester and not leaf.requester_may_approve:
        return False
    if leaf.approvers is not None:
        return approval.approver in leaf.approvers
    if leaf.group is not None:
        return leaf.group in approval.groups
    return True


def words(requirement: Requirement) -> str:
    """`2 of group ops and (1 of boss or 2 of group board)`."""
    if requirement.all_of:
        return _joined(requirement.all_of, " and ")
    if requirement.any_of:
        return _joined(requirement.any_of, " or ")
    whom = "anybody" if requirement.group is None else f"group {requirement.group}"
    if requirement.approvers is not None:
        whom = ", ".join(requirement.approvers)
    own = ", the requester included" if requirement.requester_may_approve else ""
    return f"{requirement.threshold} of {whom}{own}"


def _joined(parts: Iterable[Requirement], by: str) -> str:
    return by.join(f"({words(part)})" if part.all_of or part.any_of else words(part) for part in parts)
