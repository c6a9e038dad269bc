"""The request as it came: raw target, raw body, bounded."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from quorate.core.errors import QuorateError

LARGEST_BODY: Final = 1 << 20
BODY_WITHIN: Final = 30.0


def raw_target(request: Request) -> str:
    """Path and query exactly as the client sent them, before any decoding. The token covers this text."""
    target: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (target + b"?" + query if query else target).decode("latin-1")


async def read_body(request: Request) -> bytes:
    """Raises QuorateError: body_too_large (by its declared length before a byte is read),
    body_slow, bad_request."""
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > LARGEST_BODY:
        raise _too_large()
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise _too_large()
                chunks.append(chunk)
    except TimeoutError:
        raise QuorateError("body_slow", f"the body did not arrive within {BODY_WITHIN:g} s") from None
    except ClientDisconnect:
        raise QuorateError("bad_request", "the client went away") from None
    return b"".join(chunks)


def _too_large() -> QuorateError:
    return QuorateError("body_too_large", f"a body has at most {LARGEST_BODY} bytes")
