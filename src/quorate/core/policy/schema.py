"""The JSON Schema of a policy in its canonical form, made from the table of fields.

docs/spec/policy.schema.json is this, written down: `python -m quorate.core.policy.schema > FILE`.
"""

import json
import sys
from typing import Final

from quorate.core.model.charter import policy_forms as form
from quorate.core.model.charter.policy import MAX_GAP
from quorate.core.model.charter.policy_fields import FIELDS
from quorate.core.model.charter.policy_types import APPROVALS, VERDICTS

_REQUIREMENT: Final = {"$ref": "#/$defs/requirement"}


def document() -> dict[str, object]:
    """What JSON Schema cannot say (one asset where amounts are limited, references, unique names) is
    docs/spec/policy.md's and `read_policy`'s.
    """
    named = {"type": "array", "items": form.PRINTABLE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Quorate policy, canonical form",
        "type": "object",
        "properties": {
            "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}, "maxItems": 4096},
            "lists": {"type": "object", "propertyNames": form.LIST_NAME, "additionalProperties": named},
            "limits": {"type": "array", "items": _limit()},
            "fee_limits": {"type": "array", "items": _closed({"chain": form.CHAIN, "max": form.AMOUNT})},
            "new_destination_delay": {"type": "integer", "minimum": 0, "maximum": form.MAX_WINDOW},
            "gap_limit": {"type": "integer", "minimum": 1, "maximum": MAX_GAP},
            "approvals": _REQUIREMENT,
        },
        "required": ["rules"],
        "additionalProperties": False,
        "$defs": {"rule": _rule(), "requirement": _requirement()},
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"


def _rule() -> dict[str, object]:
    fields = {field.name: {"description": field.means, **field.schema} for field in FIELDS}
    return {
        "type": "object",
        "properties": {
            "name": form.IDENTIFIER,
            "verdict": {"enum": list(VERDICTS)},
            **fields,
            "approvals": _REQUIREMENT,
        },
        "required": ["name", "verdict"],
        "additionalProperties": False,
        "if": {"properties": {"verdict": {"const": APPROVALS}}},
        "then": {"required": ["approvals"]},
        "else": {"not": {"required": ["approvals"]}},
    }


def _requirement() -> dict[str, object]:
    parts = {"type": "array", "items": _REQUIREMENT, "minItems": 1, "maxItems": 64}
    leaf = {
        "type": "object",
        "properties": {
            "threshold": {"type": "integer", "minimum": 1, "maximum": 255},
            "group": form.IDENTIFIER,
            "approvers": {"type": "array", "items": form.PRINTABLE, "minItems": 1, "uniqueItems": True},
            "requester_may_approve": {"type": "boolean"},
        },
        "required": ["threshold"],
        "not": {"required": ["group", "approvers"]},
        "additionalProperties": False,
    }
    return {"oneOf": [leaf, _closed({"all_of": parts}), _closed({"any_of": parts})]}


def _limit() -> dict[str, object]:
    rolling = _closed({"seconds": form.SECONDS, "max": form.AMOUNT})
    properties = {"asset": form.NAME_ID, "per_tx": form.AMOUNT, "rolling": rolling}
    either = [{"required": ["per_tx"]}, {"required": ["rolling"]}]
    return {
        "type": "object",
        "properties": properties,
        "required": ["asset"],
        "anyOf": either,
        "additionalProperties": False,
    }


def _closed(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


if __name__ == "__main__":
    sys.stdout.write(text())
