"""The oracle's reading of Bitcoin: libbitcoinkernel verifies the scripts, the test's own code reads the PSBT.

Of the product only the key derivation is taken.
"""

import hashlib
from collections.abc import Callable, Sequence

import pbk
from coincurve import PublicKey
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
    held = _held(child, account)
    if any(script not in held for _, script in spent):
        raise Forgery("coins of somebody else")
    own = _scripts(child, account, 1, CHANGE_INDEXES)
    paid = [output for output in psbt.outputs if output[1] not in own]
    if paid != [(wanted.amount, KIOSK_SCRIPT)] or len(psbt.outputs) > 2:
        raise Forgery("the bytes do not pay what the body says")
    fee = sum(amount for amount, _ in spent) - sum(amount for amount, _ in psbt.outputs)
    if not 0 <= fee <= BTC_CAP:
        raise Forgery("a fee above its ceiling")
    _check_form(psbt, [script for _, script in spent])
    return psbt, spent


def _check_form(psbt: Psbt, scripts: list[bytes]) -> None:
    """No lock (BIP65, BIP68), no hash type but ALL; but the default one for taproot."""
    if any(psbt.locktime) or any(_waits(each[-4:]) for each in psbt.inputs):
        raise Forgery("a lock")
    for given, script in zip(psbt.input_maps, scripts, strict=True):
        usual = bytes(4) if _is_taproot(script) else ALL
        if given.get(SIGHASH, usual) != usual:
            raise Forgery("another hash type")


def _waits(sequence: bytes) -> bool:
    """BIP68: the highest bit switches it off, the lower half is for how long."""
    return not sequence[3] & 0x80 and any(sequence[:2])


def check_payment(wanted: Meaning, result: pb.Result, child: Child) -> None:
    """As `read_payment`, and every input is signed by its key. Raises Forgery."""
    psbt, spent = read_payment(wanted, result.bytes, child)
    held = _held(child, int(wanted.account or ""))
    if len(result.items) != len(spent):
        raise Forgery("not one signature for each input")
    for item, (_, script) in zip(result.items, spent, strict=True):
        if item.public_key != (script[2:] if _is_taproot(script) else held[script]):
            raise Forgery("not the key of the coin")
    _verify(psbt, [item.signature for item in result.items], [held[script] for _, script in spent], spent)


def _held(child: Child, account: int) -> dict[bytes, bytes]:
    """What the account holds: output script -> key."""
    return _scripts(child, account, 0, (0,)) | _scripts(child, account, 1, (0,))


def _scripts(child: Child, account: int, branch: int, indexes: Sequence[int]) -> dict[bytes, bytes]:
    """Output script -> key, of each kind: P2PKH, P2SH-P2WPKH, P2WPKH, P2TR."""
    found = {}
    for purpose in (44, 49, 84, 86):
        for index in indexes:
            key = child(SECP, (purpose, 1, account, branch, index))
            found[_script(purpose, key)] = key
    return found


def _script(purpose: int, key: bytes) -> bytes:
    program = b"\x00\x14" + hash160(key)
    if purpose == 86:
        tag = hashlib.sha256(b"TapTweak").digest()
        tweak = hashlib.sha256(tag + tag + key[1:]).digest()
        return b"\x51\x20" + PublicKey(b"\x02" + key[1:]).add(tweak).format()[1:]
    return {
        44: b"\x76\xa9\x14" + hash160(key) + b"\x88\xac",
        49: b"\xa9\x14" + hash160(program) + b"\x87",
        84: program,
    }[purpose]


def _is_taproot(script: bytes) -> bool:
    return script[:2] == b"\x51\x20"


def _spent(outpoint: bytes, previous: bytes) -> tuple[int, bytes]:
    """Amount and script, of the transaction that has the id."""
    tx = pbk.Transaction(previous)
    if bytes(tx.txid) != outpoint[:32]:
        raise Forgery("another previous transaction")
    output = tx.outputs[int.from_bytes(outpoint[32:36], "little")]
    return output.amount, bytes(output.script_pubkey)


def _verify(psbt: Psbt, signatures: list[bytes], keys: list[bytes], spent: list[tuple[int, bytes]]) -> None:
    signed = [
        _unlocking(script, key, signature)
        for signature, key, (_, script) in zip(signatures, keys, spent, strict=True)
    ]
    body = bytes([len(psbt.inputs)])
    for each, (script_sig, _) in zip(psbt.inputs, signed, strict=True):
        body += each[:36] + bytes([len(script_sig)]) + script_sig + each[-4:]
    body += bytes([len(psbt.outputs)])
    body += b"".join(a.to_bytes(8, "little") + bytes([len(s)]) + s for a, s in psbt.outputs)
    marker, witnesses = b"", b""
    if any(stack for _, stack in signed):
        marker = b"\x00\x01"
        witnesses = b"".join(bytes([len(stack)]) + _pushed(stack) for _, stack in signed)
    tx = pbk.Transaction(psbt.version + marker + body + witnesses + psbt.locktime)
    outputs = [pbk.TransactionOutput(pbk.ScriptPubkey(script), amount) for amount, script in spent]
    data = PrecomputedTransactionData(tx, outputs)
    for index, (amount, script) in enumerate(spent):
        if not pbk.ScriptPubkey(script).verify(amount, tx, data, index, pbk.ScriptVerificationFlags.ALL):
            raise Forgery(f"input {index} does not verify")


def _unlocking(script: bytes, key: bytes, signature: bytes) -> tuple[bytes, list[bytes]]:
    """Input script and witness."""
    if _is_taproot(script):
        return b"", [signature]
    ecdsa = _der(signature) + b"\x01"
    if script[:1] == b"\x76":
        return _pushed([ecdsa, key]), []
    return _pushed([b"\x00\x14" + hash160(key)]) if script[:1] == b"\xa9" else b"", [ecdsa, key]


def _pushed(items: list[bytes]) -> bytes:
    return b"".join(bytes([len(item)]) + item for item in items)


def _der(signature: bytes) -> bytes:
    body = b"".join(
        b"\x02" + bytes([len(number)]) + number
        for number in (
            int.from_bytes(half, "big").to_bytes(int.from_bytes(half, "big").bit_length() // 8 + 1, "big")
            for half in (signature[:32], signature[32:])
        )
    )
    return b"\x30" + bytes([len(body)]) + body
