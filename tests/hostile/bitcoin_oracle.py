"""The oracle's reading of Bitcoin: libbitcoinkernel verifies the scripts, the test's own code reads the PSBT.

Of the product only the key derivation is taken.
"""

from collections.abc import Callable

import pbk
from pbk.script import PrecomputedTransactionData

from quorate.core.chains.bitcoin.hashes import hash160
from quorate.core.proto import link_pb2 as pb
from tests.bitcoin_bends import KIOSK_SCRIPT
from tests.bitcoin_bytes import PREVIOUS, Psbt
from tests.hostile.bodies import Meaning
from tests.hostile.ceremony import BTC_CAP, SECP
from tests.hostile.forgery import Forgery

Child = Callable[[str, tuple[int, ...]], bytes]
CHANGE_INDEXES = (0, 1, 999)
"""Where the tests of this folder let change go."""


def coins_of(data: bytes) -> set[bytes]:
    """The outpoints that a PSBT spends."""
    return {each[:36] for each in Psbt.of(data).inputs}


def check_payment(wanted: Meaning, result: pb.Result, child: Child) -> None:
    """It pays exactly what the body says, from coins of its account, and the rest goes back there."""
    psbt, account = Psbt.of(result.bytes), int(wanted.account or "")
    spent = [_spent(each, given[PREVIOUS]) for each, given in zip(psbt.inputs, psbt.input_maps, strict=True)]
    own = {b"\x00\x14" + hash160(child(SECP, (84, 1, account, 1, index))) for index in CHANGE_INDEXES}
    paid = [output for output in psbt.outputs if output[1] not in own]
    if paid != [(wanted.amount, KIOSK_SCRIPT)] or len(psbt.outputs) > 2:
        raise Forgery("the bytes do not pay what the body says")
    fee = sum(amount for amount, _ in spent) - sum(amount for amount, _ in psbt.outputs)
    if not 0 <= fee <= BTC_CAP or any(psbt.locktime):
        raise Forgery("a fee above its ceiling, or a lock time")
    key = child(SECP, (84, 1, account, 0, 0))
    if len(result.items) != len(spent) or any(item.public_key != key for item in result.items):
        raise Forgery("not one signature of the source for each input")
    _verify(psbt, [item.signature for item in result.items], key, spent)


def _spent(outpoint: bytes, previous: bytes) -> tuple[int, bytes]:
    """Amount and script, of the transaction that has the id."""
    tx = pbk.Transaction(previous)
    if bytes(tx.txid) != outpoint[:32]:
        raise Forgery("another previous transaction")
    output = tx.outputs[int.from_bytes(outpoint[32:36], "little")]
    return output.amount, bytes(output.script_pubkey)


def _verify(psbt: Psbt, signatures: list[bytes], key: bytes, spent: list[tuple[int, bytes]]) -> None:
    raw = psbt.version + b"\x00\x01" + bytes([len(psbt.inputs)]) + b"".join(psbt.inputs)
    raw += bytes([len(psbt.outputs)])
    raw += b"".join(a.to_bytes(8, "little") + bytes([len(s)]) + s for a, s in psbt.outputs)
    for signature in signatures:
        der = _der(signature) + b"\x01"
        raw += b"\x02" + bytes([len(der)]) + der + b"\x21" + key
    tx = pbk.Transaction(raw + psbt.locktime)
    outputs = [pbk.TransactionOutput(pbk.ScriptPubkey(script), amount) for amount, script in spent]
    data = PrecomputedTransactionData(tx, outputs)
    for index, (amount, script) in enumerate(spent):
        if not pbk.ScriptPubkey(script).verify(amount, tx, data, index, pbk.ScriptVerificationFlags.ALL):
            raise Forgery(f"input {index} does not verify")


def _der(signature: bytes) -> bytes:
    body = b"".join(
        b"\x02" + bytes([len(number)]) + number
        for number in (
            int.from_bytes(half, "big").to_bytes(int.from_bytes(half, "big").bit_length() // 8 + 1, "big")
            for half in (signature[:32], signature[32:])
        )
    )
    return b"\x30" + bytes([len(body)]) + body
