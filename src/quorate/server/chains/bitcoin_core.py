"""Bitcoin through Bitcoin Core's JSON-RPC. The node runs with txindex=1; URLs hold its user and password."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from quorate.core.chains.answers import boolean, integer, listing, mapping, nonsense, octets
from quorate.core.chains.bitcoin.address import to_script
from quorate.server.chains import json_rpc
from quorate.server.chains.bitcoin import (
    COIN,
    LEAST_FEE,
    MAX_HEIGHT,
    MAX_TRANSACTION,
    MAX_UTXOS,
    MAX_VOUT,
    TARGET,
    Utxo,
    distinct,
    fee_rate,
    no_token,
    plain_address,
    satoshi,
)
from quorate.server.chains.by_genesis import ByGenesis
from quorate.server.chains.interface import Head, Receipt
from quorate.server.chains.json_rpc import NodeError

T = TypeVar("T")
SCAN_TIMEOUT: Final = 180.0
"""Seconds: scantxoutset reads the whole set of unspent outputs."""
NOT_FOUND: Final = -5
"""RPC_INVALID_ADDRESS_OR_KEY: the node has no such transaction."""
MATURITY: Final = 100
"""COINBASE_MATURITY: blocks on top until a mined output can be spent."""


class CoreClient(ByGenesis):
    """A `ChainClient`. `genesis` is the hash of block 0. Amounts in satoshi."""

    async def block(self) -> Head:
        """The newest one."""
        return await self._read("getblockchaininfo", [], _head)

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Mined outputs; with `pending` without those that a transaction in the pool spends. What the pool
        pays the address is not seen."""
        no_token(token)
        return sum(utxo.amount for utxo in await self.utxos(address, pending=pending))

    async def balance_of(self, addresses: Sequence[str]) -> int:
        """Of all of them, mined: one scan."""
        return sum(utxo.amount for utxo in await self.utxos(*addresses, pending=False))

    async def utxos(self, *addresses: str, pending: bool = True) -> tuple[Utxo, ...]:
        """All mined, mature, unspent outputs; with `pending` without those that the pool spends. One scan,
        however many addresses.
        """
        scan = ["start", [f"addr({plain_address(address)})" for address in addresses]]
        scripts = {to_script(address, self.chain.network).hex(): address for address in addresses}
        found = await self._read("scantxoutset", scan, lambda answer: _utxos(answer, scripts), SCAN_TIMEOUT)
        if not pending:
            return found
        return tuple([u for u in found if await self.unspent(u.txid, u.vout, pending=True)])

    async def unspent(self, txid: bytes, vout: int, *, pending: bool) -> bool:
        """Whether the output can be spent. With `pending` a spending transaction in the pool counts."""
        return await self._read("gettxout", [txid.hex(), vout, pending], _is_there)

    async def transaction(self, txid: bytes, height: int | None = None) -> bytes:
        """The whole transaction, which proves amounts to signers; with its height also without txindex.

        Raises QuorateError chain_error for one that is not known.
        """

        async def ask(url: str) -> bytes:
            at = [] if height is None else [await self._call(url, "getblockhash", [height])]
            return _transaction(await self._call(url, "getrawtransaction", [txid.hex(), 0, *at]))

        return await self._sources.read(ask)

    async def fee_hint(self) -> int:
        """sat per 1000 virtual bytes, to be mined within 6 blocks."""
        return await self._read("estimatesmartfee", [TARGET], _estimate)

    async def knows(self, id: bytes) -> bool:
        """Whether the transaction is mined or waits in the pool."""
        return await self._sources.read(lambda url: self._has(url, id))

    async def receipt(self, id: bytes) -> Receipt | None:
        """None while it is not mined. The fee is there when the node still has the block's undo data."""

        async def ask(url: str) -> Receipt | None:
            found = await self._found(url, id, 2)
            if found is None or _mined_in(found, id) is None:
                return None
            header = await self._call(url, "getblockheader", [_mined_in(found, id)])
            return _receipt(found, header)

        return await self._sources.read(ask)

    async def broadcast(self, raw: bytes, id: bytes) -> None:
        """Hands it to the first node that takes or has it. Raises the last one's error when none does."""

        async def send(url: str) -> None:
            answer = await self._call(url, "sendrawtransaction", [raw.hex()])
            if answer != id.hex():
                raise nonsense("sendrawtransaction", answer)

        await self._sources.hand_over(send, lambda url: self._has(url, id))

    async def _has(self, url: str, id: bytes) -> bool:
        return await self._found(url, id, 0) is not None

    async def _found(self, url: str, id: bytes, verbosity: int) -> Any:
        """None for a transaction that the node does not know."""
        try:
            return await self._call(url, "getrawtransaction", [id.hex(), verbosity])
        except NodeError as failure:
            if failure.number != NOT_FOUND:
                raise
            return None

    async def _read(
        self, method: str, params: list[Any], read: Callable[[Any], T], timeout: float | None = None
    ) -> T:
        async def ask(url: str) -> T:
            return read(await self._call(url, method, params, timeout))

        return await self._sources.read(ask)

    def _call(self, url: str, method: str, params: list[Any], timeout: float | None = None) -> Awaitable[Any]:
        return json_rpc.call(self._http, url, method, params, timeout=timeout)

    async def _genesis_of(self, url: str) -> str:
        return octets(await self._call(url, "getblockhash", [0]), "genesis", 32).hex()


def _is_there(answer: Any) -> bool:
    return answer is not None


def _head(answer: Any) -> Head:
    info = mapping(answer, "getblockchaininfo")
    height = integer(info.get("blocks"), "blocks", high=MAX_HEIGHT)
    return Head(height, octets(info.get("bestblockhash"), "bestblockhash", 32).hex())


def _utxos(answer: Any, scripts: Mapping[str, str]) -> tuple[Utxo, ...]:
    """`scripts`: those that were asked for, to their addresses."""
    scan = mapping(answer, "scantxoutset")
    if not boolean(scan.get("success"), "scantxoutset"):
        raise nonsense("scantxoutset", "no success")
    tip = integer(scan.get("height"), "scan height", high=MAX_HEIGHT)
    found = [mapping(entry, "unspents") for entry in listing(scan.get("unspents"), "unspents", MAX_UTXOS)]
    return distinct([_utxo(entry, scripts) for entry in found if _mature(entry, tip)], "unspents")


def _utxo(entry: dict[str, Any], scripts: Mapping[str, str]) -> Utxo:
    address = scripts.get(str(entry.get("scriptPubKey")))
    if address is None:
        raise nonsense("unspent scriptPubKey", entry.get("scriptPubKey"))
    return Utxo(
        address,
        octets(entry.get("txid"), "unspent txid", 32),
        integer(entry.get("vout"), "unspent vout", high=MAX_VOUT),
        satoshi(entry.get("amount"), "unspent amount"),
        integer(entry.get("height"), "unspent height", high=MAX_HEIGHT),
    )


def _mature(entry: dict[str, Any], tip: int) -> bool:
    """An output of a coinbase can be spent in the block that is 100 above its own."""
    height = integer(entry.get("height"), "unspent height", high=tip)
    coinbase = boolean(entry.get("coinbase", False), "unspent coinbase")
    return not coinbase or tip + 1 - height >= MATURITY


def _transaction(answer: Any) -> bytes:
    data = octets(answer, "getrawtransaction")
    if not 0 < len(data) <= MAX_TRANSACTION:
        raise nonsense("getrawtransaction", f"{len(data)} bytes")
    return data


def _estimate(answer: Any) -> int:
    """Without history, as on a new chain, there is no estimate."""
    estimate = mapping(answer, "estimatesmartfee")
    if "feerate" not in estimate:
        return LEAST_FEE
    return fee_rate(estimate["feerate"], COIN, "feerate")


def _mined_in(answer: Any, id: bytes) -> str | None:
    """The hash of the block that holds the transaction."""
    transaction = mapping(answer, "getrawtransaction")
    if transaction.get("txid") != id.hex():
        raise nonsense("getrawtransaction", transaction.get("txid"))
    if "blockhash" not in transaction:
        return None
    return octets(transaction["blockhash"], "blockhash", 32).hex()


def _receipt(transaction: dict[str, Any], header: Any) -> Receipt | None:
    """None for a block that is no longer part of the best chain: it has -1 confirmations."""
    block = mapping(header, "getblockheader")
    if block.get("hash") != transaction["blockhash"]:
        raise nonsense("getblockheader", block.get("hash"))
    if integer(block.get("confirmations"), "confirmations", -1) < 1:
        return None
    fee = satoshi(transaction["fee"], "fee") if "fee" in transaction else None
    height = integer(block.get("height"), "height", high=MAX_HEIGHT)
    return Receipt(True, height, str(block["hash"]), fee)
