"""The oracle's reading of Bitcoin: libbitcoinkernel verifies the scripts, the test's own code reads the PSBT.

Of the product only the key derivation is taken.
"""

from collections.abc import Callable

import pbk
from pbk.script import PrecomputedTransactionData

from quorate.core.chains.bitcoin.hashes import hash160
from quorate.core.proto import link_pb2 as pb
from tests.bitcoin_bends import KIOSK_SCRIPT
from tests.bitcoin_bytes import PREVIOUS, SIGHASH, Psbt
from tests.hostile.bodies import Meaning
from tests.hostile.ceremony import BTC_CAP, SECP
from tests.hostile.forgery import Forgery

Child = Callable[[str, tuple[int, ...]], bytes]
ALL = b"\x01\x00\x00\x00"
CHANGE_INDEXES = (0, 1, 999)
"""Where the tests of this folder let change go."""


def coins_of(data: bytes) -> set[bytes]:
    """The outpoints that a PSBT spends."""
    return {each[:36] for each in Psbt.of(data).inputs}


def read_payment(wanted: Meaning, data: bytes, child: Child) -> tuple[Psbt, list[tuple[int, bytes]]]:
    """It pays exactly what the body says, from coins of its account, and the rest goes back there. Also what
    the inputs spend: amounts and scripts. Raises Forgery.
    """
    psbt, account = Psbt.of(data), int(wanted.account or "")
    if psbt.encode() != data or len(set(each[:36] for each in psbt.inputs)) != len(psbt.inputs):
        raise Forgery("bytes that say something else too, or a coin twice")
    spent = [_spent(each, given[PREVIOUS]) for each, given in zip(psbt.inputs, psbt.input_maps, strict=True)]
    if any(script != b"\x00\x14" + hash160(child(*_source(account))) for _, script in spent):
        raise Forgery("coins of somebody else")
    own = {b"\x00\x14" + hash160(child(SECP, (84, 1, account, 1, index))) for index in CHANGE_INDEXES}
    paid = [output for output in psbt.outputs if output[1] not in own]
    if paid != [(wanted.amount, KIOSK_SCRIPT)] or len(psbt.outputs) > 2:
        raise Forgery("the bytes do not pay what the body says")
    fee = sum(amount for amount, _ in spent) - sum(amount for amount, _ in psbt.outputs)
    if not 0 <= fee <= BTC_CAP:
        raise Forgery("a fee above its ceiling")
    _check_form(psbt)
    return psbt, spent


def _check_form(psbt: Psbt) -> None:
    """No lock (BIP65, BIP68), no hash type but ALL."""
    if any(psbt.locktime) or any(_waits(each[-4:]) for each in psbt.inputs):
        raise Forgery("a lock")
    if any(given.get(SIGHASH, ALL) != ALL for given in psbt.input_maps):
        raise Forgery("another hash type")


def _waits(sequence: bytes) -> bool:
    """BIP68: the highest bit switches it off, the lower half is for how long."""
    return not sequence[3] & 0x80 and any(sequence[:2])


def check_payment(wanted: Meaning, result: pb.Result, child: Child) -> None:
    """As `read_payment`, and every input is signed by its key. Raises Forgery."""
    psbt, spent = read_payment(wanted, result.bytes, child)
    key = child(*_source(int(wanted.account or "")))
    if len(result.items) != len(spent) or any(item.public_key != key for item in result.items):
        raise Forgery("not one signature of the source for each input")
    _verify(psbt, [item.signature for item in result.items], key, spent)


def _source(account: int) -> tuple[str, tuple[int, ...]]:
    return SECP, (84, 1, account, 0, 0)


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
