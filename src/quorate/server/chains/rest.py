"""Plain HTTP interfaces: one request, one source. Status codes decide, not the words of an answer."""

import httpx2

from quorate.server.chains.exchange import Answer, exchange, refusal, unreachable, words

NOT_FOUND = (404, 405)


async def get(http: httpx2.AsyncClient, url: str, path: str) -> bytes | None:
    """The body, or None for what the source does not have. Raises QuorateError: chain_unreachable,
    chain_error."""
    return _read(await exchange(http, "GET", url.rstrip("/") + path, path), path)


async def post(
    http: httpx2.AsyncClient, url: str, path: str, *, json: object = None, content: bytes | None = None
) -> bytes | None:
    """Like `get`."""
    return _read(await exchange(http, "POST", url.rstrip("/") + path, path, json=json, content=content), path)


def _read(answer: Answer, path: str) -> bytes | None:
    if answer.status == 200:
        return answer.body
    if answer.status in NOT_FOUND:
        return None
    if answer.status == 400:
        raise refusal(path, words(answer.body))
    raise unreachable(path, f"HTTP {answer.status}")
