"""The policy of the charter, over the request and over what all signers let through so far."""

from quorate.core.checks import Failed, check
from quorate.core.errors import Refused
from quorate.core.policy import Decision, explain
from quorate.core.policy.moved import windowed
from quorate.core.policy.request import ALLOW, APPROVALS
from quorate.judge.checks.case import Case


@check("policy", "no_rule_matched")
def policy(case: Case) -> None:
    """The rules, before anything that was let through earlier is counted. A call whose document is pinned
    and not here is never judged as one without: no rule lifts that, so that signers without the document
    refuse and never allow what the others would not.
    """
    if case.lacking:
        hint = "give it to this signer: quorate charter annotate"
        raise Failed(f"a call cannot be read: {'; '.join(case.lacking)}", hint, reason_class="blind")
    if case.decision_without_tally.verdict not in (ALLOW, APPROVALS):
        raise _refused("policy", case.decision_without_tally)


@check("counted_once", "velocity")
def counted_once(case: Case) -> None:
    """A tally entry is about one asset to one address. A call or message that moves more of what windows
    count would pass uncounted.
    """
    if any(windowed(case.charter.policy, one.asset) for one in case.moved[1:]):
        raise Failed("it moves several things of which a window counts one", "ask for them one by one")


@check("policy_window", "velocity")
def policy_window(case: Case) -> None:
    """The rules again, with the tally of every signer."""
    if case.decision.verdict not in (ALLOW, APPROVALS):
        raise _refused("policy_window", case.decision)


@check("approvals", "missing_evidence")
def approvals(case: Case) -> None:
    """All the approvals are there that the rule and the policy want, each verified by this signer."""
    if case.decision.verdict == APPROVALS:
        raise _refused("approvals", case.decision)


def _refused(check_name: str, decision: Decision) -> Refused:
    return Refused(
        check_name,
        explain.lines(decision)[0],
        reason_class=decision.reason_class,
        rule=decision.rule,
        trace=decision.trace,
    )
