"""Readers of what the fields of a policy hold. Each raises QuorateError, wrong_type or identifier, with the
place.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from quorate.core.model import members
from quorate.core.model.address import eip55
from quorate.core.model.charter import policy_forms as form
from quorate.core.model.charter.policy_types import Hours, Lift, Requirement, Window
from quorate.core.model.members import Members, bad

T = TypeVar("T")


def listed(read: Callable[[object, str], T]) -> Callable[[object, str], tuple[T, ...]]:
    """An empty list would match nothing and is refused as a slip."""

    def read_list(value: object, where: str) -> tuple[T, ...]:
        values = members.array(value, where, read, shortest=1)
        if len(set(values)) != len(values):
            raise bad(where, "an entry occurs twice")
        return values

    return read_list


def _matching(value: object, where: str, pattern: str, what: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise bad(where, f"{what} is expected")
    return value


def flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise bad(where, "true or false is expected")
    return value


def operation(value: object, where: str) -> str:
    return members.one_of(value, where, form.OPERATIONS)


def path(value: object, where: str) -> str:
    return _matching(value, where, form.PATH_TEXT, "a path below the root key, such as 44/60/0,")


def chain(value: object, where: str) -> str:
    return _matching(value, where, form.CHAIN_TEXT, "a chain such as evm:1, or a family such as evm,")


def method(value: object, where: str) -> str:
    return _matching(value, where, form.METHOD_TEXT, "0x and the lower-case hexadecimal of a selector")


def message(value: object, where: str) -> str:
    return members.printable(value, where)


def ratio(value: object, where: str) -> str:
    return _matching(value, where, form.RATIO_TEXT, "a decimal number as text")


def list_name(value: object, where: str) -> str:
    return _matching(value, where, form.LIST_NAME_TEXT, "the name of a list")


def seconds(value: object, where: str) -> int:
    return members.integer(value, where, 1, form.MAX_WINDOW)


def address(value: object, where: str) -> str:
    """In the chain's own text form; of an EVM address the checksum is checked."""
    text = _matching(value, where, form.ADDRESS_TEXT, "an address")
    return eip55(text, where) if text.startswith("0x") else text


def contract(value: object, where: str) -> str:
    if isinstance(value, str) and value.startswith("list:"):
        return _matching(value, where, form.LIST_TEXT, "list:<name>")
    return address(value, where)


def destination(value: object, where: str) -> str:
    kind, colon, id = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in form.DESTINATION_KINDS or (colon and kind == "one_time") or (not colon and kind == "list"):
        raise bad(
            where,
            "own_account, whitelist, one_time, own_account:<id>, whitelist:<id> or list:<name> is expected",
        )
    if colon:
        {"own_account": members.account, "whitelist": members.name_id, "list": list_name}[kind](id, where)
    return kind + colon + id


def window(value: object, where: str) -> Window:
    m = Members(value, where, ("seconds", "max", "per"))
    per = m.array("per", lambda item, at: members.one_of(item, at, form.WINDOW_KEYS))
    if len(set(per)) != len(per):
        raise m.bad("per", "an entry occurs twice")
    return Window(m.integer("seconds", 1, form.MAX_WINDOW), m.amount("max"), per)


def lifts(value: object, where: str) -> tuple[Lift, ...]:
    return members.array(value, where, _lift, shortest=1)


def _lift(value: object, where: str) -> Lift:
    m = Members(value, where, ("prohibition", "subjects"))
    subjects = listed(members.printable)(m.raw("subjects"), m.at("subjects"))
    for subject in subjects:
        for part in subject.split(" "):
            if part.startswith("0x") and len(part) == 42:
                eip55(part, m.at("subjects"))
    return Lift(m.one_of("prohibition", form.LIFTABLE), subjects)


def hours(value: object, where: str) -> tuple[Hours, ...]:
    return members.array(value, where, _span, shortest=1)


def _span(value: object, where: str) -> Hours:
    m = Members(value, where, ("days", "from", "to"))
    days = listed(_day)(m.raw("days"), m.at("days"))
    start, end = (_minute(m.raw(name), m.at(name)) for name in ("from", "to"))
    if start >= end:
        raise m.bad("to", "a span ends after it begins, on the same day; write two spans across midnight")
    return Hours(tuple(sorted(days)), start, end)


def _day(value: object, where: str) -> int:
    return form.DAYS.index(members.one_of(value, where, form.DAYS))


def _minute(value: object, where: str) -> int:
    text = _matching(value, where, form.TIME_TEXT, "a time such as 08:30 (UTC, 24 hours)")
    return int(text[:2]) * 60 + int(text[3:])


def requirement(value: object, where: str, depth: int = 0) -> Requirement:
    """`{"threshold", "group" | "approvers"?, "requester_may_approve"?}`, `{"all_of": [..]}` or
    `{"any_of": [..]}`.
    """
    if depth >= form.MAX_NESTING:
        raise bad(where, f"nested at most {form.MAX_NESTING} deep")
    if isinstance(value, dict) and "all_of" in value:
        return Requirement(all_of=_parts(value, where, "all_of", depth))
    if isinstance(value, dict) and "any_of" in value:
        return Requirement(any_of=_parts(value, where, "any_of", depth))
    return _leaf(value, where)


def _parts(value: object, where: str, name: str, depth: int) -> tuple[Requirement, ...]:
    m = Members(value, where, (name,))
    return m.array(name, lambda item, at: requirement(item, at, depth + 1), shortest=1, longest=64)


def _leaf(value: object, where: str) -> Requirement:
    m = Members(value, where, ("threshold",), ("group", "approvers", "requester_may_approve"))
    if "group" in m and "approvers" in m:
        raise bad(where, "group or approvers, not both")
    approvers = listed(members.printable)(m.raw("approvers"), m.at("approvers")) if "approvers" in m else None
    threshold = m.integer("threshold", 1, 255)
    if approvers is not None and threshold > len(approvers):
        raise m.bad("threshold", "more than the approvers that are named")
    return Requirement(
        threshold=threshold,
        group=m.identifier("group") if "group" in m else None,
        approvers=approvers,
        requester_may_approve=m.boolean("requester_may_approve") if "requester_may_approve" in m else False,
    )
