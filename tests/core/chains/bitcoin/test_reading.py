"""A PSBT as a signer judges a transfer: what is built reads as asked, and each rule by what breaks it."""

import itertools
from collections.abc import Callable
from typing import Any

import pbk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains import readers
from quorate.core.chains.bitcoin import account, address
from quorate.core.chains.bitcoin.build import Built, Payment, Utxo, build
from quorate.core.chains.bitcoin.holding import Holding, below_root
from quorate.core.chains.bitcoin.networks import KINDS, PURPOSES
from quorate.core.chains.bitcoin.own import own_holdings
from quorate.core.chains.reading import Reading, Taken, View
from quorate.core.chains.to_sign import BITCOIN_PSBT, TO_SIGN, Payer
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain, parse
from quorate.core.model.intent import Attempt, Effect, Intent, items, sort_effects
from quorate.core.model.records import KeyCertificate
from quorate.core.model.vote import MAX_ITEMS
from tests.core import examples
from tests.core.chains.bitcoin.support import (
    ACCOUNT,
    CODES,
    NETWORK,
    ROOTS,
    coin,
    holding,
    join,
    path,
    secret,
    split,
    transaction,
)

CHAIN = Chain(f"bitcoin:{NETWORK}", "bitcoin", 0, "root", 1, "BTC", 10**6, 0)
ROOT = (ROOTS[0].public_key.format(), CODES[0])
CERTIFICATE = KeyCertificate(
    "00" * 16, bytes(32), bytes(32), "root", "secp256k1", "dkls23-core-0.6.2", 1, 2, ("a", "b", "c"), *ROOT
)
VIEW = View(CHAIN, CERTIFICATE, str(ACCOUNT), "")
PAYER = Payer(CHAIN.id, path("p2wpkh", 0), *ROOT)
CHANGE = holding("p2wpkh", 0, change=1)
SHOP, MALLORY = (
    address.from_public_key("p2wpkh", secret((84, 1, n)).public_key.format(), NETWORK) for n in (50, 51)
)
OWN = address.from_script(holding("p2wpkh", 0).script, NETWORK) or ""
PAYEES = [
    SHOP,
    OWN,
    *(
        address.from_public_key(kind, secret((84, 1, 50)).public_key.format(), NETWORK)
        for kind in ("p2pkh", "p2sh-p2wpkh", "p2tr")
    ),
]
COINS = [
    coin(kind, amount, n)
    for n, (kind, amount) in enumerate(
        [
            ("p2wpkh", 20_000), ("p2tr", 70_000), ("p2wpkh", 300_000), ("p2pkh", 300_000),
            ("p2sh-p2wpkh", 400_000), ("p2tr", 900_000),
        ]
    )
]  # fmt: skip
CHANGE_COIN = coin("p2wpkh", 100_000, 9)


def make(utxos: list[Utxo] = COINS, payments: list[Payment] | None = None, **changes: Any) -> Built:
    options: dict[str, Any] = {
        "network": NETWORK, "fee_rate": 2_000, "fee_ceiling": 500_000, "max_inputs": account.MAX_INPUTS,
    }  # fmt: skip
    return build(
        utxos, payments or [Payment(SHOP, 150_000)], changes.pop("change", CHANGE), **{**options, **changes}
    )


def read(data: bytes, view: View = VIEW) -> Reading:
    return readers.read(BITCOIN_PSBT, data, view)


@settings(max_examples=150)
@given(
    st.lists(st.builds(Payment, st.sampled_from(PAYEES), st.integers(600, 200_000)), min_size=1, max_size=5),
    st.integers(1_000, 40_000),
    st.lists(st.sampled_from(COINS), max_size=3),
)
def test_what_is_built_reads_as_exactly_what_was_asked(
    payments: list[Payment], fee_rate: int, forced: list[Utxo]
) -> None:
    made = make(payments=payments, fee_rate=fee_rate, required={utxo.name for utxo in forced})
    reading = read(made.psbt)
    asked = tuple(Effect("native_transfer", payment.to, payment.amount) for payment in payments)
    assert sort_effects(reading.effects) == sort_effects(asked)
    assert (reading.others, reading.blind, reading.chain, reading.fee) == ((), "", CHAIN.id, made.fee)
    assert [f"{taken.holder}:{taken.number}" for taken in reading.takes] == list(made.inputs)
    signed = TO_SIGN[BITCOIN_PSBT](made.psbt, PAYER)
    coins = {utxo.name: utxo.holding.keys[0].path for utxo in COINS}
    assert [item.path for item in signed] == [coins[name] for name in made.inputs]
    assert all(item.scheme == (2 if item.path[0] == 86 else 0) for item in signed)


def test_each_own_script_of_an_account_is_known() -> None:
    """What the builder says is the account's is what the reader takes for it, and no other account's."""
    own = own_holdings(*ROOT, NETWORK, ACCOUNT)
    assert len({each.script for each in own}) == 2 * len(KINDS) == 8
    for each in own:
        previous = transaction([(100_000, each.script)], each.script, False)
        utxo = Utxo(str(pbk.Transaction(previous).txid), 0, 100_000, each, previous)
        made = make([utxo], [Payment(SHOP, 50_000)])
        assert read(made.psbt).blind == ""
        (item,) = TO_SIGN[BITCOIN_PSBT](made.psbt, PAYER)
        assert item.path == each.keys[0].path == (PURPOSES[each.kind], 1, ACCOUNT, each.keys[0].path[3], 0)
        assert read(made.psbt, View(CHAIN, CERTIFICATE, str(ACCOUNT + 1), "")).blind == "input_not_ours"


@pytest.mark.parametrize("kind", KINDS)
def test_change_of_every_kind_returns(kind: str) -> None:
    made = make(change=holding(kind, 0, change=1))
    reading = read(made.psbt)
    assert (reading.effects, reading.others) == ((Effect("native_transfer", SHOP, 150_000),), ())
    assert made.change is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_payment_to_an_own_address_of_every_kind_is_a_payment(kind: str) -> None:
    own = address.from_script(holding(kind, 0).script, NETWORK) or ""
    assert read(make(payments=[Payment(own, 150_000)]).psbt).effects == (
        Effect("native_transfer", own, 150_000),
    )


def test_a_transaction_has_no_more_inputs_than_a_session_signs() -> None:
    assert account.MAX_INPUTS == MAX_ITEMS
    many = [coin("p2wpkh", 10_000, n) for n in range(17)]
    names = [utxo.name for utxo in many]
    made = make(many[:16], [Payment(SHOP, 100_000)], required=names[:16])
    assert len(read(made.psbt).takes) == len(TO_SIGN[BITCOIN_PSBT](made.psbt, PAYER)) == 16
    more = make(many, [Payment(SHOP, 100_000)], required=names, max_inputs=17)
    with pytest.raises(QuorateError) as error:
        read(more.psbt)
    assert error.value.code == "too_large"


# ---- what the bytes do beside the request


def own_output(made: Built, at: Holding | None) -> bytes:
    """The change output, claimed and paid as the key of another path, or of nobody."""
    maps = split(made.psbt)
    before = b"\x16" + CHANGE.script
    script = at.script if at else address.to_script(MALLORY, NETWORK)
    maps[0][b"\x00"] = maps[0][b"\x00"].replace(before, bytes([len(script)]) + script)
    place = next(n for n, each in enumerate(maps) if b"\x02" + CHANGE.keys[0].public_key in each)
    maps[place] = {}
    if at:
        key = at.keys[0]
        origin = key.fingerprint + b"".join(index.to_bytes(4, "little") for index in key.path)
        maps[place] = {b"\x02" + key.public_key: origin}
    return join(maps)


def test_change_is_recognised_by_derivation_alone() -> None:
    made = make()
    claimed = split(made.psbt)
    unclaimed = join([{k: v for k, v in each.items() if k[:1] != b"\x02"} for each in claimed])
    assert len(read(made.psbt).effects) == 1
    assert len(read(unclaimed).effects) == 2, "an output that nobody claims goes to others"
    for at in (None, holding("p2wpkh", 0), below_root(*ROOT, (84, 1, ACCOUNT + 1, 1, 0))):
        paid = read(own_output(made, at)).effects
        assert len(paid) == 2, "neither a stranger, nor a receiving address, nor another account is change"
    assert made.change in {effect.amount for effect in read(own_output(made, None)).effects}


@pytest.mark.parametrize(("index", "branch"), [(1_000, 1), (2**31 - 1, 1), (0, 2), (0, 44)])
def test_change_out_of_sight(index: int, branch: int) -> None:
    reading = read(own_output(make(), holding("p2wpkh", index, change=branch)))
    assert reading.others == ("change at an unusual path",)


def test_change_at_any_usual_index() -> None:
    for index in (0, 1, 999):
        reading = read(own_output(make(), holding("p2wpkh", index, change=1)))
        assert (len(reading.effects), reading.others) == (1, ())


def test_change_of_another_account_is_a_payment() -> None:
    other = View(CHAIN, CERTIFICATE, str(ACCOUNT + 1), "")
    reading = read(make().psbt, other)
    assert len(reading.effects) == 2
    assert reading.blind == "input_not_ours"


def test_a_second_change_output() -> None:
    maps = split(make().psbt)
    second = holding("p2wpkh", 1, change=1)
    key = second.keys[0]
    body = maps[0][b"\x00"]
    count = 4 + 1 + 41 * body[4]
    output = (1_000).to_bytes(8, "little") + b"\x16" + second.script
    maps[0][b"\x00"] = body[:count] + bytes([body[count] + 1]) + body[count + 1 : -4] + output + body[-4:]
    origin = key.fingerprint + b"".join(index.to_bytes(4, "little") for index in key.path)
    reading = read(join([*maps, {b"\x02" + key.public_key: origin}]))
    assert (len(reading.effects), reading.others) == (1, ("a second change output",))


def test_a_payment_to_the_own_account_is_a_payment() -> None:
    reading = read(make(payments=[Payment(OWN, 150_000)]).psbt)
    assert reading.effects == (Effect("native_transfer", OWN, 150_000),)


def with_locktime() -> bytes:
    return make(locktime=900_000).psbt


def with_relative_lock() -> bytes:
    maps = split(make().psbt)
    maps[0][b"\x00"] = maps[0][b"\x00"].replace(b"\xfd\xff\xff\xff", b"\x90\x00\x00\x00")
    return join(maps)


def with_data() -> bytes:
    maps = split(make().psbt)
    body = maps[0][b"\x00"]
    count = 4 + 1 + 41 * body[4]
    output = bytes(8) + b"\x07\x6a\x05hello"
    maps[0][b"\x00"] = body[:count] + bytes([body[count] + 1]) + body[count + 1 : -4] + output + body[-4:]
    return join([*maps, {}])


def with_sighash(kind: int) -> Callable[[], bytes]:
    def made() -> bytes:
        maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
        maps[1][b"\x03"] = kind.to_bytes(4, "little")
        return join(maps)

    return made


@pytest.mark.parametrize(
    ("made", "others"),
    [
        (with_locktime, {"locktime"}),
        (with_relative_lock, {"locktime"}),
        (with_data, {"data"}),
        *((with_sighash(kind), {"sighash"}) for kind in (0x02, 0x03, 0x81, 0x82, 0x83)),
    ],
)
def test_what_no_transfer_has(made: Callable[[], bytes], others: set[str]) -> None:
    assert set(read(made()).others) == others


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0x00, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83])
def test_the_default_hash_type_alone(kind: str, number: int) -> None:
    """BIP341's default is 0x00, and 0x01 is another one there, which signs the same and one byte longer."""
    maps = split(make([coin(kind, 100_000)], [Payment(SHOP, 50_000)]).psbt)
    maps[1][b"\x03"] = number.to_bytes(4, "little")
    reading = read(join(maps))
    if number == (0 if kind == "p2tr" else 1):
        assert (reading.blind, reading.others) == ("", ())
    else:
        assert reading.blind or reading.others == ("sighash",)


# ---- what cannot be established


def lying_amount() -> bytes:
    """BIP143's old hole: an amount that its own previous transaction does not have."""
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    maps[1][b"\x01"] = (90_000).to_bytes(8, "little") + maps[1][b"\x01"][8:]
    return join(maps)


def without_previous() -> bytes:
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    del maps[1][b"\x00"]
    return join(maps)


def other_previous() -> bytes:
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    maps[1][b"\x00"] = transaction([(1_234, b"\x6a"), (100_000, CHANGE_COIN.holding.script)], b"another")
    return join(maps)


def more_out_than_in() -> bytes:
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    maps[0][b"\x00"] = maps[0][b"\x00"].replace(
        (50_000).to_bytes(8, "little"), (99_000).to_bytes(8, "little")
    )
    return join(maps)


def script_without_address() -> bytes:
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    odd = b"\x51" * 22
    maps[0][b"\x00"] = maps[0][b"\x00"].replace(address.to_script(SHOP, NETWORK), odd)
    return join(maps)


def of_a_multisig() -> bytes:
    """An own key is among its keys. Transfers are paid from coins that one key spends."""
    return make([coin("p2wsh", 100_000)], [Payment(SHOP, 50_000)]).psbt


def of_another_account(kind: str) -> Callable[[], bytes]:
    def made() -> bytes:
        other = below_root(*ROOT, (PURPOSES[kind], 1, ACCOUNT + 1, 0, 0))
        previous = transaction([(100_000, other.script)], kind.encode(), False)
        strange = Utxo(str(pbk.Transaction(previous).txid), 0, 100_000, other, previous)
        return make([strange], [Payment(SHOP, 50_000)]).psbt

    return made


def unknown_sighash() -> bytes:
    return with_sighash(0x04)()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lying_amount, "witness_utxo_amount_differs_from_previous_transaction"),
        (without_previous, "input_amount_unproven"),
        (other_previous, "previous_transaction_is_another"),
        (more_out_than_in, "outputs_exceed_inputs"),
        (script_without_address, "output_script_unsupported"),
        (unknown_sighash, "sighash_type_does_not_exist"),
        (of_a_multisig, "input_not_ours"),
        *((of_another_account(kind), "input_not_ours") for kind in KINDS),
    ],
)
def test_what_cannot_be_judged_is_blind_and_not_signed(made: Callable[[], bytes], reason: str) -> None:
    data = made()
    assert read(data).blind == reason
    with pytest.raises(QuorateError) as error:
        TO_SIGN[BITCOIN_PSBT](data, PAYER)
    assert error.value.code in ("blind", "inconsistent")


@pytest.mark.parametrize("kind", KINDS)
def test_an_amount_that_a_signature_only_commits_to_is_not_enough(kind: str) -> None:
    """Of taproot it would be safe to sign, and the coin would be bound to bytes that no chain takes."""
    maps = split(make([coin(kind, 100_000)], [Payment(SHOP, 50_000)]).psbt)
    del maps[1][b"\x00"]
    assert read(join(maps)).blind == "input_amount_unproven"


def test_one_strange_input_among_own_ones_is_enough() -> None:
    strange = coin("p2wsh", 100_000)
    made = make([*COINS, strange], required=[strange.name])
    assert read(made.psbt).blind == "input_not_ours"


def test_the_fee_is_what_is_left_over() -> None:
    """Change taken away is a fee, and seen as one."""
    maps = split(make([CHANGE_COIN], [Payment(SHOP, 50_000)]).psbt)
    body = maps[0][b"\x00"]
    out = 4 + 1 + 41 + 1
    outputs = [body[out : out + 31], body[out + 31 : out + 62]]
    paid = next(each for each in outputs if address.to_script(SHOP, NETWORK) in each)
    maps[0][b"\x00"] = body[: out - 1] + b"\x01" + paid + body[-4:]
    assert read(join([*maps[:2], {}])).fee == 50_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (make().psbt[:-1], "malformed_psbt"),
        (make().psbt + b"\x00", "trailing_bytes"),
        (b"", "malformed_psbt"),
        (b"psbt\xff" + bytes(4), "malformed_psbt"),
    ],
)
def test_what_is_no_psbt(data: bytes, code: str) -> None:
    with pytest.raises(QuorateError) as error:
        read(data)
    assert error.value.code == code


@pytest.mark.parametrize(
    "at",
    [(), (84, 1, 7), (44, 1, 7, 0, 0), (84, 0, 7, 0, 0), (84, 1, 7, 0, 0, 0), (86, 1, 7, 0, 0)],
)
def test_a_payer_that_is_no_account(at: tuple[int, ...]) -> None:
    with pytest.raises(QuorateError) as error:
        TO_SIGN[BITCOIN_PSBT](make().psbt, Payer(CHAIN.id, at, *ROOT))
    assert error.value.code == "path_scheme"


def test_the_worked_example_of_the_spec() -> None:
    intent = Intent.from_bytes(examples.body(examples.example("intent", "bitcoin transfer")))
    attempt = Attempt.from_bytes(examples.body(examples.example("attempt", "bitcoin-psbt")))
    charter = parse(examples.body(examples.example("charter", "with a Bitcoin chain")))
    chain, certificate = charter.chain(intent.chain or ""), examples.certificates()[intent.key]
    assert chain is not None
    reading = readers.read(attempt.format, attempt.data, View(chain, certificate, "0", ""))
    assert (reading.effects, reading.others, reading.blind) == (intent.effects, (), "")
    assert (reading.chain, reading.fee) == (intent.chain, 1_405)
    assert reading.takes == (Taken("51be6e0c5317ce66de1dea19bc3fc742e370397ac5eea33c35ca3b58df2e79a6", 0),)
    (item,) = items(intent, attempt, (certificate.public_key, certificate.chain_code))
    assert (item.scheme, item.path, len(item.message)) == (0, intent.path, 32)


def test_every_subset_of_coins_is_taken_whole() -> None:
    for some in itertools.combinations(COINS, 3):
        names = {utxo.name for utxo in some}
        reading = read(make(required=names).psbt)
        assert names <= {f"{taken.holder}:{taken.number}" for taken in reading.takes}
