"""A signer's refusal as the server stores and shows it."""

import json
from dataclasses import dataclass
from typing import Final

from quorate.core.errors import TraceLine
from quorate.core.proto import link_pb2

CURABLE: Final = frozenset(
    {
        *("admitted", "session_number", "session_known", "members", "nonce_window", "key_certified"),
        *("vote_form", "vote_members", "vote_shared", "vote_signature", "vote_time"),
        *("tally_missing", "tally_fork", "tally_signature", "tally_form"),
        *("statement_form", "statement_cluster", "statement_charter", "statement_intent"),
        *("statement_approver", "statement_signature", "statement_time"),
    }
)
"""Checks that say something of the session as it was opened, not of the request: another set, a
higher number, the entries that were missing or other statements may pass them."""
LACKING: Final = ("tally_missing", "nonce_window")
UNAVAILABLE: Final = "unavailable"
"""Reason class of checks that a signer fails for its own condition: its disk, its clock."""
APPROVALS: Final = "approvals"
"""The check by which the policy wants approvals that were not brought."""
POLICY: Final = ("policy", "policy_window", "frozen", APPROVALS)
"""Checks that say no to the request as such: it is BLOCKED and not failed."""
VETOED: Final = "vetoed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`whose` "caller" is a verdict on the request; anything else is a difficulty of that signer or of what
    it was sent."""

    signer: str
    reason_class: str
    check: str
    rule: str
    message: str
    whose: str
    trace: tuple[TraceLine, ...]
    intent_hash: str
    attempt_hash: str

    @property
    def is_verdict(self) -> bool:
        """Whether it is about the request; otherwise it is a difficulty of that signer or of what
        it was sent."""
        own = self.whose not in ("caller", "") or self.reason_class == UNAVAILABLE
        return not own and self.check not in CURABLE

    @property
    def lacks_entries(self) -> bool:
        """Whether tally entries of its peers would help."""
        return self.check in LACKING

    @property
    def by_policy(self) -> bool:
        return self.check in POLICY

    @property
    def by_person(self) -> bool:
        """Whether this signer saw an approver's rejection."""
        return self.check == VETOED

    @property
    def asks_people(self) -> bool:
        """Whether approvals that are not there yet would help."""
        return self.check == APPROVALS

    @property
    def summary(self) -> str:
        """One line: class, signer, check, rule. The dialect's subStatus."""
        rule = f" rule {self.rule}" if self.rule else ""
        return f"{self.reason_class or self.check}: refused by {self.signer} at check {self.check}{rule}"

    def lines(self) -> list[str]:
        """The explanation for people: the summary with the signer's words, then why each rule did not
        match."""
        first = f"{self.summary}: {self.message}" if self.message else self.summary
        return [
            first,
            *(f"{self.signer}: rule {line.rule} did not match: {line.first_mismatch}" for line in self.trace),
        ]

    def to_json(self) -> dict[str, object]:
        return {
            "signer": self.signer,
            "reason_class": self.reason_class,
            "check": self.check,
            "rule": self.rule,
            "message": self.message,
            "whose": self.whose,
            "trace": [{"rule": line.rule, "first_mismatch": line.first_mismatch} for line in self.trace],
            "intent_hash": self.intent_hash,
            "attempt_hash": self.attempt_hash,
        }


def from_message(signer: str, refusal: link_pb2.Refusal) -> Refusal:
    """The name of the stream's signer counts, not the one in the message."""
    return Refusal(
        signer=signer,
        reason_class=refusal.reason_class,
        check=refusal.check,
        rule=refusal.rule,
        message=refusal.message,
        whose=refusal.whose,
        trace=_trace(refusal.trace),
        intent_hash=refusal.intent_hash.hex(),
        attempt_hash=refusal.attempt_hash.hex(),
    )


def _trace(text: str) -> tuple[TraceLine, ...]:
    """A trace that is not of the agreed form is left out: it explains, it does not decide."""
    try:
        return tuple(
            TraceLine(str(line["rule"]), str(line["first_mismatch"])) for line in json.loads(text or "[]")
        )
    except (ValueError, TypeError, KeyError):
        return ()
