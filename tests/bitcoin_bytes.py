"""Coins and PSBTs of a vault account for tests of judges and of clusters: made by the builder, then bent.

The previous transactions are made up: signers do not read the chain.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quorate.core.chains.bitcoin.build import Payment, Utxo, build
from quorate.core.chains.bitcoin.holding import Holding, below_root
from quorate.core.model.records import KeyCertificate
from tests.core.chains.bitcoin.support import join, split, transaction

NETWORK: Final = "regtest"
RATE: Final = 2_000
"""Satoshis for 1,000 virtual bytes."""
UNSIGNED, PREVIOUS, WITNESS_UTXO, SIGHASH = b"\x00", b"\x00", b"\x01", b"\x03"
"""Keys of the first map, and of an input's (BIP174)."""


@dataclass(frozen=True)
class Payer:
    """A vault account below a certified key, and coins that nobody else uses."""

    certificate: KeyCertificate
    account: int

    def holding(self, index: int = 0, change: int = 0, purpose: int = 84) -> Holding:
        root = self.certificate.public_key, self.certificate.chain_code
        return below_root(*root, (purpose, 1, self.account, change, index))

    def coin(self, satoshis: int, seed: str = "", holding: Holding | None = None) -> Utxo:
        own = holding or self.holding()
        previous = transaction([(satoshis, own.script)], f"{self.account} {satoshis} {seed}".encode(), False)
        txid = hashlib.sha256(hashlib.sha256(previous).digest()).digest()[::-1].hex()
        return Utxo(txid, 0, satoshis, own, previous)

    def psbt(self, coins: Sequence[Utxo], *payments: tuple[str, int], **changes: Any) -> "Psbt":
        """Honest bytes that spend all of the coins."""
        options: dict[str, Any] = {
            "network": NETWORK, "fee_rate": RATE, "fee_ceiling": 10**9, "max_inputs": 252,
            "required": [coin.name for coin in coins], **changes,
        }  # fmt: skip
        change = options.pop("change", self.holding(change=1))
        made = build(coins, [Payment(*payment) for payment in payments], change, **options)
        return Psbt.of(made.psbt)


@dataclass
class Psbt:
    """Taken apart: the unsigned transaction's inputs and outputs, and the maps of all three kinds."""

    version: bytes
    inputs: list[bytes]
    outputs: list[tuple[int, bytes]]
    locktime: bytes
    first: dict[bytes, bytes] = field(default_factory=dict)
    input_maps: list[dict[bytes, bytes]] = field(default_factory=list)
    output_maps: list[dict[bytes, bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> "Psbt":
        first, *maps = split(data)
        body = first.pop(UNSIGNED)
        count, at = body[4], 5
        inputs = [body[at + 41 * n : at + 41 * (n + 1)] for n in range(count)]
        at += 41 * count
        outputs, at = [], at + 1
        while at < len(body) - 4:
            size = body[at + 8]
            outputs.append((int.from_bytes(body[at : at + 8], "little"), body[at + 9 : at + 9 + size]))
            at += 9 + size
        return cls(body[:4], inputs, outputs, body[-4:], first, maps[:count], maps[count:])

    def encode(self) -> bytes:
        body = self.version + bytes([len(self.inputs)]) + b"".join(self.inputs) + bytes([len(self.outputs)])
        body += b"".join(a.to_bytes(8, "little") + bytes([len(s)]) + s for a, s in self.outputs)
        first = {UNSIGNED: body + self.locktime, **self.first}
        return join([first, *self.input_maps, *self.output_maps])

    def place(self, script: bytes) -> int:
        """Of the output that pays a script."""
        return next(n for n, (_, each) in enumerate(self.outputs) if each == script)

    def pay(self, place: int, *, amount: int | None = None, script: bytes | None = None) -> None:
        """Another amount or payee for an output; whatever was claimed about it stays."""
        was = self.outputs[place]
        self.outputs[place] = (was[0] if amount is None else amount, was[1] if script is None else script)

    def add_output(self, amount: int, script: bytes, claim: Holding | None = None) -> None:
        self.outputs.append((amount, script))
        self.output_maps.append({} if claim is None else claimed(claim))

    def drop_output(self, place: int) -> None:
        del self.outputs[place], self.output_maps[place]


Bend = Callable[[Psbt], bytes | None]
"""Changes the bytes in place, or answers others."""


def claimed(holding: Holding) -> dict[bytes, bytes]:
    """PSBT_OUT_BIP32_DERIVATION of the holding's key."""
    key = holding.keys[0]
    path = b"".join(index.to_bytes(4, "little") for index in key.path)
    return {b"\x02" + key.public_key: key.fingerprint + path}


def bent(psbt: Psbt, bend: Bend) -> bytes:
    other = bend(psbt)
    return psbt.encode() if other is None else other
