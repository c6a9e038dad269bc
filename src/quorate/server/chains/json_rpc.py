"""JSON-RPC 2.0 over HTTP: one call, one node, bounded time."""

import itertools
from typing import Any, Final

import httpx2

from quorate.core.errors import QuorateError

TIMEOUT: Final = 5.0
LARGEST_ANSWER: Final = 8 << 20
_numbers: Final = itertools.count(1)


async def call(http: httpx2.AsyncClient, url: str, method: str, params: list[Any]) -> Any:
    """The result. Raises QuorateError: chain_unreachable (transport), chain_error (the node answered with
    an error)."""
    request = {"jsonrpc": "2.0", "id": next(_numbers), "method": method, "params": params}
    try:
        response = await http.post(url, json=request, timeout=TIMEOUT)
        answer = response.json() if len(response.content) <= LARGEST_ANSWER else None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as failure:
        raise _unreachable(method, type(failure).__name__) from None
    if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
        raise _unreachable(method, f"HTTP {response.status_code} without a JSON-RPC answer")
    error = answer.get("error")
    if error is not None:
        message = str(error.get("message", error))[:512] if isinstance(error, dict) else str(error)[:512]
        raise QuorateError("chain_error", f"{method}: {message}", "peer", "the node's own words")
    return answer["result"]


def _unreachable(method: str, why: str) -> QuorateError:
    return QuorateError(
        "chain_unreachable", f"{method}: {why}", "transport", "check the chain URLs in server.json"
    )
