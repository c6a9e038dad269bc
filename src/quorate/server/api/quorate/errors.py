"""The native error form: {"error": {"code", "message", "whose", "hint"}}, as the command line prints it."""

import json
from typing import Final

from starlette.responses import Response

from quorate.core.errors import QuorateError

STATUS: Final = {
    "intent_unknown": 404,
    "order_unknown": 404,
    "document_unknown": 404,
    "body_too_large": 413,
    "body_slow": 408,
    "signers_missing": 409,
    "order_charter": 409,
    "not_pending": 409,
    "statement_round": 409,
    "statements_full": 409,
}
BY_OWNER: Final = {"caller": 400, "state": 409, "transport": 503, "peer": 502}


def native_error(failure: QuorateError, status: int | None = None) -> Response:
    """`status` overrides the table."""
    number = status or STATUS.get(failure.code) or BY_OWNER.get(failure.whose, 500)
    error = {"code": failure.code, "message": failure.message, "whose": failure.whose, "hint": failure.hint}
    return Response(json.dumps({"error": error}), status_code=number, media_type="application/json")
