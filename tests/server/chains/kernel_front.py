"""What nodes say over a `Kernel`: Esplora's pages, and Bitcoin Core's methods."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from quorate.core.chains.bitcoin.address import to_script
from tests.server.chains.front import (
    NOT_FOUND,
    Answer,
    Asked,
    Front,
    Reply,
    RpcError,
    as_json,
    front,
    rpc,
    text,
)
from tests.server.chains.kernel import COIN, Kernel, NotAccepted, Output, Tx

RATE: Final = 2
"""Satoshis a virtual byte: what both say a transaction should pay."""
DOWN: Final = Reply(b"no service", 503)


@contextmanager
def nodes(kernel: Kernel, kind: str) -> Iterator[tuple[str, Front]]:
    """The URL as server.json has it; `kind` is esplora or core."""
    with front(esplora(kernel) if kind == "esplora" else core(kernel)) as running:
        yield ("esplora+" if kind == "esplora" else "") + running.url, running


def esplora(kernel: Kernel) -> Answer:
    pages = {"block-height": _block_hash, "blocks": _tip, "block": _block, "address": _address, "tx": _tx}

    def answer(asked: Asked) -> Reply:
        with kernel.lock:
            if kernel.down:
                return DOWN
            if asked.path == "/fee-estimates":
                return as_json({"1": 3.5, "6": float(RATE), "144": 1.0})
            if (asked.method, asked.path) == ("POST", "/tx"):
                return _posted(kernel, asked.body)
            first, *rest = asked.path.strip("/").split("/")
            return pages[first](kernel, rest) if first in pages else NOT_FOUND

    return answer


def _posted(kernel: Kernel, body: bytes) -> Reply:
    try:
        return text(kernel.accept(bytes.fromhex(body.decode())))
    except NotAccepted as refusal:
        return Reply(f"sendrawtransaction RPC error: {refusal}".encode(), 400)


def _block_hash(kernel: Kernel, rest: list[str]) -> Reply:
    return text(kernel.hashes[int(rest[0])])


def _tip(kernel: Kernel, rest: list[str]) -> Reply:
    return text(kernel.hashes[-1])


def _block(kernel: Kernel, rest: list[str]) -> Reply:
    return as_json({"id": rest[0], "height": kernel.hashes.index(rest[0])})


def _address(kernel: Kernel, rest: list[str]) -> Reply:
    found = kernel.unspent(rest[0])
    if rest[1:] == ["utxo"]:
        return as_json(
            [
                {"txid": o[0], "vout": o[1], "value": out.amount, "status": _status(kernel, tx)}
                for o, out, tx in found
            ]
        )
    mined, waiting = (
        sum(out.amount for _, out, tx in found if (tx.height is None) is pool) for pool in (False, True)
    )
    return as_json(
        {
            "chain_stats": {"funded_txo_sum": mined, "spent_txo_sum": 0},
            "mempool_stats": {"funded_txo_sum": waiting, "spent_txo_sum": 0},
        }
    )


def _tx(kernel: Kernel, rest: list[str]) -> Reply:
    tx = kernel.mined.get(rest[0]) or kernel.pool.get(rest[0])
    if tx is None:
        return NOT_FOUND
    if rest[1:] == ["hex"]:
        return text(tx.raw.hex())
    if rest[1:2] == ["outspend"]:
        spender = kernel.spender((tx.txid, int(rest[2])))
        return as_json(
            {"spent": spender is not None} | ({"status": _status(kernel, spender)} if spender else {})
        )
    return as_json({"txid": tx.txid, "fee": tx.fee, "status": _status(kernel, tx)})


def _status(kernel: Kernel, tx: Tx) -> dict[str, Any]:
    if tx.height is None:
        return {"confirmed": False}
    return {"confirmed": True, "block_height": tx.height, "block_hash": kernel.hashes[tx.height]}


class _Core:
    """Methods by the names that Bitcoin Core gives them."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def getblockhash(self, height: int) -> str:
        return self._kernel.hashes[height]

    def getblockchaininfo(self) -> dict[str, Any]:
        return {"chain": "regtest", "blocks": self._kernel.height, "bestblockhash": self._kernel.hashes[-1]}

    def getblockheader(self, hash: str) -> dict[str, Any]:
        height = self._kernel.hashes.index(hash)
        return {"hash": hash, "height": height, "confirmations": self._kernel.height - height + 1}

    def scantxoutset(self, action: str, descriptors: list[str]) -> dict[str, Any]:
        """Mined outputs that no mined transaction spends: the pool is not looked at."""
        scripts = {to_script(each.removeprefix("addr(").removesuffix(")"), "regtest") for each in descriptors}
        unspents = [
            {
                "txid": tx.txid, "vout": vout, "amount": _bitcoin(output.amount), "height": tx.height,
                "coinbase": tx.coinbase, "scriptPubKey": output.script.hex(),
            }
            for tx, vout, output in self._at(scripts)
        ]  # fmt: skip
        return {"success": True, "height": self._kernel.height, "unspents": unspents}

    def _at(self, scripts: Collection[bytes]) -> Iterator[tuple[Tx, int, Output]]:
        for tx in self._kernel.mined.values():
            for vout, output in enumerate(tx.outputs):
                if output.script in scripts and not self._spent((tx.txid, vout), pool=False):
                    yield tx, vout, output

    def gettxout(self, txid: str, vout: int, pool: bool) -> dict[str, Any] | None:
        known = txid in self._kernel.mined or (pool and txid in self._kernel.pool)
        if not known or self._spent((txid, vout), pool=pool):
            return None
        return {"confirmations": 1}

    def _spent(self, outpoint: tuple[str, int], *, pool: bool) -> bool:
        spender = self._kernel.spender(outpoint)
        return spender is not None and (pool or spender.height is not None)

    def getrawtransaction(self, txid: str, verbosity: int = 0) -> Any:
        tx = self._kernel.mined.get(txid) or self._kernel.pool.get(txid)
        if tx is None:
            raise RpcError(-5, "No such mempool or blockchain transaction")
        if not verbosity:
            return tx.raw.hex()
        mined = {} if tx.height is None else {"blockhash": self._kernel.hashes[tx.height]}
        return {"txid": txid, "fee": _bitcoin(tx.fee), **mined}

    def estimatesmartfee(self, target: int) -> dict[str, Any]:
        return {"feerate": _bitcoin(RATE * 1_000), "blocks": target}

    def sendrawtransaction(self, raw: str) -> str:
        try:
            return self._kernel.accept(bytes.fromhex(raw))
        except NotAccepted as refusal:
            raise RpcError(-26, str(refusal)) from None


def _bitcoin(satoshis: int) -> float:
    """The shortest decimal of this float is exactly the amount: it has at most 16 digits."""
    return satoshis / COIN


def core(kernel: Kernel) -> Answer:
    methods = {name: getattr(_Core(kernel), name) for name in dir(_Core) if not name.startswith("_")}
    call = rpc(methods)

    def answer(asked: Asked) -> Reply:
        with kernel.lock:
            return DOWN if kernel.down else call(asked)

    return answer
