"""What else a Bitcoin transaction may pay: outputs of every kind at every place, and other amounts."""

import hashlib
from collections.abc import Iterable
from typing import Final

from tests.bitcoin_bends import KIOSK_SCRIPT, STRANGER, add_paid_by_change, change, payment
from tests.bitcoin_bytes import Bend, Psbt
from tests.hostile.bodies import BTC
from tests.hostile.ceremony import BTC_CAP
from tests.hostile.families.bitcoin import BLIND, COIN, DECODE, EFFECTS, PAID, one_coin, shown
from tests.hostile.mutation import Family, Mutation, Shared, harmful

FEE: Final = "fee_ceiling"
_HASH: Final = hashlib.sha256(b"a stranger").digest()
_KEY: Final = b"\x02" + _HASH
SCRIPTS: Final = {
    "P2WPKH": STRANGER,
    "P2PKH": b"\x76\xa9\x14" + _HASH[:20] + b"\x88\xac",
    "P2SH": b"\xa9\x14" + _HASH[:20] + b"\x87",
    "P2WSH": b"\x00\x20" + _HASH,
    "P2TR": b"\x51\x20" + _HASH,
    "P2A": b"\x51\x02\x4e\x73",
    "P2PK": b"\x21" + _KEY + b"\xac",
    "a bare multisig": b"\x51\x21" + _KEY + b"\x51\xae",
    "witness version 16": b"\x60\x20" + _HASH,
    "anyone": b"\x51",
    "nobody": b"",
    "data": b"\x6a\x04gift",
}
_PROGRAM: Final = KIOSK_SCRIPT[2:]
NEAR: Final = {
    "P2PKH": b"\x76\xa9\x14" + _PROGRAM + b"\x88\xac",
    "P2SH": b"\xa9\x14" + _PROGRAM + b"\x87",
    "P2WSH": b"\x00\x20" + _PROGRAM + bytes(12),
    "P2TR": b"\x51\x20" + _PROGRAM + bytes(12),
    "witness version 1": b"\x51\x14" + _PROGRAM,
    "a byte more": KIOSK_SCRIPT + b"\x00",
    "a byte less": KIOSK_SCRIPT[:-1],
}
"""Other scripts around what the payee's hash is."""


def families() -> list[Family]:
    return [
        Family("Bitcoin outputs", one_coin, list(_outputs())),
        Family("Bitcoin amounts", one_coin, list(_amounts())),
    ]


def _outputs() -> Iterable[Mutation]:
    shared, refused = Shared(BTC), (EFFECTS, BLIND, DECODE)
    for kind, script in SCRIPTS.items():
        for amount in (0, 1, 546, PAID):
            for place in ("first", "between", "last"):
                bend = _inserted(script, amount, ("first", "between", "last").index(place))
                yield harmful(f"{amount} to {kind}, {place}", refused, shown(shared, bend))
        yield harmful(f"payee replaced by {kind}", refused, shown(shared, _payee(script)))
        yield harmful(f"change replaced by {kind}", refused, shown(shared, _changed(script)))
    for kind, script in NEAR.items():
        yield harmful(f"the payee's hash as {kind}", refused, shown(shared, _payee(script)))


def _inserted(script: bytes, amount: int, place: int) -> Bend:
    """One more output at a place, paid by the change."""

    def bend(psbt: Psbt) -> None:
        add_paid_by_change(psbt, amount, script)
        psbt.outputs.insert(place, psbt.outputs.pop())
        psbt.output_maps.insert(place, psbt.output_maps.pop())

    return bend


def _payee(script: bytes) -> Bend:
    return lambda psbt: psbt.pay(payment(psbt)[0], script=script)


def _changed(script: bytes) -> Bend:
    return lambda psbt: psbt.pay(change(psbt)[0], script=script)


def _amounts() -> Iterable[Mutation]:
    """Between payment and change, and out of the change into the fee."""
    shared, refused = Shared(BTC), (EFFECTS, BLIND, DECODE, FEE)
    for bit in range(25):
        yield harmful(f"2^{bit} from payment to change", refused, shown(shared, _moved(-(1 << bit))))
        yield harmful(f"2^{bit} from change to payment", refused, shown(shared, _moved(1 << bit)))
    for satoshis in (BTC_CAP + 1, *(1 << bit for bit in range(16, 27))):
        yield harmful(f"a fee of {satoshis}", refused, shown(shared, _fee(satoshis)))
    for name, bend in {
        "swapped": _swapped, "scripts swapped": _scripts_swapped, "all to the payee": _all_to_payee,
    }.items():  # fmt: skip
        yield harmful(f"amounts, {name}", refused, shown(shared, bend))


def _moved(satoshis: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        (to, paid), (back, left) = payment(psbt), change(psbt)
        psbt.pay(to, amount=paid + satoshis)
        psbt.pay(back, amount=left - satoshis)

    return bend


def _fee(satoshis: int) -> Bend:
    return lambda psbt: psbt.pay(change(psbt)[0], amount=max(0, COIN - PAID - satoshis))


def _swapped(psbt: Psbt) -> None:
    (to, paid), (back, left) = payment(psbt), change(psbt)
    psbt.pay(to, amount=left)
    psbt.pay(back, amount=paid)


def _scripts_swapped(psbt: Psbt) -> None:
    """The maps stay: the change is claimed at the payee's output."""
    (to, _), (back, _) = payment(psbt), change(psbt)
    own = psbt.outputs[back][1]
    psbt.pay(to, script=own)
    psbt.pay(back, script=KIOSK_SCRIPT)


def _all_to_payee(psbt: Psbt) -> None:
    psbt.pay(change(psbt)[0], script=KIOSK_SCRIPT)
