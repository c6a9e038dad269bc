"""Submitting an order and following it until it took effect at the signers."""

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from quorate.client.ceremony import http
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from quorate.core.model.records import KeyCertificate, SignedCertificate, verify_certificate


def run(server: str, order: dict[str, Any], timeout: float) -> dict[str, Any]:
    """Sends the order and shows each signer's progress on stderr; returns the final state.

    Raises QuorateError with the ceremony's own error, or order_timeout (transport).
    """
    id = http.call(server, "/quorate/v1/orders", order)["id"]
    until = time.monotonic() + timeout
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[step]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars = _Bars(progress)
        while True:
            state = http.call(server, f"/quorate/v1/orders/{id}")
            bars.update(state.get("signers") or {})
            if state["status"] == "done":
                return state
            if state["status"] == "failed":
                raise _failure(state)
            if time.monotonic() > until:
                raise QuorateError(
                    "order_timeout",
                    f"order {id} is still {state['status']}",
                    "transport",
                    "see `quorate status`",
                )
            time.sleep(0.2)


class _Bars:
    """One bar a signer."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def update(self, signers: dict[str, dict[str, Any]]) -> None:
        for id, at in signers.items():
            if id not in self._tasks:
                self._tasks[id] = self._progress.add_task(id, total=1, step="")
            self._progress.update(
                self._tasks[id],
                total=at.get("of") or 1,
                completed=at.get("done") or 0,
                step=at.get("step") or "",
            )


def _failure(state: dict[str, Any]) -> QuorateError:
    error = state.get("error") or {}
    return QuorateError(
        str(error.get("code", "order_failed")),
        str(error.get("message", "the signers did not carry out the order")),
        str(error.get("whose", "peer")),
        str(error.get("hint", "")),
    )


def verified(proof: object, charters: Sequence[Charter]) -> KeyCertificate:
    """The certificate in `proof`, after the signatures of all its signers were verified."""
    return verify_certificate(SignedCertificate.from_json(proof), charters)
