"""`replaceTxByHash`: which transaction is to be replaced, and by what.

Signers admit no body with this member: without it, it would be a second payment. It is for the server, which
asks signers to sign other bytes of the request that they admitted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from quorate.core.dialects.fireblocks.mapping import MAX_BODY, map_request, read_json
from quorate.core.dialects.fireblocks.refusal import refused
from quorate.core.evidence import json_strict
from quorate.core.evidence.token import Claims
from quorate.core.model.charter import Charter
from quorate.core.model.intent import Intent
from quorate.core.model.records import KeyCertificate

MEMBER: Final = "replaceTxByHash"
MAX_NAME: Final = 128


def replaces(body: bytes) -> bool:
    """Whether the body has the member; False for what is no JSON object."""
    if MEMBER.encode() not in body:
        return False
    try:
        members = json_strict.loads(body, limit=MAX_BODY)
    except ValueError:
        return False
    return isinstance(members, dict) and MEMBER in members


def read_replacement(
    body: bytes, claims: Claims, charter: Charter, certificates: Mapping[str, KeyCertificate]
) -> tuple[str, Intent]:
    """The name of the transaction on its chain, and what the body asks for without that member.

    Raises as `to_intent`.
    """
    members = read_json(body)
    name = members.pop(MEMBER, None) if isinstance(members, dict) else None
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME:
        raise refused("wrong_type", f"{MEMBER} is the hash of a transaction")
    return name, map_request(members, claims, charter, certificates)


def asks_the_same(asked: Intent, first: Intent) -> bool:
    """Whether both carry out the same, whatever it may cost and whoever asks when."""
    return _bare(asked) == _bare(first)


def _bare(intent: Intent) -> Intent:
    return replace(
        intent,
        charter=b"",
        request_id=b"",
        user="",
        external_id=None,
        fee_ceiling=None,
        created_at=0,
        expires_at=0,
    )
