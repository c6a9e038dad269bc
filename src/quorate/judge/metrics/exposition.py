"""The text of /metrics: what was counted since the start, and how the signer stands now."""

from collections.abc import Callable, Iterator

from quorate.judge.assembly import Judge
from quorate.judge.checks.session import CLOCK_FACT
from quorate.judge.isolation import SEPARATE_USERS
from quorate.judge.metrics.text import gauge, header, sample
from quorate.judge.results import REPEATED_R


class Exposition:
    """`connected` says whether the link to the server stands."""

    def __init__(self, judge: Judge, connected: Callable[[], bool]) -> None:
        self._judge = judge
        self._connected = connected
        self._started_ms = judge.clock()

    def text(self) -> bytes:
        parts = (self._standing, self._records, self._events, self._judge.measures.lines)
        return "".join(f"{line}\n" for part in parts for line in part()).encode()

    def _standing(self) -> Iterator[str]:
        state = self._judge.state
        start, charter = state.start, state.charter
        pending = sum(not one.vetoed for one in self._judge.standing.pending())
        apart = state.isolation == SEPARATE_USERS
        for name, help, value in (
            ("start_time_seconds", "Unix time of the judge's start", self._started_ms / 1000),
            ("ready", "1 when this signer may vote", start.may_vote),
            ("start_heard", "Other signers that answered since the start", len(start.heard)),
            ("start_needed", "Other signers that must answer before a vote", start.needed),
            ("start_refused", "1 when the start rule refused this signer", bool(start.refusal)),
            ("connected", "1 while the link to the server stands", self._connected()),
            ("isolation", "1 when judge and keeper run under separate users", apart),
            (
                "charter_version",
                "The version in force; 0 before the first",
                charter.version if charter else 0,
            ),
            ("charter_pending", "Versions that wait for their time and were not vetoed", pending),
            ("freezes", "Freezes in force", len(state.freezes.in_force)),
            ("keys", "Keys with a complete certificate", len(state.certificates)),
        ):
            yield from gauge(f"quorate_judge_{name}", help, float(value))

    def _records(self) -> Iterator[str]:
        log, store = self._judge.log, self._judge.store
        repeated = store.facts.integer(REPEATED_R)
        behind_ms = max(0, store.facts.integer(CLOCK_FACT) - self._judge.clock())
        own, known = self._tally()
        for name, help, value in (
            ("log_size", "Entries of the audit log", log.size),
            ("log_unsigned", "Entries behind the last checkpoint that was written", log.size - log.written),
            ("log_problem", "1 while the log cannot be written: then nothing is signed", bool(log.problem)),
            ("repeated_r", "1 once two signatures shared an R: then nothing is signed", repeated),
            ("clock_behind_seconds", "How far the clock is behind the last vote", behind_ms / 1000),
            ("tally_own", "This signer's tally entries", own),
            ("tally_known", "Tally entries of all signers that are on record", known),
            ("database_bytes", "Size of the database", store.db.size),
        ):
            yield from gauge(f"quorate_judge_{name}", help, float(value))

    def _tally(self) -> tuple[int, int]:
        charter = self._judge.state.charter
        counts = {s.id: self._judge.store.tally.head(s.id).count for s in charter.signers} if charter else {}
        return counts.get(self._judge.state.id, 0), sum(counts.values())

    def _events(self) -> Iterator[str]:
        name = "quorate_judge_log_entries_total"
        yield from header(name, "Entries of the audit log since the start, by event", "counter")
        for event, count in self._judge.log.counts.items():
            yield sample(name, {"event": event}, count)
