"""What the builder builds decodes to what was asked; what it must not build; how coins are chosen."""

import ast
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.bitcoin import address, select
from quorate.core.chains.bitcoin.build import Built, Payment, Utxo, build, choose, dust
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.psbt import MAX_PSBT
from quorate.core.chains.bitcoin.select import Choice, Coin
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import NETWORK, coin, holding, secret, transaction, wallet

KINDS = ("p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2wsh", "p2tr")
CHANGE = holding("p2wpkh", 0, change=1)
PAYEES = {
    kind: address.from_public_key(kind, secret((84, 1, 50)).public_key.format(), NETWORK)
    for kind in ("p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2tr")
} | {"p2wsh": address.from_script(holding("p2wsh", 50).script, NETWORK) or ""}


def make(utxos: list[Utxo], payments: list[Payment], **changes: Any) -> Built:
    options: dict[str, Any] = {"network": NETWORK, "fee_rate": 2_000, "fee_ceiling": 50_000, "max_inputs": 16}
    return build(utxos, payments, changes.pop("change", CHANGE), **{**options, **changes})


COINS = [
    coin(kind, amount, n)
    for n, (kind, amount) in enumerate(itertools.product(KINDS, (20_000, 70_000, 300_000)))
]
payment_lists = st.lists(
    st.builds(Payment, st.sampled_from(list(PAYEES.values())), st.integers(600, 200_000)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150)
@given(
    payment_lists,
    st.sampled_from(KINDS),
    st.integers(250, 40_000),
    st.lists(st.sampled_from(COINS), max_size=3),
)
def test_what_is_built_is_what_was_asked(
    payments: list[Payment], kind: str, fee_rate: int, forced: list[Utxo]
) -> None:
    """The payments, change to the own path or none, a fee of the rate that was asked, coins as required."""
    back = holding(kind, 3, change=1)
    required = {utxo.name for utxo in forced}
    made = make(COINS, payments, change=back, fee_rate=fee_rate, fee_ceiling=500_000, required=required)
    assert (
        make(COINS, payments, change=back, fee_rate=fee_rate, fee_ceiling=500_000, required=required) == made
    )
    assert required <= set(made.inputs)
    if not required:
        bare = [replace(utxo, previous=None) for utxo in COINS]
        options: dict[str, Any] = {"network": NETWORK, "fee_rate": fee_rate, "max_inputs": 16}
        chosen = choose(bare, payments, back, **options)
        few = [utxo for utxo in COINS if utxo.name in chosen]
        assert (
            make(few, payments, change=back, fee_rate=fee_rate, fee_ceiling=500_000, required=chosen) == made
        )

    effects = decode_psbt(made.psbt, wallet(), NETWORK).effects
    paid = [(str(e["to"]), str(e["amount"])) for e in effects if e["type"] == "native_transfer"]
    assert sorted(paid) == sorted((p.to, str(p.amount)) for p in payments)
    change = [e["amount"] for e in effects if e["type"] == "change"]
    assert change == ([] if made.change is None else [str(made.change)])
    assert {e["type"] for e in effects} <= {"native_transfer", "change", "fee", "rbf"}

    request = to_sign(made.psbt, wallet(), NETWORK)
    amounts = {utxo.name: utxo.amount for utxo in COINS}
    spent = sum(amounts[name] for name in made.inputs)
    assert request.fee == made.fee == spent - sum(p.amount for p in payments) - (made.change or 0)
    needed = request.weight * fee_rate // 4_000
    # too much by the cost of a change that was not worth it, or by a few weight units that were not needed
    slack = fee_rate * (4 * (9 + 34) + max(back.input_weight, 4)) // 4_000 + dust(back.script)
    assert needed <= made.fee <= needed + slack
    if made.change is not None:
        assert (
            made.fee <= needed + fee_rate * (len(made.inputs) + 10) // 4_000 + 2
        )  # both fractions, and that of the change


def test_order_and_replaceability() -> None:
    """BIP69: inputs by id and index, outputs by amount and script; every sequence signals BIP125."""
    payments = [
        Payment(PAYEES["p2wpkh"], 9_000),
        Payment(PAYEES["p2tr"], 5_000),
        Payment(PAYEES["p2pkh"], 5_000),
    ]
    made = make(COINS, payments, required=[utxo.name for utxo in COINS[:4]], locktime=800_000)
    assert list(made.inputs) == sorted(made.inputs)
    effects = decode_psbt(made.psbt, None, NETWORK).effects
    outputs = [(int(str(e["amount"])), address.to_script(str(e["to"]), NETWORK)) for e in effects[:4]]
    assert outputs == sorted(outputs)
    assert {"type": "rbf", "signalled": True} in effects
    assert {"type": "locktime", "value": "800000"} in effects


def test_a_replacement_spends_the_same_coin() -> None:
    payments = [Payment(PAYEES["p2wpkh"], 150_000)]
    first = make(COINS, payments)
    second = make(COINS, payments, fee_rate=20_000, required=first.inputs)
    assert set(first.inputs) <= set(second.inputs)
    assert second.fee > first.fee


@pytest.mark.parametrize("kind", KINDS)
def test_coins_of_every_kind_need_their_previous_transaction(kind: str) -> None:
    bare = replace(coin(kind, 100_000), previous=None)
    with pytest.raises(QuorateError) as error:
        make([bare], [Payment(PAYEES["p2wpkh"], 50_000)])
    assert error.value.code == "previous_transaction"


GOOD = Payment(PAYEES["p2wpkh"], 50_000)
SEGWIT = coin("p2wpkh", 100_000)


def with_utxo(**changes: Any) -> list[Utxo]:
    fields = {name: getattr(SEGWIT, name) for name in ("txid", "vout", "amount", "holding", "previous")}
    return [Utxo(**{**fields, **changes})]


@pytest.mark.parametrize(
    ("utxos", "payments", "changes", "code"),
    [
        ([SEGWIT], [], {}, "unbuildable"),
        ([SEGWIT, SEGWIT], [GOOD], {}, "unbuildable"),
        ([SEGWIT], [GOOD], {"required": ["no such coin"]}, "unbuildable"),
        ([SEGWIT], [GOOD], {"fee_rate": 0}, "unbuildable"),
        ([SEGWIT], [GOOD], {"max_inputs": 0}, "unbuildable"),
        ([SEGWIT], [GOOD], {"max_inputs": 253}, "unbuildable"),
        (COINS, [GOOD], {"max_inputs": 1, "required": [u.name for u in COINS[:2]]}, "unbuildable"),
        (with_utxo(txid="00"), [GOOD], {}, "unbuildable"),
        (with_utxo(txid="A" * 64), [GOOD], {}, "unbuildable"),
        (with_utxo(vout=-1), [GOOD], {}, "unbuildable"),
        (with_utxo(vout=1 << 32), [GOOD], {}, "unbuildable"),
        (with_utxo(amount=0), [GOOD], {}, "unbuildable"),
        (with_utxo(previous=None), [GOOD], {}, "previous_transaction"),
        (with_utxo(previous=bytes(1 << 20)), [GOOD], {}, "too_large"),
        ([], [GOOD], {}, "insufficient_funds"),
        ([SEGWIT], [Payment(GOOD.to, 100_000)], {}, "insufficient_funds"),
        ([SEGWIT], [Payment(GOOD.to, 99_800)], {}, "insufficient_funds"),
        (COINS, [Payment(GOOD.to, 1_400_000)], {"max_inputs": 4}, "insufficient_funds"),
        ([SEGWIT], [GOOD], {"fee_rate": 200_000, "fee_ceiling": 20_000}, "fee_ceiling"),
        ([SEGWIT], [GOOD], {"fee_ceiling": 100}, "fee_ceiling"),
        ([SEGWIT], [Payment(GOOD.to, 293)], {}, "dust"),
        ([SEGWIT], [Payment(GOOD.to, 0)], {}, "dust"),
        ([SEGWIT], [Payment(GOOD.to, -1)], {}, "dust"),
        ([SEGWIT], [Payment(PAYEES["p2pkh"], 545)], {}, "dust"),
        ([SEGWIT], [Payment(GOOD.to, 21_000_000 * 100_000_000 + 1)], {}, "dust"),
        ([SEGWIT], [Payment("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", 50_000)], {}, "address"),
        ([SEGWIT], [Payment("bcrt1pfeesnyr2tx", 50_000)], {}, "unbuildable"),  # anyone can spend it
    ],
)
def test_what_cannot_be_built(
    utxos: list[Utxo], payments: list[Payment], changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(QuorateError) as error:
        make(utxos, payments, **changes)
    assert error.value.code == code


def test_dust_is_what_nodes_say() -> None:
    """Bitcoin Core's GetDustThreshold at 3,000 satoshis for 1,000 bytes."""
    wanted = {"p2pkh": 546, "p2sh-p2wpkh": 540, "p2wpkh": 294, "p2wsh": 330, "p2tr": 330}
    assert {kind: dust(holding(kind, 0).script) for kind in KINDS} == wanted


def test_the_largest_psbt_that_is_built_is_read() -> None:
    """Both sides have the same limit, each its own constant."""
    previous = transaction([(1, b"\x6a"), (100_000, SEGWIT.holding.script)])
    longest = MAX_PSBT - len(make(with_utxo(previous=b""), [GOOD]).psbt) - 4
    made = make(with_utxo(previous=previous.ljust(longest, b"\x00")), [GOOD])
    assert len(made.psbt) == MAX_PSBT
    with pytest.raises(QuorateError) as error:
        decode_psbt(made.psbt, None, NETWORK)
    assert error.value.code == "trailing_bytes"  # read as far as the padding of the previous transaction
    with pytest.raises(QuorateError) as error:
        make(with_utxo(previous=previous.ljust(longest + 1, b"\x00")), [GOOD])
    assert error.value.code == "too_large"


def test_no_coins_no_choice() -> None:
    assert select.select([], 1, spare=0, change=0, most=16) is None
    assert select.select([], 0, spare=0, change=0, most=16) == Choice(frozenset(), 0)
    assert select.select([Coin("a", 5)], 1, spare=0, change=0, most=0) is None


values = st.lists(st.integers(-3, 60), max_size=9)


@given(values, st.integers(1, 200), st.integers(0, 10), st.integers(0, 20), st.integers(1, 9))
def test_choices_are_right(found: list[int], target: int, spare: int, change: int, most: int) -> None:
    """Against all subsets: a change-free choice is found where there is one, and it is the tightest."""
    coins = [Coin(str(number), value) for number, value in enumerate(found)]
    choice = select.select(coins, target, spare=spare, change=change, most=most)
    useful = [value for value in found if value > 0]
    sums = [
        sum(some)
        for count in range(min(most, len(useful)) + 1)
        for some in itertools.combinations(useful, count)
    ]
    if choice is None:
        assert max(sums) < target
        return
    total = sum(found[int(name)] for name in choice.names)
    assert (choice.excess, len(choice.names) <= most) == (total - target, True)
    assert choice.excess >= 0
    assert all(found[int(name)] > 0 for name in choice.names)
    tight = [each for each in sums if target <= each <= target + spare]
    if tight:
        assert total == min(tight)
    else:
        largest = sorted(useful, reverse=True)[:most]
        assert total == next((s for s in itertools.accumulate(largest) if s >= target + change), sum(largest))


def test_the_search_is_bounded() -> None:
    """Coins without an exact sum: 2^60 subsets, and the largest ones are taken."""
    coins = [Coin(str(number), 1_000_000 + 2 * number) for number in range(60)]
    choice = select.select(coins, 15_000_001, spare=0, change=1, most=60)
    assert choice is not None
    assert len(choice.names) == 15


def test_the_builder_shares_no_code_with_the_decoder() -> None:
    """One mistake cannot sit on both sides: addresses, hashes and network constants are all they share."""
    package = "quorate.core.chains.bitcoin"
    folder = Path(select.__file__).parent
    builder = {"build", "holding", "psbt_writer", "select"}
    shared = {"address", "hashes", "networks"}
    imported = set()
    for name in builder:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == package:
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
                imported.add((node.module or "").rpartition(".")[2])
    assert imported <= builder | shared
    assert shared <= imported
