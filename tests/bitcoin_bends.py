"""What a hostile server may do to the bytes of a Bitcoin transfer, each with the check that refuses it.

The honest bytes pay KIOSK from coins of one account and return change to it.
"""

import hashlib
from typing import Final

from quorate.core.chains.bitcoin import address
from tests.bitcoin_bytes import NETWORK, PREVIOUS, SIGHASH, WITNESS_UTXO, Bend, Psbt

KIOSK: Final = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777"
KIOSK_SCRIPT: Final = address.to_script(KIOSK, NETWORK)
STRANGER: Final = b"\x00\x14" + hashlib.sha256(b"a stranger").digest()[:20]
LITTLE: Final = 600
"""Satoshis: more than dust."""


def payment(psbt: Psbt) -> tuple[int, int]:
    """Place and amount."""
    place = psbt.place(KIOSK_SCRIPT)
    return place, psbt.outputs[place][0]


def change(psbt: Psbt) -> tuple[int, int]:
    place = 1 - psbt.place(KIOSK_SCRIPT)
    return place, psbt.outputs[place][0]


def add_paid_by_change(psbt: Psbt, amount: int, script: bytes) -> None:
    """The fee stays as it was."""
    place, left = change(psbt)
    psbt.pay(place, amount=left - amount)
    psbt.add_output(amount, script)


def other_payee(psbt: Psbt) -> None:
    psbt.pay(payment(psbt)[0], script=STRANGER)


def more(psbt: Psbt) -> None:
    place, amount = payment(psbt)
    psbt.pay(place, amount=amount + 1)


def less(psbt: Psbt) -> None:
    place, amount = payment(psbt)
    psbt.pay(place, amount=amount - 1)


def nothing(psbt: Psbt) -> None:
    """All of it back to the account."""
    place, amount = payment(psbt)
    back, left = change(psbt)
    psbt.pay(back, amount=left + amount)
    psbt.drop_output(place)


def twice(psbt: Psbt) -> None:
    add_paid_by_change(psbt, payment(psbt)[1], KIOSK_SCRIPT)


def in_two_parts(psbt: Psbt) -> None:
    place, amount = payment(psbt)
    psbt.pay(place, amount=amount - LITTLE)
    psbt.add_output(LITTLE, KIOSK_SCRIPT)


def extra_output(psbt: Psbt) -> None:
    add_paid_by_change(psbt, LITTLE, STRANGER)


def empty_output(psbt: Psbt) -> None:
    psbt.add_output(0, STRANGER)


def data_output(psbt: Psbt) -> None:
    psbt.add_output(0, b"\x6a\x04gift")


def burnt(psbt: Psbt) -> None:
    add_paid_by_change(psbt, LITTLE, b"\x6a\x04gift")


def odd_script(psbt: Psbt) -> None:
    add_paid_by_change(psbt, LITTLE, b"\x51" * 5)


def change_replaced(psbt: Psbt) -> None:
    """To a stranger, under the claim that was true of the own key."""
    psbt.pay(change(psbt)[0], script=STRANGER)


def change_unclaimed(psbt: Psbt) -> None:
    psbt.output_maps[change(psbt)[0]].clear()


def more_out_than_in(psbt: Psbt) -> None:
    place, amount = change(psbt)
    psbt.pay(place, amount=2 * amount)


def change_to_the_miners(psbt: Psbt) -> None:
    psbt.drop_output(change(psbt)[0])


def locktime(number: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.locktime = number.to_bytes(4, "little")

    return bend


def relative_lock(psbt: Psbt) -> None:
    psbt.inputs = [each[:-4] + b"\x10\x00\x00\x00" for each in psbt.inputs]


def other_version(number: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.version = number.to_bytes(4, "little")

    return bend


def unproven(psbt: Psbt) -> None:
    del psbt.input_maps[0][PREVIOUS]


def nothing_spent(psbt: Psbt) -> None:
    psbt.input_maps[0].clear()


def other_input(psbt: Psbt) -> None:
    psbt.inputs[0] = bytes(32) + psbt.inputs[0][32:]


def input_twice(psbt: Psbt) -> None:
    psbt.inputs.append(psbt.inputs[0])
    psbt.input_maps.append(psbt.input_maps[0])


def false_amount(psbt: Psbt) -> None:
    claimed = psbt.input_maps[0][WITNESS_UTXO]
    amount = int.from_bytes(claimed[:8], "little") + 1
    psbt.input_maps[0][WITNESS_UTXO] = amount.to_bytes(8, "little") + claimed[8:]


def sighash(kind: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.input_maps[0][SIGHASH] = kind.to_bytes(4, "little")

    return bend


def version_2(psbt: Psbt) -> None:
    """BIP370, by its mark alone."""
    psbt.first[b"\xfb"] = (2).to_bytes(4, "little")


def trailing(psbt: Psbt) -> bytes:
    return psbt.encode() + b"\x00"


def truncated(psbt: Psbt) -> bytes:
    return psbt.encode()[:-1]


def bare(psbt: Psbt) -> bytes:
    """The transaction without its PSBT."""
    data = psbt.encode()
    return data[8 : 8 + data[7]]


def signed_already(psbt: Psbt) -> None:
    psbt.inputs[0] = psbt.inputs[0][:36] + b"\x01\x51" + psbt.inputs[0][37:]


BENDS: Final[dict[str, tuple[str, Bend]]] = {
    "another payee": ("effects_match", other_payee),
    "a satoshi more": ("effects_match", more),
    "a satoshi less": ("effects_match", less),
    "no payment": ("effects_match", nothing),
    "paid twice": ("effects_match", twice),
    "paid in two parts": ("effects_match", in_two_parts),
    "an extra output": ("effects_match", extra_output),
    "an extra output of nothing": ("effects_match", empty_output),
    "data": ("effects_match", data_output),
    "coins burnt": ("blind", burnt),
    "a script without address": ("blind", odd_script),
    "change replaced": ("effects_match", change_replaced),
    "change that nobody claims": ("effects_match", change_unclaimed),
    "more out than in": ("blind", more_out_than_in),
    "change to the miners": ("fee_ceiling", change_to_the_miners),
    "a lock time": ("effects_match", locktime(900_000)),
    "a lock time in seconds": ("effects_match", locktime(1_900_000_000)),
    "a relative lock": ("effects_match", relative_lock),
    **{f"version {number}": ("effects_match", other_version(number)) for number in (0, 3, 1 << 31)},
    "no previous transaction": ("blind", unproven),
    "an input of nothing known": ("blind", nothing_spent),
    "another input": ("blind", other_input),
    "an input twice": ("decode", input_twice),
    "a false amount": ("blind", false_amount),
    **{f"hash type {kind:#04x}": ("effects_match", sighash(kind)) for kind in (2, 3, 0x81, 0x82, 0x83)},
    **{f"hash type {kind:#04x}": ("blind", sighash(kind)) for kind in (0, 4, 0x42, 0x80, 0x101)},
    "PSBT version 2": ("decode", version_2),
    "a byte more": ("decode", trailing),
    "a byte less": ("decode", truncated),
    "no PSBT": ("decode", bare),
    "an input that is signed": ("decode", signed_already),
    "no bytes": ("attempt_form", lambda psbt: b""),
}
"""Name -> the check of the judge, and the change."""
