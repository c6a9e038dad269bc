"""Payments -> unsigned PSBT that makes them and returns the rest to a change path. Run by the server.

Signers read the result with their own decoder, which shares no code with this.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.bitcoin import address
from quorate.core.chains.bitcoin.holding import Holding
from quorate.core.chains.bitcoin.networks import MAX_MONEY
from quorate.core.chains.bitcoin.psbt_writer import Paid, Spent, size, write
from quorate.core.chains.bitcoin.select import Coin, select
from quorate.core.errors import QuorateError
from quorate.core.model import members

UNIT: Final = 4_000
"""A fee rate is satoshis for 1,000 virtual bytes: for 4,000 weight units. Sums are in 1/4000 of a satoshi."""
_DUST_RATE: Final = 3
"""Satoshis for a byte: what nodes count when they call an output dust."""
_MAX_PSBT: Final = 1 << 20
_MAX_INPUTS: Final = 252
"""As many as one byte counts."""
_SCRIPTS: Final = ((25, 0x76), (23, 0xA9), (22, 0x00), (34, 0x00), (34, 0x51))
"""Length and first byte of what is paid to: later witness versions are anyone's to spend."""


@dataclass(frozen=True, slots=True)
class Utxo:
    """A coin of ours. `txid` in display order, `amount` in satoshis.

    `previous` is the whole transaction that made it, as the network serialises it; signers ask for it, also
    for a p2tr coin (`reading`). None while coins are only chosen from.
    """

    txid: str
    vout: int
    amount: int
    holding: Holding
    previous: bytes | None

    @property
    def name(self) -> str:
        return f"{self.txid}:{self.vout}"


@dataclass(frozen=True, slots=True)
class Payment:
    """`amount` in satoshis."""

    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Built:
    """`fee` in satoshis; `change` is None where there is none; `inputs` are txid:vout."""

    psbt: bytes
    fee: int
    change: int | None
    inputs: tuple[str, ...]


def build(
    utxos: Sequence[Utxo],
    payments: Sequence[Payment],
    change: Holding,
    *,
    network: str,
    fee_rate: int,
    fee_ceiling: int,
    max_inputs: int,
    required: Collection[str] = (),
    locktime: int = 0,
) -> Built:
    """Coins are chosen as `select` says, inputs and outputs stand in the order of BIP69, and every input
    signals that it can be replaced.

    `fee_rate`: satoshis for 1,000 virtual bytes. `fee_ceiling`: satoshis. `max_inputs`: as many as a session
    makes signatures. `required`: coins (txid:vout) to spend in any case, as a replacement must.

    Raises QuorateError: unbuildable (nothing to pay, an output that anyone could spend, a coin or a number
    out of range), address, dust (an output that nodes do not relay), previous_transaction (missing),
    insufficient_funds, fee_ceiling, too_large.
    """
    _check(utxos, fee_rate, max_inputs, required)
    _check_previous(utxos)
    paid = _payments(payments, network)
    plan = _plan(utxos, paid, change, fee_rate, max_inputs, required)
    if plan.change is not None:
        paid.append(Paid(plan.change, change.script, change))
    return _finish([utxo for utxo in utxos if utxo.name in plan.names], paid, fee_ceiling, locktime)


def choose(
    utxos: Sequence[Utxo],
    payments: Sequence[Payment],
    change: Holding,
    *,
    network: str,
    fee_rate: int,
    max_inputs: int,
) -> frozenset[str]:
    """The coins (txid:vout) that `build` would spend, without their previous transactions: so only those have
    to be fetched. Raises as `build`.
    """
    _check(utxos, fee_rate, max_inputs, ())
    return _plan(utxos, _payments(payments, network), change, fee_rate, max_inputs, ()).names


def rebuild(
    utxos: Sequence[Utxo],
    payments: Sequence[Payment],
    change: Holding,
    *,
    network: str,
    fee_rate: int,
    earlier_fee: int,
    fee_ceiling: int,
) -> Built:
    """The same coins and payments for a higher fee, out of the change; without payments all returns.

    The fee is what the rate asks, within the ceiling, and at least what nodes ask of a replacement (BIP125,
    rules 3 and 4): the earlier one, and a satoshi for each virtual byte.

    Raises QuorateError: fee_ceiling, not_replaceable (the coins leave too little), and as `build`.
    """
    _check(utxos, fee_rate, len(utxos), ())
    _check_previous(utxos)
    paid = _payments(payments, network) if payments else []
    left = sum(utxo.amount for utxo in utxos) - sum(output.amount for output in paid)
    weight = sum(utxo.holding.input_weight for utxo in utxos) + _frame(paid) + 4 * _txout_size(change.script)
    least = earlier_fee + -(-weight // 4)
    fee = max(least, min(-(-weight * fee_rate // UNIT), fee_ceiling))
    if left - fee >= dust(change.script):
        return _finish(utxos, [*paid, Paid(left - fee, change.script, change)], fee_ceiling, 0)
    if not paid or left < least:
        raise QuorateError(
            "not_replaceable",
            f"a fee of {fee} or more leaves nothing of the coins' {left} satoshis",
            "caller",
        )
    return _finish(utxos, paid, fee_ceiling, 0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """`change` in satoshis; None where it would cost more than it is worth."""

    names: frozenset[str]
    change: int | None


def _plan(
    utxos: Sequence[Utxo],
    paid: Sequence[Paid],
    change: Holding,
    fee_rate: int,
    max_inputs: int,
    required: Collection[str],
) -> _Plan:
    forced = [utxo for utxo in utxos if utxo.name in required]
    target = _target(paid, fee_rate) - sum(_value(utxo, fee_rate) for utxo in forced)
    output_cost = 4 * _txout_size(change.script) * fee_rate
    spare = output_cost + change.input_weight * fee_rate
    choice = select(
        [Coin(utxo.name, _value(utxo, fee_rate)) for utxo in utxos if utxo.name not in required],
        target,
        spare=spare,
        change=output_cost + dust(change.script) * UNIT,
        most=max_inputs - len(forced),
    )
    if choice is None:
        raise _insufficient(utxos, max_inputs)
    rest = (choice.excess - output_cost) // UNIT
    worth = choice.excess > spare and rest >= dust(change.script)
    return _Plan(choice.names.union(utxo.name for utxo in forced), rest if worth else None)


def dust(script: bytes) -> int:
    """Satoshis below which nodes do not relay an output: what it costs to make and to spend, at 3 a byte."""
    spending = 67 if script[0] in (0x00, 0x51) else 148
    return (_txout_size(script) + spending) * _DUST_RATE


def _finish(utxos: Sequence[Utxo], paid: Sequence[Paid], fee_ceiling: int, locktime: int) -> Built:
    fee = sum(utxo.amount for utxo in utxos) - sum(output.amount for output in paid)
    if fee > fee_ceiling:
        raise QuorateError("fee_ceiling", f"a fee of {fee} exceeds the ceiling of {fee_ceiling}", "state")
    inputs = sorted(utxos, key=lambda utxo: (utxo.txid, utxo.vout))
    outputs = sorted(paid, key=lambda output: (output.amount, output.script))
    spent = [Spent(utxo.txid, utxo.vout, utxo.amount, utxo.holding, utxo.previous or b"") for utxo in inputs]
    psbt = write(spent, outputs, locktime)
    if len(psbt) > _MAX_PSBT:
        raise QuorateError(
            "too_large", f"the PSBT would have {len(psbt)} bytes", "state", "spend other coins"
        )
    change = next((output.amount for output in outputs if output.holding), None)
    return Built(psbt, fee, change, tuple(utxo.name for utxo in inputs))


def _payments(payments: Sequence[Payment], network: str) -> list[Paid]:
    if not payments:
        raise _unbuildable("there is nothing to pay")
    return [_paid(payment, network) for payment in payments]


def _paid(payment: Payment, network: str) -> Paid:
    script = address.to_script(payment.to, network)
    if (len(script), script[0]) not in _SCRIPTS:
        raise _unbuildable(f"{payment.to} is of a witness version without rules: anyone could spend it")
    if not dust(script) <= payment.amount <= MAX_MONEY:
        raise QuorateError("dust", f"{payment.amount} to {payment.to} is less than {dust(script)} or absurd")
    return Paid(payment.amount, script)


def _target(paid: Sequence[Paid], fee_rate: int) -> int:
    """Payments, and the fee of all that is neither an input nor change."""
    return sum(p.amount for p in paid) * UNIT + _frame(paid) * fee_rate


def _frame(paid: Sequence[Paid]) -> int:
    """The weight of version, counts, outputs, lock time and segwit marker."""
    return 4 * (8 + 1 + len(size(len(paid) + 1)) + sum(_txout_size(p.script) for p in paid)) + 2


def _value(utxo: Utxo, fee_rate: int) -> int:
    return utxo.amount * UNIT - utxo.holding.input_weight * fee_rate


def _txout_size(script: bytes) -> int:
    return 8 + len(size(len(script))) + len(script)


def _check(utxos: Sequence[Utxo], fee_rate: int, max_inputs: int, required: Collection[str]) -> None:
    names = {utxo.name for utxo in utxos}
    if len(names) != len(utxos) or not names.issuperset(required):
        raise _unbuildable("a coin is listed twice, or a required coin is not listed")
    if fee_rate < 1 or not max(1, len(required)) <= max_inputs <= _MAX_INPUTS:
        raise _unbuildable(f"a fee rate of {fee_rate} or at most {max_inputs} inputs cannot be built")
    for utxo in utxos:
        if not members.is_hex(utxo.txid, 32) or not 0 <= utxo.vout < 1 << 32 or utxo.amount < 1:
            raise _unbuildable(f"{utxo.name[:80]} is no coin")


def _check_previous(utxos: Sequence[Utxo]) -> None:
    for utxo in utxos:
        if utxo.previous is None:
            raise QuorateError(
                "previous_transaction", f"without it signers cannot know the amount of {utxo.name}", "state"
            )


def _insufficient(utxos: Sequence[Utxo], max_inputs: int) -> QuorateError:
    total = sum(utxo.amount for utxo in utxos)
    return QuorateError(
        "insufficient_funds", f"{len(utxos)} coins of {total} satoshis, {max_inputs} of them at most", "state"
    )


def _unbuildable(message: str) -> QuorateError:
    return QuorateError("unbuildable", message, "bug")
