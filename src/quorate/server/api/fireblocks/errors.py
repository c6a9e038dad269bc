"""Every error of the dialect in one place: our stable code -> HTTP status and the number that clients know.

Documented numbers: -1..-12 (token), 1004, 1006, 1405, 1438. The others are ours, in ranges of their
own: 14xx for calls that conflict with an earlier one, 15xx for what cannot be done now."""

import json
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from quorate.core.errors import QuorateError, Refused


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and the `code` member of the body."""

    status: int
    code: int


BAD_REQUEST: Final = Answer(400, 1000)
UNAVAILABLE: Final = Answer(503, 1500)
BUG: Final = Answer(500, 1599)

TOKEN: Final = {
    "token_signature": Answer(401, -1),
    "token_no_subject": Answer(401, -2),
    "token_missing": Answer(401, -3),
    "token_uri": Answer(401, -4),
    "token_form": Answer(401, -5),
    "token_lifetime": Answer(401, -5),
    "token_user": Answer(401, -6),
    "api_key": Answer(401, -6),
    "token_body": Answer(401, -7),
    "request_replayed": Answer(401, -7),
    "read_only": Answer(401, -8),
    "token_expired": Answer(401, -10),
    "token_time": Answer(401, -10),
    "token_future": Answer(401, -12),
}
CALL: Final = {
    "route_unknown": Answer(404, 404),
    "method_unknown": Answer(405, 405),
    "body_slow": Answer(408, 408),
    "body_too_large": Answer(413, 413),
    "bad_request": BAD_REQUEST,
    "intent": BAD_REQUEST,
    "unknown_asset": Answer(400, 1006),
    "unknown_vault_account": Answer(400, 1004),
    "vault_account_missing": Answer(404, 1004),
    "asset_missing": Answer(404, 1006),
    "wallet_missing": Answer(404, 1006),
    "transaction_missing": Answer(404, 1405),
    "external_id": Answer(400, 1438),
    "idempotency_key": Answer(400, 1439),
    "idempotency_mismatch": Answer(400, 1440),
    "idempotency_in_progress": Answer(409, 1441),
    "key_missing": Answer(409, 1442),
    "not_replaceable": Answer(409, 1443),
    "replacement_pending": Answer(409, 1444),
    "taken_back": Answer(409, 1445),
    "fee_ceiling": Answer(400, 1446),
    "too_few_admissions": UNAVAILABLE,
    "chain_missing": Answer(503, 1501),
    "chain_unreachable": Answer(503, 1501),
    "chain_error": Answer(503, 1502),
    "database": Answer(500, 1598),
}


def answer_of(failure: QuorateError) -> Answer:
    """By code, else by check, else by owner: what the caller got wrong is a 400, anything else a
    fault of ours."""
    check = failure.check if isinstance(failure, Refused) else ""
    for name in (failure.code, check):
        found = TOKEN.get(name) or CALL.get(name)
        if found is not None:
            return found
    return BAD_REQUEST if failure.whose == "caller" else BUG


def error_response(failure: QuorateError) -> Response:
    """`{"message", "code"}`; the message starts with our own code, which programs may rely on too."""
    answer = answer_of(failure)
    message = f"{failure.code}: {failure.message}" + (f" ({failure.hint})" if failure.hint else "")
    return error_body(answer, message)


def error_body(answer: Answer, message: str) -> Response:
    body = json.dumps({"message": message, "code": answer.code})
    return Response(body, status_code=answer.status, media_type="application/json")


def bad_request(message: str) -> QuorateError:
    return QuorateError("bad_request", message, "caller", "see /openapi.json")


def documented_errors() -> dict[int | str, dict[str, Any]]:
    """The table for /openapi.json: each HTTP status with the numbers and our codes behind it."""
    by_status: dict[int, dict[int, list[str]]] = {}
    for name, answer in {**TOKEN, **CALL}.items():
        by_status.setdefault(answer.status, {}).setdefault(answer.code, []).append(name)
    return {status: _documented(codes) for status, codes in sorted(by_status.items())}


def _documented(codes: dict[int, list[str]]) -> dict[str, Any]:
    words = "; ".join(f"{code}: {', '.join(sorted(names))}" for code, names in sorted(codes.items()))
    properties = {"message": {"type": "string"}, "code": {"type": "integer", "enum": sorted(codes)}}
    schema = {"type": "object", "properties": properties, "required": ["message", "code"]}
    return {"description": words, "content": {"application/json": {"schema": schema}}}
