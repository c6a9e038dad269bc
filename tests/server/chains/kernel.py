"""A regression test chain in this process. Bitcoin Core's own consensus code (libbitcoinkernel) judges every
block; a pool takes a transaction when its scripts verify there, and its coins are unspent, mature and enough.
"""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pbk
from pbk.script import PrecomputedTransactionData

from quorate.core.chains.bitcoin import address

NETWORK: Final = "regtest"
COIN: Final = 100_000_000
MATURITY: Final = 100
SUBSIDY: Final = 50 * COIN
LEAST_RATE: Final = 1
"""Satoshis a virtual byte: what nodes relay."""
_BITS: Final = 0x207FFFFF
_ANYONE: Final = b"\x51"
_TO_ANYONE: Final = b"\x00\x20" + hashlib.sha256(_ANYONE).digest()
"""P2WSH of OP_TRUE: the miner's coins, which need no signature."""

Outpoint = tuple[str, int]


class NotAccepted(Exception):
    """The pool's reason."""


@dataclass(frozen=True)
class Output:
    amount: int
    script: bytes


@dataclass(frozen=True)
class Tx:
    """`height` is None while it waits in the pool."""

    txid: str
    raw: bytes
    inputs: tuple[Outpoint, ...]
    outputs: tuple[Output, ...]
    fee: int
    height: int | None = None
    coinbase: bool = False


@dataclass
class Kernel:
    """`mined`, `pool`: by id. `spent_by`: who spends an output, in the pool or mined. `down`: none answers.
    `closed`: why the pool takes nothing, or empty.
    """

    folder: Path
    mined: dict[str, Tx] = field(default_factory=dict)
    pool: dict[str, Tx] = field(default_factory=dict)
    spent_by: dict[Outpoint, str] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    down: bool = False
    closed: str = ""

    def __post_init__(self) -> None:
        options = pbk.ChainstateManagerOptions(
            pbk.make_context(pbk.ChainType.REGTEST), str(self.folder), str(self.folder / "blocks")
        )
        options.update_block_tree_db_in_memory(True)
        options.update_chainstate_db_in_memory(True)
        self._manager = pbk.ChainstateManager(options)
        self._manager.import_blocks([])
        self.lock = threading.RLock()
        self.hashes.append(str(self._tip.block_hash))
        self._time = int(time.time()) - 100_000
        self.mine(MATURITY + 1)

    @property
    def height(self) -> int:
        return len(self.hashes) - 1

    @property
    def _tip(self) -> pbk.BlockTreeEntry:
        chain = self._manager.get_active_chain()
        return chain.block_tree_entries[chain.height]

    # ---- blocks

    def mine(self, blocks: int = 1, *, empty: bool = False) -> None:
        """With everything that waits, unless `empty`. The kernel refuses a block with anything wrong."""
        with self.lock:
            for _ in range(blocks):
                self._mine([] if empty else list(self.pool.values()))

    def _mine(self, waiting: Sequence[Tx]) -> None:
        coinbase = self._coinbase(waiting)
        raw = _block(
            bytes.fromhex(self.hashes[-1])[::-1], self._time, [coinbase, *(tx.raw for tx in waiting)]
        )
        self._time += 60
        self._manager.process_block(pbk.Block(raw))
        assert self._tip.height == self.height + 1, "the kernel refused the block"
        self.hashes.append(str(self._tip.block_hash))
        self._keep(_read(coinbase, 0, coinbase=True))
        for tx in waiting:
            del self.pool[tx.txid]
            self._keep(tx)

    def _keep(self, tx: Tx) -> None:
        fields = {name: getattr(tx, name) for name in ("txid", "raw", "inputs", "outputs", "fee", "coinbase")}
        self.mined[tx.txid] = Tx(**fields, height=self.height)
        self.spent_by.update(dict.fromkeys(tx.inputs if not tx.coinbase else (), tx.txid))

    def _coinbase(self, waiting: Sequence[Tx]) -> bytes:
        """BIP34: the height first. BIP141: the commitment to all witnesses."""
        number = (self.height + 1).to_bytes(((self.height + 1).bit_length() + 8) // 8, "little")
        script_sig = bytes([len(number)]) + number + b"\x00"
        if self.height + 1 <= 16:
            script_sig = bytes([0x50 + self.height + 1]) + b"\x00"
        leaves = [bytes(32), *(_sha256d(tx.raw) for tx in waiting)]
        commitment = b"\x6a\x24\xaa\x21\xa9\xed" + _sha256d(_merkle(leaves) + bytes(32))
        reward = SUBSIDY + sum(tx.fee for tx in waiting)
        body = b"\x01" + bytes(32) + b"\xff" * 4 + bytes([len(script_sig)]) + script_sig + b"\xff" * 4
        body += b"\x02" + _txout(reward, _TO_ANYONE) + _txout(0, commitment)
        return b"\x02\x00\x00\x00\x00\x01" + body + b"\x01\x20" + bytes(32) + bytes(4)

    # ---- transactions

    def output(self, outpoint: Outpoint) -> Output | None:
        txid, vout = outpoint
        tx = self.mined.get(txid) or self.pool.get(txid)
        return tx.outputs[vout] if tx and vout < len(tx.outputs) else None

    def accept(self, raw: bytes) -> str:
        """The id. Raises NotAccepted."""
        with self.lock:
            if self.closed:
                raise NotAccepted(self.closed)
            tx = self._judged(raw)
            self._replace(tx)
            self.pool[tx.txid] = tx
            self.spent_by.update(dict.fromkeys(tx.inputs, tx.txid))
            return tx.txid

    def _judged(self, raw: bytes) -> Tx:
        try:
            tx = _read(raw, 0)
        except RuntimeError:
            raise NotAccepted("TX decode failed") from None
        if tx.txid in self.pool or tx.txid in self.mined:
            raise NotAccepted("txn-already-known")
        spent = []
        for each in tx.inputs:
            output = self.output(each)
            if output is None:
                raise NotAccepted("bad-txns-inputs-missingorspent")
            if self.spent_by.get(each) in self.mined:
                raise NotAccepted("txn-mempool-conflict")
            if not self._mature(each[0]):
                raise NotAccepted("bad-txns-premature-spend-of-coinbase")
            spent.append(output)
        self._verify(raw, spent)
        fee = sum(each.amount for each in spent) - sum(each.amount for each in tx.outputs)
        if fee < LEAST_RATE * virtual_size(tx):
            raise NotAccepted("min relay fee not met")
        return Tx(tx.txid, raw, tx.inputs, tx.outputs, fee)

    def _replace(self, tx: Tx) -> None:
        """BIP125: what spends the same in the pool, and what spends theirs, gives way to a higher fee."""
        conflicts = {self.spent_by[each] for each in tx.inputs if each in self.spent_by}
        while more := self._children(conflicts) - conflicts:
            conflicts |= more
        old = [self.pool[txid] for txid in conflicts]
        size = virtual_size(tx)
        if old and tx.fee < sum(each.fee for each in old) + LEAST_RATE * size:
            raise NotAccepted("insufficient fee, rejecting replacement")
        if any(tx.fee * virtual_size(each) <= each.fee * size for each in old):
            raise NotAccepted("insufficient fee rate, rejecting replacement")
        for txid in conflicts:
            self.drop(txid)

    def _children(self, of: set[str]) -> set[str]:
        return {tx.txid for tx in self.pool.values() if any(txid in of for txid, _ in tx.inputs)}

    def _verify(self, raw: bytes, spent: Sequence[Output]) -> None:
        outputs = [pbk.TransactionOutput(pbk.ScriptPubkey(each.script), each.amount) for each in spent]
        tx = pbk.Transaction(raw)
        data = PrecomputedTransactionData(tx, outputs)
        for index, each in enumerate(spent):
            script = pbk.ScriptPubkey(each.script)
            if not script.verify(each.amount, tx, data, index, pbk.ScriptVerificationFlags.ALL):
                raise NotAccepted("mandatory-script-verify-flag-failed")

    def _mature(self, txid: str) -> bool:
        tx = self.mined.get(txid)
        return tx is None or not tx.coinbase or self.height + 1 - (tx.height or 0) >= MATURITY

    def drop(self, txid: str) -> None:
        """A pool forgets: nothing that it had said of it holds."""
        with self.lock:
            for each in self.pool.pop(txid).inputs:
                del self.spent_by[each]

    def pay(self, *payments: tuple[str, int], mine: bool = True) -> str:
        """The miner pays addresses; the id."""
        with self.lock:
            coin = next(self._miners_coins())
            total = sum(amount for _, amount in payments)
            outputs = [_txout(amount, address.to_script(to, NETWORK)) for to, amount in payments]
            outputs.append(_txout(SUBSIDY - total - 10_000, _TO_ANYONE))
            txid = self.accept(_spend([coin], outputs, [_ANYONE]))
            if mine:
                self.mine()
            return txid

    def _miners_coins(self) -> Iterator[Outpoint]:
        for tx in self.mined.values():
            free = tx.coinbase and (tx.txid, 0) not in self.spent_by and self._mature(tx.txid)
            if free and tx.outputs[0].amount == SUBSIDY:
                yield (tx.txid, 0)

    def unspent(self, text: str) -> list[tuple[Outpoint, Output, Tx]]:
        """What lies at an address and is spent by nothing that is known, pool included."""
        script = address.to_script(text, NETWORK)
        return [
            ((tx.txid, vout), output, tx)
            for tx in (*self.mined.values(), *self.pool.values())
            for vout, output in enumerate(tx.outputs)
            if output.script == script and (tx.txid, vout) not in self.spent_by
        ]

    def spender(self, outpoint: Outpoint) -> Tx | None:
        txid = self.spent_by.get(outpoint)
        return None if txid is None else self.mined.get(txid) or self.pool.get(txid)


def virtual_size(tx: Tx) -> int:
    """BIP141: a byte of a witness counts a quarter."""
    if tx.raw[4:6] != b"\x00\x01":
        return len(tx.raw)
    stripped = 4 + len(_body(tx)) + 4
    return (3 * stripped + len(tx.raw) + 3) // 4


def _body(tx: Tx) -> bytes:
    """Inputs and outputs, of at most 252 each with scripts of at most 252 bytes: all that tests make."""
    at = 7
    for _ in range(tx.raw[6]):
        at += 36 + 1 + tx.raw[at + 36] + 4
    at += 1 + sum(9 + len(output.script) for output in tx.outputs)
    return tx.raw[6:at]


def _read(raw: bytes, fee: int, *, coinbase: bool = False) -> Tx:
    """As the kernel reads it."""
    tx = pbk.Transaction(raw)
    inputs = tuple((str(i.out_point.txid), i.out_point.index) for i in tx.inputs)
    outputs = tuple(Output(o.amount, bytes(o.script_pubkey)) for o in tx.outputs)
    return Tx(str(tx.txid), raw, inputs, outputs, fee, coinbase=coinbase)


def _spend(coins: Sequence[Outpoint], outputs: Sequence[bytes], witness: Sequence[bytes]) -> bytes:
    inputs = b"".join(
        bytes.fromhex(txid)[::-1] + vout.to_bytes(4, "little") + b"\x00" + b"\xff" * 4 for txid, vout in coins
    )
    stack = bytes([len(witness)]) + b"".join(bytes([len(item)]) + item for item in witness)
    body = bytes([len(coins)]) + inputs + bytes([len(outputs)]) + b"".join(outputs)
    return b"\x02\x00\x00\x00\x00\x01" + body + stack * len(coins) + bytes(4)


def _block(previous: bytes, at: int, transactions: Sequence[bytes]) -> bytes:
    """With a proof of work that takes two tries on average."""
    root = _merkle([bytes(pbk.Transaction(raw).txid) for raw in transactions])
    header = b"\x00\x00\x00\x20" + previous + root + at.to_bytes(4, "little") + _BITS.to_bytes(4, "little")
    nonce = next(
        nonce
        for nonce in range(1 << 32)
        if int.from_bytes(_sha256d(header + nonce.to_bytes(4, "little")), "little") < 0x7FFFFF << 232
    )
    count = (
        bytes([len(transactions)])
        if len(transactions) < 0xFD
        else b"\xfd" + len(transactions).to_bytes(2, "little")
    )
    return header + nonce.to_bytes(4, "little") + count + b"".join(transactions)


def _merkle(leaves: list[bytes]) -> bytes:
    while len(leaves) > 1:
        leaves = leaves + leaves[-1:] if len(leaves) % 2 else leaves
        leaves = [_sha256d(a + b) for a, b in zip(leaves[::2], leaves[1::2], strict=True)]
    return leaves[0]


def _txout(amount: int, script: bytes) -> bytes:
    return amount.to_bytes(8, "little") + bytes([len(script)]) + script


def _sha256d(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()
