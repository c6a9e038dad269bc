"""The words of the policy language, and the forms of what its fields hold: as regular expressions for the
readers and as JSON Schema.
"""

from typing import Final

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
LIFTABLE: Final = (
    "durable_nonce", "nonce_advance_not_first", "delegatecall", "delegation_7702", "upgrade",
    "ownership_change", "authority_change", "permission_update", "self_destruct", "mint",
    "unlimited_approval", "approval_to_unknown_spender", "input_amount_unproven", "inconsistent",
    "sighash_flags", "change_mismatch", "unusual_change_path", "account_close", "safe_refund", "blind",
    "lookalike_destination",
)  # fmt: skip
"""Names of the absolute prohibitions that a rule can lift; quorate.core.policy.prohibitions defines them."""
MAX_WINDOW: Final = 366 * 86_400
MAX_NESTING: Final = 4

PATH_TEXT: Final = r"(0|[1-9][0-9]{0,9})(/(0|[1-9][0-9]{0,9}))*"
CHAIN_TEXT: Final = r"[a-z0-9]{1,16}(:[A-Za-z0-9-]{1,32})?"
METHOD_TEXT: Final = r"0x([0-9a-f]{2}){1,32}"
ADDRESS_TEXT: Final = r"[A-Za-z0-9]{25,90}"
TIME_TEXT: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
RATIO_TEXT: Final = r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?"
_IDENTIFIER: Final = "[a-z0-9][a-z0-9-]{0,31}"
_NAME_ID: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_ACCOUNT: Final = "0|[1-9][0-9]{0,9}"
LIST_NAME_TEXT: Final = "[a-z0-9][a-z0-9_-]{0,31}"
LIST_TEXT: Final = f"list:{LIST_NAME_TEXT}"
_DESTINATION: Final = f"one_time|own_account(:({_ACCOUNT}))?|whitelist(:{_NAME_ID})?|{LIST_TEXT}"


def _pattern(form: str) -> dict[str, object]:
    return {"type": "string", "pattern": f"^({form})$"}


PRINTABLE: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
IDENTIFIER: Final = _pattern(_IDENTIFIER)
NAME_ID: Final = _pattern(_NAME_ID)
LIST_NAME: Final = _pattern(LIST_NAME_TEXT)
ACCOUNT: Final = _pattern(_ACCOUNT)
AMOUNT: Final = _pattern("0|[1-9][0-9]{0,77}")
PATH: Final = _pattern(PATH_TEXT)
CHAIN: Final = _pattern(CHAIN_TEXT)
METHOD: Final = _pattern(METHOD_TEXT)
CONTRACT: Final = _pattern(f"{ADDRESS_TEXT}|{LIST_TEXT}")
DESTINATION: Final = _pattern(_DESTINATION)
MESSAGE: Final = PRINTABLE
RATIO: Final = _pattern(RATIO_TEXT)
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
            "from": _pattern(TIME_TEXT),
            "to": _pattern(TIME_TEXT),
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
