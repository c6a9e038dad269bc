"""One EVM chain through its nodes, asked in order of preference until one answers."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains import json_rpc

ROUNDS: Final = 2
"""How often all nodes are tried before a read fails."""
BALANCE_OF: Final = bytes.fromhex("70a08231")
"""keccak256("balanceOf(address)")[0:4], ERC-20."""
FALLBACK_TIP: Final = 1_000_000_000
"""Wei per gas where a node knows no eth_maxPriorityFeePerGas."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Block:
    """`base_fee`: wei per unit of gas (EIP-1559)."""

    height: int
    hash: str
    base_fee: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """`fee` in wei; `succeeded` is False when execution was reverted."""

    succeeded: bool
    height: int
    block_hash: str
    fee: int


class EvmClient:
    """Quantities are integers, addresses EIP-55 text, hashes bytes. Every method raises QuorateError
    chain_unreachable when no node answers, chain_error when a node refuses, chain_answer when it answers
    nonsense."""

    def __init__(self, chain: Chain, urls: Sequence[str], http: httpx2.AsyncClient) -> None:
        self.chain = chain
        self._urls = tuple(urls)
        self._http = http
        self._checked: set[str] = set()

    async def check(self) -> None:
        """Raises QuorateError chain_id when a node that answers is of another chain."""
        for url in self._urls:
            try:
                await self._check_node(url)
            except QuorateError as failure:
                if failure.code == "chain_id":
                    raise
                log.warning("%s at %s: %s", self.chain.id, url, failure)

    async def block(self) -> Block:
        """The newest one."""
        answer = await self._read("eth_getBlockByNumber", ["latest", False])
        if not isinstance(answer, dict) or not isinstance(answer.get("hash"), str):
            raise _nonsense("eth_getBlockByNumber", answer)
        base_fee = answer.get("baseFeePerGas", "0x0")
        return Block(_integer(answer.get("number")), answer["hash"], _integer(base_fee))

    async def tip(self) -> int:
        """A priority fee that gets a transaction mined soon, wei per gas."""
        try:
            return _integer(await self._read("eth_maxPriorityFeePerGas", []))
        except QuorateError as failure:
            if failure.code != "chain_error":
                raise
            return FALLBACK_TIP

    async def nonce(self, address: str, *, pending: bool) -> int:
        """Number of transactions from the address: mined ones, or with those that wait."""
        return _integer(
            await self._read("eth_getTransactionCount", [address, "pending" if pending else "latest"])
        )

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Of the native coin, or of an ERC-20 contract."""
        at = "pending" if pending else "latest"
        if token is None:
            return _integer(await self._read("eth_getBalance", [address, at]))
        data = BALANCE_OF + bytes(12) + bytes.fromhex(address.removeprefix("0x"))
        answer = await self._read("eth_call", [{"to": token, "data": "0x" + data.hex()}, at])
        if not isinstance(answer, str) or len(answer) != 66:
            raise _nonsense("eth_call", answer)
        return _integer(answer)

    async def estimate_gas(self, sender: str, to: str, value: int, data: bytes) -> int:
        """chain_error here means that execution would fail."""
        call = {"from": sender, "to": to, "value": hex(value), "data": "0x" + data.hex()}
        return _integer(await self._read("eth_estimateGas", [call]))

    async def knows(self, transaction_hash: bytes) -> bool:
        """Whether the transaction is mined or waits in a node's pool."""
        return await self._read("eth_getTransactionByHash", ["0x" + transaction_hash.hex()]) is not None

    async def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """None while it is not mined."""
        answer = await self._read("eth_getTransactionReceipt", ["0x" + transaction_hash.hex()])
        if answer is None:
            return None
        if not isinstance(answer, dict) or not isinstance(answer.get("blockHash"), str):
            raise _nonsense("eth_getTransactionReceipt", answer)
        fee = _integer(answer.get("gasUsed")) * _integer(answer.get("effectiveGasPrice", "0x0"))
        height = _integer(answer.get("blockNumber"))
        return Receipt(_integer(answer.get("status")) == 1, height, answer["blockHash"], fee)

    async def broadcast(self, raw: bytes, transaction_hash: bytes) -> None:
        """Hands it to the first node that takes it or has it. Raises the last node's error when none does."""
        failure = QuorateError("chain_unreachable", f"{self.chain.id} has no nodes", "transport")
        for url in self._urls:
            try:
                await self._check_node(url)
                await json_rpc.call(self._http, url, "eth_sendRawTransaction", ["0x" + raw.hex()])
                return
            except QuorateError as error:
                failure = error
            if await self._has(
                url, transaction_hash
            ):  # sent before, perhaps by an earlier run of this server
                return
        raise failure

    async def _has(self, url: str, transaction_hash: bytes) -> bool:
        try:
            known = await json_rpc.call(
                self._http, url, "eth_getTransactionByHash", ["0x" + transaction_hash.hex()]
            )
        except QuorateError:
            return False
        return known is not None

    async def _read(self, method: str, params: list[Any]) -> Any:
        failure = QuorateError("chain_unreachable", f"{self.chain.id} has no nodes", "transport")
        for attempt in range(ROUNDS):
            for url in self._urls:
                try:
                    await self._check_node(url)
                    return await json_rpc.call(self._http, url, method, params)
                except QuorateError as error:
                    if error.code == "chain_error":
                        raise
                    failure = error
            await asyncio.sleep(0.1 * (attempt + 1))
        raise failure

    async def _check_node(self, url: str) -> None:
        """A node is used once it has said that it is of this chain."""
        if url in self._checked:
            return
        answer = _integer(await json_rpc.call(self._http, url, "eth_chainId", []))
        if answer != self.chain.chain_id:
            raise QuorateError(
                "chain_id",
                f"the node at {url} is of chain {answer}, not of {self.chain.id}",
                "caller",
                "correct server.json",
            )
        self._checked.add(url)


def _integer(value: object) -> int:
    """A hexadecimal quantity of at most 256 bits."""
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        raise _nonsense("a quantity", value)
    try:
        return int(value, 16)
    except ValueError:
        raise _nonsense("a quantity", value) from None


def _nonsense(what: str, value: object) -> QuorateError:
    return QuorateError(
        "chain_answer", f"{what}: {str(value)[:128]} is no answer", "peer", "check the chain's nodes"
    )
