"""One HTTP exchange with a source: bounded in time and size, whatever the source does."""

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import httpx2

from quorate.core.chains.answers import printable
from quorate.core.errors import QuorateError
from quorate.core.model.nesting import deeper_than

TIMEOUT: Final = 5.0
"""Seconds for the whole exchange: a source that sends a byte now and then does not prolong it."""
LARGEST_ANSWER: Final = 8 << 20
DEEPEST_ANSWER: Final = 64
LONGEST_WORDS: Final = 512


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


async def exchange(
    http: httpx2.AsyncClient,
    method: str,
    url: str,
    what: str,
    *,
    json: object = None,
    content: bytes | None = None,
    timeout: float | None = None,
) -> Answer:
    """`what` names the question in errors. Raises QuorateError chain_unreachable (transport)."""
    seconds = TIMEOUT if timeout is None else timeout
    try:
        async with (
            asyncio.timeout(seconds),
            http.stream(method, url, json=json, content=content, timeout=seconds) as response,
        ):
            return Answer(response.status_code, await _body(response, what))
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as failure:
        raise unreachable(what, type(failure).__name__) from None


def parse(body: bytes, what: str) -> Any:
    """JSON text; fractions become Decimal, so that no amount passes through a float.

    Raises QuorateError chain_unreachable for anything else, the constants NaN and Infinity included.
    """
    if deeper_than(body, DEEPEST_ANSWER):
        raise unreachable(what, f"JSON nested more than {DEEPEST_ANSWER} deep")
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except ValueError:
        raise unreachable(what, "an answer that is no JSON") from None


def words(body: bytes) -> str:
    """A source's own words."""
    return printable(body[: 4 * LONGEST_WORDS].decode("utf-8", "replace"), LONGEST_WORDS)


def refusal(what: str, message: str) -> QuorateError:
    return QuorateError("chain_error", f"{what}: {message}", "peer", "the source's own words")


def unreachable(what: str, why: str) -> QuorateError:
    return QuorateError(
        "chain_unreachable", f"{what}: {why}", "transport", "check the chain URLs in server.json"
    )


async def _body(response: httpx2.Response, what: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise unreachable(what, f"an answer of more than {LARGEST_ANSWER} bytes")
    return bytes(body)


def _no_number(name: str) -> Decimal:
    raise ValueError(name)
