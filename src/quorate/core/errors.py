"""Errors that say whose fault they are. Foreign exceptions stop at the door and become one of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WHOSE: Final = ("caller", "storage", "peer", "transport", "state", "bug")


@dataclass(frozen=True, slots=True)
class TraceLine:
    """Why one policy rule did not decide: its name and the first of its fields that did not match."""

    rule: str
    first_mismatch: str


class QuorateError(Exception):
    """A failure with a stable code, in words for people, and with an owner.

    `whose` is one of `WHOSE`; `hint` says what to do; `culprits` are signer ids where a peer is to blame.
    """

    def __init__(
        self, code: str, message: str, whose: str = "caller", hint: str = "", *, culprits: Sequence[str] = ()
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.whose = whose
        self.hint = hint
        self.culprits = tuple(culprits)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class Refused(QuorateError):
    """A verdict, not a failure: `check` refused, with a `reason_class` that clients may rely on.

    The code is the name of the check unless the check has finer codes of its own. `rule` and `trace` are
    set where the policy refused.
    """

    def __init__(
        self,
        check: str,
        message: str,
        *,
        reason_class: str,
        rule: str = "",
        trace: Sequence[TraceLine] = (),
        code: str = "",
        whose: str = "caller",
        hint: str = "",
        culprits: Sequence[str] = (),
    ) -> None:
        super().__init__(code or check, message, whose, hint, culprits=culprits)
        self.check = check
        self.reason_class = reason_class
        self.rule = rule
        self.trace = tuple(trace)
