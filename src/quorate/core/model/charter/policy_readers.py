"""Readers and JSON Schema forms of what the fields of a policy hold. Each reader raises QuorateError,
wrong_type or identifier, with the place.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from quorate.core.model import members
from quorate.core.model.address import eip55
from quorate.core.model.charter.policy_types import Hours, Lift, Requirement, Window
from quorate.core.model.members import Members, bad

T = TypeVar("T")

TRANSFER: Final = "TRANSFER"
RAW: Final = "RAW"
OTHER: Final = "OTHER"
OPERATIONS: Final = (
    TRANSFER, RAW, "TYPED_MESSAGE", "CONTRACT_CALL", "APPROVE", "REVOKE", "STAKE", "MINT", "ORDER",
    "DELEGATECALL", "SET_CODE", "RESOURCE_DELEGATION", "ADMIN", "CLOSE_ACCOUNT", OTHER,
)  # fmt: skip
DESTINATION_KINDS: Final = ("own_account", "whitelist", "one_time", "list")
WINDOW_KEYS: Final = ("requester", "source", "destination")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES: Final = 24 * 60
LIFTABLE: Final = (
    "durable_nonce", "nonce_advance_not_first", "delegatecall", "delegation_7702", "upgrade",
    "ownership_change", "authority_change", "permission_update", "self_destruct", "mint",
    "unlimited_approval", "approval_to_unknown_spender", "input_amount_unproven", "inconsistent",
    "sighash_flags", "change_mismatch", "unusual_change_path", "account_close", "safe_refund", "blind",
    "lookalike_destination",
)  # fmt: skip
"""Names of the absolute prohibitions that a rule can lift; quorate.core.policy.prohibitions defines them."""
MAX_WINDOW: Final = 366 * 86_400
_MAX_NESTING: Final = 4

_PATH: Final = r"(0|[1-9][0-9]{0,9})(/(0|[1-9][0-9]{0,9}))*"
_CHAIN: Final = r"[a-z0-9]{1,16}(:[A-Za-z0-9-]{1,32})?"
_METHOD: Final = r"0x([0-9a-f]{2}){1,32}"
_ADDRESS: Final = r"[A-Za-z0-9]{25,90}"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_RATIO: Final = r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?"
_IDENTIFIER: Final = "[a-z0-9][a-z0-9-]{0,31}"
_NAME_ID: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_ACCOUNT: Final = "0|[1-9][0-9]{0,9}"
_LIST_NAME: Final = "[a-z0-9][a-z0-9_-]{0,31}"
_LIST: Final = f"list:{_LIST_NAME}"
_DESTINATION: Final = f"one_time|own_account(:({_ACCOUNT}))?|whitelist(:{_NAME_ID})?|{_LIST}"


def _pattern(form: str) -> dict[str, object]:
    return {"type": "string", "pattern": f"^({form})$"}


PRINTABLE: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
IDENTIFIER: Final = _pattern(_IDENTIFIER)
NAME_ID: Final = _pattern(_NAME_ID)
LIST_NAME: Final = _pattern(_LIST_NAME)
ACCOUNT: Final = _pattern(_ACCOUNT)
AMOUNT: Final = _pattern("0|[1-9][0-9]{0,77}")
PATH: Final = _pattern(_PATH)
CHAIN: Final = _pattern(_CHAIN)
METHOD: Final = _pattern(_METHOD)
CONTRACT: Final = _pattern(f"{_ADDRESS}|{_LIST}")
DESTINATION: Final = _pattern(_DESTINATION)
MESSAGE: Final = PRINTABLE
RATIO: Final = _pattern(_RATIO)
SECONDS: Final = {"type": "integer", "minimum": 1, "maximum": MAX_WINDOW}
WINDOW: Final = {
    "type": "object",
    "properties": {
        "seconds": SECONDS,
        "max": AMOUNT,
        "per": {"type": "array", "items": {"enum": list(WINDOW_KEYS)}, "uniqueItems": True},
    },
    "required": ["seconds", "max", "per"],
    "additionalProperties": False,
}
HOURS: Final = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "days": {"type": "array", "items": {"enum": list(DAYS)}, "minItems": 1, "uniqueItems": True},
            "from": _pattern(_TIME),
            "to": _pattern(_TIME),
        },
        "required": ["days", "from", "to"],
        "additionalProperties": False,
    },
}
LIFTS: Final = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "prohibition": {"enum": list(LIFTABLE)},
            "subjects": {"type": "array", "items": PRINTABLE, "minItems": 1, "uniqueItems": True},
        },
        "required": ["prohibition", "subjects"],
        "additionalProperties": False,
    },
}


def listed(read: Callable[[object, str], T]) -> Callable[[object, str], tuple[T, ...]]:
    """An empty list would match nothing and is refused as a slip."""

    def read_list(value: object, where: str) -> tuple[T, ...]:
        values = members.array(value, where, read, shortest=1)
        if len(set(values)) != len(values):
            raise bad(where, "an entry occurs twice")
        return values

    return read_list


def _matching(value: object, where: str, form: str, what: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(form, value):
        raise bad(where, f"{what} is expected")
    return value


def flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise bad(where, "true or false is expected")
    return value


def operation(value: object, where: str) -> str:
    return members.one_of(value, where, OPERATIONS)


def path(value: object, where: str) -> str:
    return _matching(value, where, _PATH, "a path below the root key, such as 44/60/0,")


def chain(value: object, where: str) -> str:
    return _matching(value, where, _CHAIN, "a chain such as evm:1, or a family such as evm,")


def method(value: object, where: str) -> str:
    return _matching(value, where, _METHOD, "0x and the lower-case hexadecimal of a selector")


def message(value: object, where: str) -> str:
    return members.printable(value, where)


def ratio(value: object, where: str) -> str:
    return _matching(value, where, _RATIO, "a decimal number as text")


def list_name(value: object, where: str) -> str:
    return _matching(value, where, _LIST_NAME, "the name of a list")


def seconds(value: object, where: str) -> int:
    return members.integer(value, where, 1, MAX_WINDOW)


def address(value: object, where: str) -> str:
    """In the chain's own text form; of an EVM address the checksum is checked."""
    text = _matching(value, where, _ADDRESS, "an address")
    return eip55(text, where) if text.startswith("0x") else text


def contract(value: object, where: str) -> str:
    if isinstance(value, str) and value.startswith("list:"):
        return _matching(value, where, _LIST, "list:<name>")
    return address(value, where)


def destination(value: object, where: str) -> str:
    kind, colon, id = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in DESTINATION_KINDS or (colon and kind == "one_time") or (not colon and kind == "list"):
        raise bad(
            where,
            "own_account, whitelist, one_time, own_account:<id>, whitelist:<id> or list:<name> is expected",
        )
    if colon:
        {"own_account": members.account, "whitelist": members.name_id, "list": list_name}[kind](id, where)
    return kind + colon + id


def window(value: object, where: str) -> Window:
    m = Members(value, where, ("seconds", "max", "per"))
    per = m.array("per", lambda item, at: members.one_of(item, at, WINDOW_KEYS))
    if len(set(per)) != len(per):
        raise m.bad("per", "an entry occurs twice")
    return Window(m.integer("seconds", 1, MAX_WINDOW), m.amount("max"), per)


def lifts(value: object, where: str) -> tuple[Lift, ...]:
    return members.array(value, where, _lift, shortest=1)


def _lift(value: object, where: str) -> Lift:
    m = Members(value, where, ("prohibition", "subjects"))
    subjects = listed(members.printable)(m.raw("subjects"), m.at("subjects"))
    for subject in subjects:
        for part in subject.split(" "):
            if part.startswith("0x") and len(part) == 42:
                eip55(part, m.at("subjects"))
    return Lift(m.one_of("prohibition", LIFTABLE), subjects)


def hours(value: object, where: str) -> tuple[Hours, ...]:
    return members.array(value, where, _span, shortest=1)


def _span(value: object, where: str) -> Hours:
    m = Members(value, where, ("days", "from", "to"))
    days = listed(lambda item, at: DAYS.index(members.one_of(item, at, DAYS)))(m.raw("days"), m.at("days"))
    start, end = (_minute(m.raw(name), m.at(name)) for name in ("from", "to"))
    if start >= end:
        raise m.bad("to", "a span ends after it begins, on the same day; write two spans across midnight")
    return Hours(tuple(sorted(days)), start, end)


def _minute(value: object, where: str) -> int:
    text = _matching(value, where, _TIME, "a time such as 08:30 (UTC, 24 hours)")
    return int(text[:2]) * 60 + int(text[3:])


def requirement(value: object, where: str, depth: int = 0) -> Requirement:
    """`{"threshold", "group" | "approvers"?, "requester_may_approve"?}`, `{"all_of": [..]}` or
    `{"any_of": [..]}`.
    """
    if depth >= _MAX_NESTING:
        raise bad(where, f"nested at most {_MAX_NESTING} deep")
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
