"""Counters for /metrics. No label ever carries a user's data."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

STAGES = ("admitted", "voted", "signed", "stored")


class Metrics:
    """One registry per server, so that tests can run several."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "quorate_http_requests_total", "HTTP requests", ["method", "status"], registry=self._registry
        )
        self._attached = Gauge(
            "quorate_signers_attached", "Signers under the charter in force", registry=self._registry
        )
        self._ready = Gauge("quorate_signers_ready", "Signers that may vote", registry=self._registry)
        self._ended = Counter(
            "quorate_transactions_total", "Transactions by final status", ["status"], registry=self._registry
        )
        self._sessions = Counter(
            "quorate_sessions_total", "Signing sessions by outcome", ["outcome"], registry=self._registry
        )
        self._dropped = Counter(
            "quorate_envelopes_dropped_total", "Envelopes without a recipient", registry=self._registry
        )
        self._stage = Histogram(
            "quorate_stage_seconds",
            "Seconds from the first byte of a request to the stage",
            ["stage"],
            registry=self._registry,
            buckets=(0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
        )

    def request(self, method: str, status: int) -> None:
        self._requests.labels(method, str(status)).inc()

    def signers(self, attached: int, ready: int) -> None:
        self._attached.set(attached)
        self._ready.set(ready)

    def dropped_envelope(self) -> None:
        self._dropped.inc()

    def session(self, outcome: str) -> None:
        self._sessions.labels(outcome).inc()

    def ended(self, status: str) -> None:
        self._ended.labels(status).inc()

    def stage(self, stage: str, microseconds: int) -> None:
        self._stage.labels(stage).observe(max(0, microseconds) / 1e6)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)
