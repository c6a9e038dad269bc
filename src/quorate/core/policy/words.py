"""What a rule's fields hold, for people."""

from typing import Final

from quorate.core.model.charter.policy_fields import NAMES
from quorate.core.model.charter.policy_forms import DAYS
from quorate.core.model.charter.policy_types import Hours, Lift, Requirement, Rule, Window
from quorate.core.policy import approvals

NOTHING: Final = "left out"


def value(held: object) -> str:
    """One field's value on one line."""
    if held is None:
        return NOTHING
    if isinstance(held, tuple):
        return ", ".join(value(item) for item in held) or "nothing"
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, Requirement):
        return approvals.words(held)
    if isinstance(held, Window):
        per = f" per {' and '.join(held.per)}" if held.per else ""
        return f"{held.max} in {held.seconds} s{per}"
    if isinstance(held, Hours):
        return f"{' '.join(DAYS[day] for day in held.days)} {_time(held.start)}-{_time(held.end)} UTC"
    if isinstance(held, Lift):
        return f"{held.prohibition} for {' or '.join(held.subjects)}"
    return str(held)


def fields(rule: Rule) -> str:
    """All fields that a rule has: `operations TRANSFER; max_amount 10`."""
    held = ((name, getattr(rule, name)) for name in (*NAMES, "approvals"))
    return "; ".join(f"{name} {value(it)}" for name, it in held if it is not None)


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
