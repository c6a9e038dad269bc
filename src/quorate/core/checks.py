"""The registry of named checks.

A check is a small function that returns nothing or raises `Failed`. The decorator gives the failure its
stable name, so that every refusal names what refused, and so that the test that drops a check cannot drop
more than it names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Final, ParamSpec

from quorate.core.errors import Refused

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Check:
    """A name that refusals carry, and the reason class they carry unless the failure says otherwise."""

    name: str
    reason_class: str


class Failed(Exception):
    """Raised inside a check. The decorator turns it into `Refused`."""

    def __init__(self, message: str, hint: str = "", *, reason_class: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason_class = reason_class
        self.code = code


CHECKS: Final[dict[str, Check]] = {}

# Read when a check is defined, never again, and never set by anything in this package. The mutation tests
# assign it before they import the modules that define checks; a running process cannot lose a check.
DROPPED: frozenset[str] = frozenset()


def check(name: str, reason_class: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Names a check. Several functions may share a name when they are parts of one check.

    Raises (the decorated function): Refused with the check's name; a Refused raised inside passes through
    unchanged.
    """
    entry = CHECKS.setdefault(name, Check(name, reason_class))
    if entry.reason_class != reason_class:
        raise ValueError(f"check {name} is already defined with reason class {entry.reason_class}")

    def decorate(function: Callable[P, None]) -> Callable[P, None]:
        if name in DROPPED:
            return _nothing

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except Failed as failure:
                raise Refused(
                    name,
                    failure.message,
                    reason_class=failure.reason_class or reason_class,
                    code=failure.code,
                    hint=failure.hint,
                ) from None

        return run

    return decorate


def _nothing(*args: object, **kwargs: object) -> None:
    """Stands in for a check that a mutation test dropped."""
