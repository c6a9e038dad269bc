"""One EVM chain through its nodes, asked in order of preference until one answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx2

from quorate.core.chains.answers import mapping, nonsense, quantity, text
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.server.chains import json_rpc
from quorate.server.chains.interface import Head, Receipt
from quorate.server.chains.sources import Sources, of_another_chain

BALANCE_OF: Final = bytes.fromhex("70a08231")
"""keccak256("balanceOf(address)")[0:4], ERC-20."""
FALLBACK_TIP: Final = 1_000_000_000
"""Wei per gas where a node knows no eth_maxPriorityFeePerGas."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Block(Head):
    """`base_fee`: wei per unit of gas (EIP-1559)."""

    base_fee: int


class EvmClient:
    """A `ChainClient`. Quantities are integers, addresses EIP-55 text, hashes bytes."""

    def __init__(self, chain: Chain, urls: Sequence[str], http: httpx2.AsyncClient) -> None:
        self.chain = chain
        self._http = http
        self._sources = Sources(chain.id, urls, self._identify)

    async def check(self) -> None:
        """Raises QuorateError chain_id when a node that answers is of another chain."""
        await self._sources.check()

    async def block(self) -> Block:
        """The newest one."""
        return await self._read("eth_getBlockByNumber", ["latest", False], _block)

    async def tip(self) -> int:
        """A priority fee that gets a transaction mined soon, wei per gas."""
        try:
            return await self._read("eth_maxPriorityFeePerGas", [], quantity)
        except QuorateError as failure:
            if failure.code != "chain_error":
                raise
            return FALLBACK_TIP

    async def fee_hint(self) -> int:
        """Wei per gas that stay enough while the base fee doubles."""
        return 2 * (await self.block()).base_fee + await self.tip()

    async def nonce(self, address: str, *, pending: bool) -> int:
        """Number of transactions from the address: mined ones, or with those that wait."""
        at = "pending" if pending else "latest"
        return await self._read("eth_getTransactionCount", [address, at], quantity)

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Of the native coin, or of an ERC-20 contract."""
        at = "pending" if pending else "latest"
        if token is None:
            return await self._read("eth_getBalance", [address, at], quantity)
        data = BALANCE_OF + bytes(12) + bytes.fromhex(address.removeprefix("0x"))
        return await self._read("eth_call", [{"to": token, "data": "0x" + data.hex()}, at], _word)

    async def estimate_gas(self, sender: str, to: str, value: int, data: bytes) -> int:
        """chain_error here means that execution would fail."""
        call = {"from": sender, "to": to, "value": hex(value), "data": "0x" + data.hex()}
        return await self._read("eth_estimateGas", [call], quantity)

    async def knows(self, transaction_hash: bytes) -> bool:
        """Whether the transaction is mined or waits in a node's pool."""
        return await self._read("eth_getTransactionByHash", ["0x" + transaction_hash.hex()], _is_there)

    async def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """None while it is not mined."""
        return await self._read("eth_getTransactionReceipt", ["0x" + transaction_hash.hex()], _receipt)

    async def broadcast(self, raw: bytes, transaction_hash: bytes) -> None:
        """Hands it to the first node that takes it or has it. Raises the last node's error when none does."""

        async def send(url: str) -> None:
            await json_rpc.call(self._http, url, "eth_sendRawTransaction", ["0x" + raw.hex()])

        async def has(url: str) -> bool:
            known = ["0x" + transaction_hash.hex()]
            return _is_there(await json_rpc.call(self._http, url, "eth_getTransactionByHash", known))

        await self._sources.hand_over(send, has)

    async def _read(self, method: str, params: list[Any], read: Callable[[Any], T]) -> T:
        async def ask(url: str) -> T:
            return read(await json_rpc.call(self._http, url, method, params))

        return await self._sources.read(ask)

    async def _identify(self, url: str) -> None:
        answer = quantity(await json_rpc.call(self._http, url, "eth_chainId", []))
        if answer != self.chain.chain_id:
            raise of_another_chain(self.chain.id, url, answer)


def _block(answer: Any) -> Block:
    what = "eth_getBlockByNumber"
    block = mapping(answer, what)
    base_fee = quantity(block.get("baseFeePerGas", "0x0"))
    return Block(quantity(block.get("number")), text(block.get("hash"), what), base_fee)


def _receipt(answer: Any) -> Receipt | None:
    if answer is None:
        return None
    what = "eth_getTransactionReceipt"
    receipt = mapping(answer, what)
    fee = quantity(receipt.get("gasUsed")) * quantity(receipt.get("effectiveGasPrice", "0x0"))
    height, block_hash = quantity(receipt.get("blockNumber")), text(receipt.get("blockHash"), what)
    return Receipt(quantity(receipt.get("status")) == 1, height, block_hash, fee)


def _word(answer: Any) -> int:
    """One 32-byte word, as the ABI returns uint256."""
    if not isinstance(answer, str) or len(answer) != 66:
        raise nonsense("eth_call", answer)
    return quantity(answer)


def _is_there(answer: Any) -> bool:
    return answer is not None
