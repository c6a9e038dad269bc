"""What is counted while the judge runs. Everything begins at 0 with each start."""

from collections.abc import Iterator
from typing import Final

from quorate.core.checks import CHECKS
from quorate.judge.metrics.text import Counter, Histogram

SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
OTHER: Final = "other"
"""Stands for a code that is no check, so that nothing from outside can make a label."""
UNDECORATED: Final = frozenset({
    "admission_unique", "admitted", "intent", "session_known", "statement_form", "tally_form",
})  # fmt: skip
"""Checks of the judge that are no function of their own."""
KEEPER: Final = frozenset({
    "charter_behind", "charter_current", "freeze_behind", "frozen", "key_certified", "key_exists",
    "order_charter", "order_expired", "order_incarnation", "order_key", "order_replayed", "path_scheme",
    "peer_banned", "peer_forgot", "rolled_back", "session_number", "session_replayed", "session_unknown",
    "start_rule", "tally_fields", "vote_form", "vote_heads", "vote_items", "vote_members", "vote_own",
    "vote_rollback", "vote_set", "vote_shared", "vote_signature", "vote_time",
})  # fmt: skip
"""Checks that the keeper names in its answers (docs/checks.md)."""


class Measures:
    def __init__(self) -> None:
        self._refusals = Counter(
            "quorate_judge_refusals_total", "Requests refused, by what was asked and the check",
            ("request", "check"),
        )  # fmt: skip
        self._sessions = Counter(
            "quorate_judge_sessions_total", "Sessions that ended, signed or dead", ("outcome",)
        )
        self._bugs = Counter("quorate_judge_bugs_total", "Failures that should not happen; see the journal")
        self._requests = Histogram(
            "quorate_judge_request_seconds", "From a request of the server to its answer", SECONDS, "request"
        )
        self._keeper = Histogram(
            "quorate_judge_keeper_seconds", "From a question to the keeper to its answer", SECONDS, "request"
        )
        self._commits = Histogram(
            "quorate_judge_commit_seconds", "Putting a group of records on disk", SECONDS
        )

    def refused(self, request: str, check: str) -> None:
        known = check in CHECKS or check in UNDECORATED or check in KEEPER
        self._refusals.add(request, check if known else OTHER)

    def session_ended(self, outcome: str) -> None:
        self._sessions.add(outcome)

    def bug(self) -> None:
        self._bugs.add()

    def request_took(self, request: str, seconds: float) -> None:
        self._requests.observe(seconds, request)

    def keeper_took(self, request: str, seconds: float) -> None:
        self._keeper.observe(seconds, request)

    def commit_took(self, seconds: float) -> None:
        self._commits.observe(seconds)

    def lines(self) -> Iterator[str]:
        for family in (
            self._refusals, self._sessions, self._bugs, self._requests, self._keeper, self._commits,
        ):  # fmt: skip
            yield from family.lines()
