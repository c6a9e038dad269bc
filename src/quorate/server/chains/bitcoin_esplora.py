"""Bitcoin through Esplora's HTTP interface (API.md of Blockstream/esplora; other indexers offer it too)."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from quorate.core.chains.answers import boolean, integer, listing, mapping, nonsense, octets
from quorate.core.errors import QuorateError
from quorate.server.chains import rest
from quorate.server.chains.bitcoin import (
    LEAST_FEE,
    MAX_HEIGHT,
    MAX_MONEY,
    MAX_TRANSACTION,
    MAX_UTXOS,
    MAX_VOUT,
    TARGET,
    Utxo,
    distinct,
    fee_rate,
    no_token,
    plain_address,
)
from quorate.server.chains.by_genesis import ByGenesis
from quorate.server.chains.exchange import parse
from quorate.server.chains.interface import Head, Receipt

T = TypeVar("T")
SAT_PER_VBYTE: Final = 1_000
"""Units of `fee_rate` in one of Esplora's."""


class EsploraClient(ByGenesis):
    """A `ChainClient`. `genesis` is the hash of block 0. Amounts in satoshi."""

    async def block(self) -> Head:
        """The newest one."""

        async def ask(url: str) -> Head:
            tip = _hash(await rest.get(self._http, url, "/blocks/tip/hash"), "tip")
            block = _object(await rest.get(self._http, url, f"/block/{tip}"), "block")
            if block.get("id") != tip:
                raise nonsense("block", block.get("id"))
            return Head(integer(block.get("height"), "block height", high=MAX_HEIGHT), tip)

        return await self._sources.read(ask)

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Mined outputs; with `pending` also what waits in the pool."""
        no_token(token)
        stats = await self._get(f"/address/{plain_address(address)}", _stats)
        return stats[0] + (stats[1] if pending else 0)

    async def balance_of(self, addresses: Sequence[str]) -> int:
        """Of all of them, mined."""
        return sum(await gather(*(self.balance(address) for address in addresses)))

    async def utxos(self, *addresses: str) -> tuple[Utxo, ...]:
        """All unspent outputs, those of the pool included. Those that the pool spends are left out."""
        found = await gather(*(self._utxos(plain_address(address)) for address in addresses))
        return distinct([utxo for each in found for utxo in each], "utxo")

    def _utxos(self, address: str) -> Awaitable[tuple[Utxo, ...]]:
        return self._get(f"/address/{address}/utxo", lambda body: _utxos(body, address))

    async def unspent(self, txid: bytes, vout: int, *, pending: bool) -> bool:
        """Whether the output can be spent. With `pending` a spending transaction in the pool counts."""
        answer = await self._get(f"/tx/{txid.hex()}/outspend/{vout}", _outspend)
        return answer is not None and not (answer.spent if pending else answer.mined)

    async def transaction(self, txid: bytes, height: int | None = None) -> bytes:
        """The whole transaction, which proves amounts to signers. Raises QuorateError chain_error for one
        that is not known."""
        found = await self._get(f"/tx/{txid.hex()}/hex", _transaction)
        if found is None:
            raise QuorateError("chain_error", f"transaction {txid.hex()} is not known", "peer")
        return found

    async def fee_hint(self) -> int:
        """sat per 1000 virtual bytes, to be mined within 6 blocks."""
        return await self._get("/fee-estimates", _estimate)

    async def knows(self, id: bytes) -> bool:
        """Whether the transaction is mined or waits in the pool."""
        return await self._get(f"/tx/{id.hex()}", _is_there)

    async def receipt(self, id: bytes) -> Receipt | None:
        """None while it is not mined."""
        return await self._get(f"/tx/{id.hex()}", lambda body: _receipt(body, id))

    async def broadcast(self, raw: bytes, id: bytes) -> None:
        """Hands it to the first source that takes or has it. Raises the last one's error when none does."""

        async def send(url: str) -> None:
            body = await rest.post(self._http, url, "/tx", content=raw.hex().encode())
            if _hash(body, "POST /tx") != id.hex():
                raise nonsense("POST /tx", body)

        async def has(url: str) -> bool:
            return _is_there(await rest.get(self._http, url, f"/tx/{id.hex()}"))

        await self._sources.hand_over(send, has)

    async def _get(self, path: str, read: Callable[[bytes | None], T]) -> T:
        async def ask(url: str) -> T:
            return read(await rest.get(self._http, url, path))

        return await self._sources.read(ask)

    async def _genesis_of(self, url: str) -> str:
        return _hash(await rest.get(self._http, url, "/block-height/0"), "genesis")


@dataclass(frozen=True, slots=True)
class _Outspend:
    """Whether an output is spent, and whether by a transaction that is mined."""

    spent: bool
    mined: bool


def _hash(body: bytes | None, what: str) -> str:
    text = "" if body is None else body.decode("ascii", "replace").strip()
    return octets(text, what, 32).hex()


def _object(body: bytes | None, what: str) -> dict[str, Any]:
    if body is None:
        raise nonsense(what, "nothing")
    return mapping(parse(body, what), what)


def _is_there(body: bytes | None) -> bool:
    return body is not None


def _stats(body: bytes | None) -> tuple[int, int]:
    """What mined transactions left at the address, and what those of the pool will change."""
    stats = _object(body, "address")
    mined, waiting = (_difference(stats.get(name)) for name in ("chain_stats", "mempool_stats"))
    if not 0 <= mined <= MAX_MONEY or not 0 <= mined + waiting <= MAX_MONEY:
        raise nonsense("address", stats)
    return mined, waiting


def _difference(value: object) -> int:
    stats = mapping(value, "address stats")
    funded, spent = (integer(stats.get(name), name) for name in ("funded_txo_sum", "spent_txo_sum"))
    return funded - spent


def _utxos(body: bytes | None, address: str) -> tuple[Utxo, ...]:
    if body is None:
        raise nonsense("utxo", "nothing")
    found = listing(parse(body, "utxo"), "utxo", MAX_UTXOS)
    return distinct([_utxo(mapping(entry, "utxo"), address) for entry in found], "utxo")


def _utxo(entry: dict[str, Any], address: str) -> Utxo:
    return Utxo(
        address,
        octets(entry.get("txid"), "utxo txid", 32),
        integer(entry.get("vout"), "utxo vout", high=MAX_VOUT),
        integer(entry.get("value"), "utxo value", high=MAX_MONEY),
        _mined_at(entry.get("status")),
    )


def _mined_at(value: object) -> int | None:
    status = mapping(value, "status")
    if not boolean(status.get("confirmed"), "status"):
        return None
    return integer(status.get("block_height"), "block height", high=MAX_HEIGHT)


def _outspend(body: bytes | None) -> _Outspend | None:
    if body is None:
        return None
    entry = _object(body, "outspend")
    spent = boolean(entry.get("spent"), "outspend")
    return _Outspend(spent, spent and _mined_at(entry.get("status")) is not None)


def _transaction(body: bytes | None) -> bytes | None:
    if body is None:
        return None
    if not 0 < len(body) <= 2 * MAX_TRANSACTION + 1:
        raise nonsense("transaction", f"{len(body)} characters")
    return octets(body.decode("ascii", "replace").strip(), "transaction")


def _estimate(body: bytes | None) -> int:
    """Of the slowest target that is within 6 blocks."""
    estimates = _object(body, "fee-estimates")
    targets = [
        int(target) for target in estimates if target.isascii() and target.isdigit() and len(target) < 5
    ]
    wanted = [target for target in targets if 0 < target <= TARGET]
    if not wanted:
        return LEAST_FEE
    return fee_rate(estimates[str(max(wanted))], SAT_PER_VBYTE, "fee-estimates")


def _receipt(body: bytes | None, id: bytes) -> Receipt | None:
    if body is None:
        return None
    transaction = _object(body, "transaction")
    if transaction.get("txid") != id.hex():
        raise nonsense("transaction", transaction.get("txid"))
    height = _mined_at(transaction.get("status"))
    if height is None:
        return None
    block_hash = octets(transaction["status"].get("block_hash"), "block hash", 32).hex()
    return Receipt(True, height, block_hash, integer(transaction.get("fee"), "fee", high=MAX_MONEY))
