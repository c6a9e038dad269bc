"""How a Bitcoin transaction may spend: hash types, locks, coins of others; and where its change may go."""

from collections.abc import Iterable

from tests.bitcoin_bends import KIOSK, change, sighash
from tests.bitcoin_bytes import SIGHASH, Bend, Payer, Psbt, claimed
from tests.hostile.bodies import BTC
from tests.hostile.families.bitcoin import (
    BLIND,
    COIN,
    DECODE,
    EFFECTS,
    PAID,
    Make,
    alone,
    honest_psbt,
    made_by,
    one_coin,
    shown,
)
from tests.hostile.mutation import Family, Mutation, Shared, harmful, neutral


def families() -> list[Family]:
    return [
        Family("Bitcoin hash types", one_coin, list(_hash_types())),
        Family("Bitcoin locks", one_coin, list(_locks())),
        Family("Bitcoin change", one_coin, list(_change())),
        Family("Bitcoin foreign coins", one_coin, list(_foreign())),
    ]


def _hash_types() -> Iterable[Mutation]:
    shared = Shared(BTC)
    for kind in (*range(1), *range(2, 256), *(1 | 1 << bit for bit in range(8, 32))):
        yield harmful(f"hash type {kind:#x}", (EFFECTS, BLIND, DECODE), shown(shared, sighash(kind)))
    for length in (0, 1, 3, 5, 8):
        yield harmful(f"a hash type of {length} bytes", DECODE, shown(shared, _long_type(length)))
    for place in range(16):
        for kind in (2, 3, 0x81, 0x82, 0x83):
            run = made_by(shared, _mixed_types(place, kind))
            yield harmful(f"hash type {kind:#x} at input {place} of 16", (EFFECTS, BLIND), run)


def _long_type(length: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.input_maps[0][SIGHASH] = b"\x01" + bytes(length - 1) if length else b""

    return bend


def _mixed_types(place: int, kind: int) -> Make:
    def make(payer: Payer) -> Psbt:
        psbt = honest_psbt(payer, [f"hash {n}" for n in range(16)])
        psbt.input_maps[place][SIGHASH] = kind.to_bytes(4, "little")
        return psbt

    return make


def _locks() -> Iterable[Mutation]:
    """BIP68: the highest bit switches relative locks off; the 22nd counts in time."""
    shared = Shared(BTC)
    for blocks in (1, 2, 144, 0xFFFF):
        for unit, flag in {"blocks": 0, "times of 512 s": 1 << 22}.items():
            bend = _sequence(blocks | flag)
            yield harmful(f"after {blocks} {unit}", (EFFECTS, BLIND), shown(shared, bend))
    for bit in range(16):
        yield harmful(f"sequence, bit {bit}", (EFFECTS, BLIND), shown(shared, _sequence(1 << bit)))
    for bit in (16, 22, 30):
        yield neutral(f"a lock of no time, bit {bit}", alone(_sequence(1 << bit)))


def _sequence(number: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.inputs = [each[:-4] + number.to_bytes(4, "little") for each in psbt.inputs]

    return bend


def _change() -> Iterable[Mutation]:
    shared = Shared(BTC)
    for bit in range(160):
        yield harmful(f"change, bit {bit}", EFFECTS, shown(shared, _flip_change(bit)))
    for bit in range(10, 31):
        yield harmful(f"change to index 2^{bit}", EFFECTS, made_by(shared, _to(1, 1 << bit)))
    for branch in (0, *range(2, 12)):
        yield harmful(f"change to branch {branch}", EFFECTS, made_by(shared, _to(branch, 0)))
    for account in range(1, 21):
        yield harmful(f"change to account {account} further", EFFECTS, made_by(shared, _to(1, 0, account)))
    for purpose in (44, 49, 86):
        for branch in (0, 1):
            run = made_by(shared, _to(branch, 0, 1, purpose))
            yield harmful(f"change of purpose {purpose} to branch {branch}, elsewhere", EFFECTS, run)
    for index in range(1, 11):
        yield harmful(f"change in two, the other to {index}", EFFECTS, made_by(shared, _in_two(index)))


def _flip_change(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        place = change(psbt)[0]
        script = psbt.outputs[place][1]
        value = int.from_bytes(script[2:], "big") ^ (1 << bit)
        psbt.pay(place, script=script[:2] + value.to_bytes(20, "big"))

    return bend


def _to(branch: int, index: int, further: int = 0, purpose: int = 84) -> Make:
    def make(payer: Payer) -> Psbt:
        other = Payer(payer.certificate, payer.account + 100_000 * further)
        psbt, own = honest_psbt(payer, ["change"]), other.holding(index, branch, purpose)
        place = change(psbt)[0]
        psbt.pay(place, script=own.script)
        psbt.output_maps[place] = claimed(own)
        return psbt

    return make


def _in_two(index: int) -> Make:
    def make(payer: Payer) -> Psbt:
        psbt, own = honest_psbt(payer, ["change"]), payer.holding(index, 1)
        place, left = change(psbt)
        psbt.pay(place, amount=left - 10_000)
        psbt.add_output(10_000, own.script, own)
        return psbt

    return make


def _foreign() -> Iterable[Mutation]:
    """One coin of somebody else's among own ones, at each place."""
    shared = Shared(BTC)
    for own in (1, 2, 7, 15):
        for place in range(own + 1):
            for further, purpose in ((1, 84), (2, 84), (1, 49), (1, 86)):
                name = f"{own} own, at {place} one of account {further} further, purpose {purpose}"
                make = _mixed(own, place, further, purpose)
                yield harmful(name, (BLIND, DECODE), made_by(shared, make))


def _mixed(own: int, place: int, further: int, purpose: int) -> Make:
    def make(payer: Payer) -> Psbt:
        other = Payer(payer.certificate, payer.account + 100_000 * further)
        coins = [payer.coin(COIN, f"own {n}") for n in range(own)]
        coins.insert(place, other.coin(COIN, "foreign", other.holding(purpose=purpose)))
        return payer.psbt(coins, (KIOSK, PAID), fee_rate=2_000)

    return make
