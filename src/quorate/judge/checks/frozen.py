"""Freezes come before everything else that is known of a request."""

from quorate.core.checks import Failed, check
from quorate.core.model.freeze import ASSET, FreezeSet
from quorate.core.model.intent import Intent
from quorate.judge.checks.case import Case


@check("frozen", "frozen")
def not_frozen(freezes: FreezeSet, intent: Intent) -> None:
    """Nothing that the request is about is frozen by an administrator."""
    freeze = freezes.stopping(intent)
    if freeze is not None:
        raise Failed(
            f"{freeze.words} is frozen by {freeze.by}, freeze {freeze.id}",
            "a quorum of administrators lifts it",
        )


def frozen(case: Case) -> None:
    """Bytes that pay nobody stop what a frozen user asked for; they too need a key that signs."""
    freezes = case.state.freezes
    not_frozen(freezes.of_signing if case.cancels else freezes, case.intent)


@check("frozen", "frozen")
def assets_free(case: Case) -> None:
    """Nor is an asset that the bytes move, whatever the request names: a call can move any."""
    moves = {one.asset for one in case.moved}
    for freeze in case.state.freezes.in_force.values():
        if freeze.scope == ASSET and freeze.subject in moves:
            raise Failed(
                f"{freeze.words} is frozen by {freeze.by}, freeze {freeze.id}",
                "a quorum of administrators lifts it",
            )
