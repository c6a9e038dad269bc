"""JSON-RPC 2.0 over HTTP: one call, one node, bounded time."""

import itertools
from typing import Any, Final

import httpx2

from quorate.core.errors import QuorateError
from quorate.server.chains.exchange import exchange, parse, refusal, unreachable, words

_numbers: Final = itertools.count(1)


class NodeError(QuorateError):
    """A node's own refusal: chain_error. `number` is its error code, where it gives one."""

    def __init__(self, what: str, message: str, number: int | None) -> None:
        known = refusal(what, message)
        super().__init__(known.code, known.message, known.whose, known.hint)
        self.number = number


async def call(
    http: httpx2.AsyncClient, url: str, method: str, params: list[Any], *, timeout: float | None = None
) -> Any:
    """The result. Raises QuorateError chain_unreachable (transport), NodeError (the node answered with an
    error)."""
    request = {"jsonrpc": "2.0", "id": next(_numbers), "method": method, "params": params}
    response = await exchange(http, "POST", url, method, json=request, timeout=timeout)
    try:
        answer = parse(response.body, method)
    except QuorateError:
        raise unreachable(method, f"HTTP {response.status} without a JSON-RPC answer") from None
    if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
        raise unreachable(method, f"HTTP {response.status} without a JSON-RPC answer")
    if answer.get("error") is not None:
        raise _node_error(method, answer["error"])
    if answer.get("id") != request["id"] or "result" not in answer:
        raise unreachable(method, "an answer to another request")
    return answer["result"]


def _node_error(method: str, error: Any) -> NodeError:
    fields = error if isinstance(error, dict) else {"message": error}
    number = fields.get("code")
    known = isinstance(number, int) and not isinstance(number, bool)
    return NodeError(method, words(str(fields.get("message", error)).encode()), number if known else None)
