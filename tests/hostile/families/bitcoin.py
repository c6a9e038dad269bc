"""The bytes of a Bitcoin transfer, shape by shape and bit by bit. The server chooses coins and bytes."""

import secrets
from collections.abc import Callable, Iterable, Sequence

from quorate.core.chains.bitcoin.build import Utxo
from quorate.core.chains.bitcoin.networks import KINDS, P2TR, PURPOSES
from quorate.core.model.intent import Attempt
from tests.bitcoin_bends import BENDS, KIOSK, KIOSK_SCRIPT, change
from tests.bitcoin_bytes import PREVIOUS, Bend, Payer, Psbt, bent
from tests.bitcoin_kind_bends import BENDS_OF_KINDS, WITHOUT_EFFECT
from tests.hostile.bodies import BTC, body
from tests.hostile.ceremony import BTC_CAP, SECP
from tests.hostile.flow import Flow
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    Shared,
    admitted,
    from_admission,
    from_open,
    harmful,
    neutral,
)
from tests.hostile.world import Stage

COIN = 10**8
PAID = 25_000_000
Make = Callable[[Payer], Psbt]
EFFECTS, BLIND, DECODE, CONFLICT = "effects_match", "blind", "decode", "nonce_conflict"
FORMAT = "bitcoin-psbt"


def families() -> list[Family]:
    return [
        Family("Bitcoin bytes", one_coin, list(_shapes())),
        Family("Bitcoin bits", one_coin, list(_bits())),
        Family("Bitcoin coins", _sixteen_coins, list(_coins())),
        Family("Bitcoin kinds of coins", _every_kind, list(_kinds())),
        Family("Bitcoin networks", one_coin, list(_networks())),
    ]


# ---- honest ways


def _payer(stage: Stage, flow: Flow) -> Payer:
    assert flow.intent is not None
    return Payer(stage.certificates[SECP], int(flow.intent.source.vault_account or ""))


def honest_psbt(payer: Payer, seeds: Sequence[str], rate: int = 2_000) -> Psbt:
    """What the body asks for, from one coin for each seed."""
    return payer.psbt([payer.coin(COIN, seed) for seed in seeds], (KIOSK, PAID), fee_rate=rate)


def _show(flow: Flow, data: bytes) -> Flow:
    assert flow.intent is not None
    flow.attempt = Attempt(flow.intent.hash, FORMAT, data)
    return flow


def _seed() -> str:
    return secrets.token_hex(4)


async def one_coin(stage: Stage) -> Outcome:
    flow = await admitted(stage, BTC)
    return await from_open(_show(flow, honest_psbt(_payer(stage, flow), [_seed()]).encode()))


async def _sixteen_coins(stage: Stage) -> Outcome:
    flow = await admitted(stage, BTC)
    return await from_open(
        _show(flow, honest_psbt(_payer(stage, flow), [_seed() for _ in range(16)]).encode())
    )


def shown(shared: Shared, bend: Bend) -> Run:
    """The admitted request, opened with bent bytes."""

    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        return await from_open(_show(flow, bent(honest_psbt(_payer(stage, flow), ["shared"]), bend)))

    return run


def alone(bend: Bend) -> Run:
    """The same on a request of its own: for bytes that may be signed."""

    async def run(stage: Stage) -> Outcome:
        flow = await admitted(stage, BTC)
        return await from_open(_show(flow, bent(honest_psbt(_payer(stage, flow), [_seed()]), bend)))

    return run


# ---- shapes and bits


def _shapes() -> Iterable[Mutation]:
    shared = Shared(BTC)
    for name, (check, bend) in BENDS.items():
        yield harmful(name, check, shown(shared, bend))
    yield harmful("one satoshi of fee above the cap", "fee_ceiling", shown(shared, _fee(BTC_CAP + 1)))
    for name, bend in (
        ("the fee at its cap", _fee(BTC_CAP)),
        ("no fee", _fee(0)),
        ("outputs the other way round", _reversed),
        ("not replaceable", _final),
        ("version 1", _first_version),
    ):
        yield neutral(name, alone(bend))


def _fee(satoshis: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.pay(change(psbt)[0], amount=COIN - PAID - satoshis)

    return bend


def _reversed(psbt: Psbt) -> None:
    psbt.outputs.reverse()
    psbt.output_maps.reverse()


def _final(psbt: Psbt) -> None:
    psbt.inputs = [each[:-4] + b"\xff" * 4 for each in psbt.inputs]


def _first_version(psbt: Psbt) -> None:
    psbt.version = b"\x01\x00\x00\x00"


def _bits() -> Iterable[Mutation]:
    shared = Shared(BTC)
    for bit in range(160):
        yield harmful(f"recipient, bit {bit}", EFFECTS, shown(shared, _flip_payee(bit)))
    for bit in range(64):
        bend = _flip_amount(bit)
        yield harmful(f"amount, bit {bit}", (EFFECTS, BLIND, DECODE), shown(shared, bend))
    for bit in range(36 * 8):
        yield harmful(f"outpoint, bit {bit}", BLIND, shown(shared, _flip_outpoint(bit)))
    for bit in range(32):
        yield harmful(f"lock time, bit {bit}", EFFECTS, shown(shared, _flip_locktime(bit)))
    for bit in range(0, 600, 7):
        expected = (BLIND, DECODE)
        yield harmful(f"previous transaction, bit {bit}", expected, shown(shared, _flip_previous(bit)))


def _flip_payee(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        place = psbt.place(KIOSK_SCRIPT)
        value = int.from_bytes(KIOSK_SCRIPT[2:], "big") ^ (1 << bit)
        psbt.pay(place, script=KIOSK_SCRIPT[:2] + value.to_bytes(20, "big"))

    return bend


def _flip_amount(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.pay(psbt.place(KIOSK_SCRIPT), amount=PAID ^ (1 << bit))

    return bend


def _flip_outpoint(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        value = int.from_bytes(psbt.inputs[0][:36], "big") ^ (1 << bit)
        psbt.inputs[0] = value.to_bytes(36, "big") + psbt.inputs[0][36:]

    return bend


def _flip_locktime(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        psbt.locktime = (1 << bit).to_bytes(4, "little")

    return bend


def _flip_previous(bit: int) -> Bend:
    def bend(psbt: Psbt) -> None:
        previous = psbt.input_maps[0][PREVIOUS]
        value = int.from_bytes(previous, "big") ^ (1 << bit)
        psbt.input_maps[0][PREVIOUS] = value.to_bytes(len(previous), "big")

    return bend


# ---- coins


def _coins() -> Iterable[Mutation]:
    shared = Shared(BTC)
    yield harmful("seventeen", DECODE, made_by(shared, lambda p: honest_psbt(p, [str(n) for n in range(17)])))
    yield harmful("of another account", BLIND, made_by(shared, _of_another_account))
    yield harmful("one of them of another account", BLIND, made_by(shared, _mixed))
    for index, branch in ((1_000, 1), (1 << 30, 1), (0, 2), (0, 0), (7, 0)):
        bend = _change_to(index, branch)
        yield harmful(f"change to {branch}/{index}", EFFECTS, made_by(shared, bend))
    yield harmful("change to another account", EFFECTS, made_by(shared, _change_elsewhere))
    for index in (1, 999):
        yield neutral(f"change to 1/{index}", made_by(None, _change_to(index, 1)))
    yield harmful("signed for already", CONFLICT, _spent_twice([]))
    yield harmful("one of them signed for already", CONFLICT, _spent_twice(["more"]))


def made_by(shared: Shared | None, make: Make) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await (shared.flow(stage) if shared else admitted(stage, BTC))
        return await from_open(_show(flow, make(_payer(stage, flow)).encode()))

    return run


def _of_another_account(payer: Payer) -> Psbt:
    other = Payer(payer.certificate, payer.account + 100_000)
    return other.psbt([other.coin(COIN)], (KIOSK, PAID), change=payer.holding(change=1))


def _mixed(payer: Payer) -> Psbt:
    other = Payer(payer.certificate, payer.account + 100_000)
    return payer.psbt([payer.coin(COIN), other.coin(COIN)], (KIOSK, PAID))


def _change_to(index: int, branch: int) -> Make:
    return lambda payer: payer.psbt(
        [payer.coin(COIN, _seed())], (KIOSK, PAID), change=payer.holding(index, branch)
    )


def _change_elsewhere(payer: Payer) -> Psbt:
    other = Payer(payer.certificate, payer.account + 100_000)
    return payer.psbt([payer.coin(COIN)], (KIOSK, PAID), change=other.holding(change=1))


def _spent_twice(more: list[str]) -> Run:
    """Two genuine requests of one account; the coin of the first again for the second."""

    async def run(stage: Stage) -> Outcome:
        first = await admitted(stage, BTC)
        seed, payer = _seed(), _payer(stage, first)
        outcome = await from_open(_show(first, honest_psbt(payer, [seed]).encode()))
        if not outcome.signed:
            return Outcome(note=f"the first: {outcome}")
        again = Flow(stage, stage.request(body(BTC, payer.account)), list(first.members))
        await again.admit()
        return await from_open(_show(again, honest_psbt(payer, [seed, *more], rate=3_000).encode()))

    return run


# ---- kinds of coins


def _kinds() -> Iterable[Mutation]:
    shared = Shared(BTC)
    for name, (kind, check, bend) in BENDS_OF_KINDS.items():
        yield harmful(name, check, made_by(shared, _bent_kind(kind, bend)))
    for kind in KINDS:
        yield neutral(f"{kind} alone", made_by(None, _of_kind(kind)))
        yield neutral(f"{kind} at a change address", made_by(None, _of_kind(kind, change=1)))
        yield harmful(f"{kind} of another account", BLIND, made_by(shared, _kind_of_another(kind)))
        yield neutral(f"change to {kind}", made_by(None, _change_to_kind(kind)))
    for name, bend in WITHOUT_EFFECT.items():
        yield neutral(name, made_by(None, _bent_kind(P2TR, bend)))
    yield harmful("an amount unproven beside taproot", BLIND, made_by(shared, _unproven_beside))


async def _every_kind(stage: Stage) -> Outcome:
    flow = await admitted(stage, BTC)
    payer, seed = _payer(stage, flow), _seed()
    coins = [_coin_of(payer, kind, seed, branch) for kind in KINDS for branch in (0, 1)]
    return await from_open(_show(flow, payer.psbt(coins, (KIOSK, PAID)).encode()))


def _coin_of(payer: Payer, kind: str, seed: str = "", change: int = 0) -> Utxo:
    return payer.coin(COIN, seed, payer.holding(0, change, PURPOSES[kind]))


def _of_kind(kind: str, change: int = 0) -> Make:
    return lambda payer: payer.psbt([_coin_of(payer, kind, _seed(), change)], (KIOSK, PAID))


def _bent_kind(kind: str, bend: Bend) -> Make:
    def make(payer: Payer) -> Psbt:
        psbt = payer.psbt([_coin_of(payer, kind, _seed())], (KIOSK, PAID))
        bend(psbt)
        return psbt

    return make


def _kind_of_another(kind: str) -> Make:
    def make(payer: Payer) -> Psbt:
        other = Payer(payer.certificate, payer.account + 100_000)
        return payer.psbt([payer.coin(COIN), _coin_of(other, kind)], (KIOSK, PAID))

    return make


def _change_to_kind(kind: str) -> Make:
    return lambda payer: payer.psbt(
        [payer.coin(COIN, _seed())], (KIOSK, PAID), change=payer.holding(0, 1, PURPOSES[kind])
    )


def _unproven_beside(payer: Payer) -> Psbt:
    psbt = payer.psbt([payer.coin(COIN), _coin_of(payer, P2TR)], (KIOSK, PAID))
    for given in psbt.input_maps:
        given.pop(PREVIOUS, None)
    return psbt


# ---- networks


def _networks() -> Iterable[Mutation]:
    for name, address in (
        ("mainnet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("the test networks", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        ("Ethereum", "0xd02B54ae5d4eF62128BA8cE5FeD563C86EB30eBD"),
    ):
        yield harmful(f"an address of {name}", "intent", _to(address))
    shared = Shared(BTC)
    for format in ("evm-tx", "raw", "bitcoin-psbt ", ""):
        yield harmful(f"as {format!r}", "attempt_form", _as(shared, format))


def _to(address: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        to = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}
        return await from_admission(
            stage, stage.request(body(BTC, stage.account(), destination=to), covered=False)
        )

    return run


def _as(shared: Shared, format: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        flow = await shared.flow(stage)
        assert flow.intent is not None
        data = honest_psbt(_payer(stage, flow), ["shared"]).encode()
        flow.attempt = Attempt(flow.intent.hash, format, data)
        return await from_open(flow)

    return run
