"""Chain nodes that a dev cluster is given: which chain each is of, and what it says of tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quorate.client.ceremony import http
from quorate.client.dev import bitcoin, tron
from quorate.core.chains.solana import clusters
from quorate.core.chains.solana.programs.ids import TOKEN, TOKEN_2022
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter

_OWN_SOLANA: Final = f"solana:{clusters.LOCAL}"
STANDARDS: Final = {TOKEN: "spl", TOKEN_2022: "token2022"}


@dataclass(frozen=True, slots=True)
class Node:
    """`chain` as the charter names it; `genesis` for networks of one's own."""

    chain: str
    url: str
    genesis: str | None = None


def ask(url: str, method: str, *params: object) -> Any:
    """The result of a JSON-RPC call; None where the node gives none. Raises QuorateError unreachable."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    return http.call(url, "", body, timeout=5).get("result")


def find(urls: Mapping[str, str]) -> tuple[Node, ...]:
    """By asking each node. Raises QuorateError unreachable, chain."""
    return tuple(_FIND[family](url) for family, url in urls.items())


def of_charter(urls: Mapping[str, str], charter: Charter) -> tuple[Node, ...]:
    """For the chains that the charter has; a node is asked only for a genesis that is its own and may have
    changed.
    """
    found = []
    for chain in charter.chains:
        url = urls.get(chain.family)
        if url is not None:
            found.append(_solana(url) if chain.id == _OWN_SOLANA else Node(chain.id, url))
    return tuple(found)


def standard(urls: Mapping[str, str], chain: str, contract: str) -> str | None:
    """The program of a token on Solana, as the node says; SPL Token for a mint that is not there yet."""
    family = chain.partition(":")[0]
    if family != "solana" or family not in urls:
        return None
    answer = ask(urls[family], "getAccountInfo", contract, {"encoding": "base64"})
    value = answer.get("value") if isinstance(answer, dict) else None
    return "spl" if not isinstance(value, dict) else _standard(contract, value.get("owner"))


def _standard(mint: str, program: object) -> str:
    if program not in STANDARDS:
        raise QuorateError("token", f"{mint} is no mint of a token program")
    return STANDARDS[str(program)]


def _evm(url: str) -> Node:
    try:
        return Node(f"evm:{int(ask(url, 'eth_chainId'), 16)}", url)
    except (TypeError, ValueError):
        raise QuorateError("chain", f"{url} does not tell its chain id", "transport") from None


def _solana(url: str) -> Node:
    genesis = ask(url, "getGenesisHash")
    if not isinstance(genesis, str):
        raise QuorateError("chain", f"{url} does not tell its genesis hash", "transport")
    name = clusters.named(genesis)
    return Node(f"solana:{name}", url, genesis if name == clusters.LOCAL else None)


def _bitcoin(url: str) -> Node:
    chain, genesis = bitcoin.chain_of(url)
    return Node(chain, url, genesis)


def _tron(url: str) -> Node:
    chain, genesis = tron.chain_of(url)
    return Node(chain, url, genesis)


_FIND: Final[Mapping[str, Callable[[str], Node]]] = {
    "evm": _evm,
    "bitcoin": _bitcoin,
    "tron": _tron,
    "solana": _solana,
}
