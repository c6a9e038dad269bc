"""Build, decode, sign, attach: Bitcoin Core's script interpreter accepts the result, and nothing near it."""

from collections.abc import Sequence

import pbk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.chains.bitcoin import address
from quorate.core.chains.bitcoin.attach import ORDER, Signature, attach, foretold_txid
from quorate.core.chains.bitcoin.build import Built, Payment, Utxo, build
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.holding import Holding
from quorate.core.chains.bitcoin.script import tap_output
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.chains.bitcoin.wallet import path_text
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import (
    NETWORK,
    coin,
    ecdsa,
    holding,
    join,
    path,
    secret,
    sign_all,
    split,
    tweaked,
    verdicts,
    wallet,
)

KINDS = ("p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2wsh", "p2tr")
PAYEE = address.from_public_key("p2wpkh", secret((84, 1, 99)).public_key.format(), NETWORK)


def coins(*kinds: str, amount: int = 100_000) -> list[Utxo]:
    return [coin(kind, amount, number) for number, kind in enumerate(kinds)]


def built(
    utxos: Sequence[Utxo], amount: int, change: Holding, *, fee_rate: int = 5_000, all_coins: bool = True
) -> Built:
    required = [utxo.name for utxo in utxos] if all_coins else []
    return build(
        utxos,
        [Payment(PAYEE, amount)],
        change,
        network=NETWORK,
        fee_rate=fee_rate,
        fee_ceiling=100_000,
        max_inputs=16,
        required=required,
    )


def spent(utxos: Sequence[Utxo], made: Built) -> list[tuple[int, bytes]]:
    by_name = {utxo.name: (utxo.amount, utxo.holding.script) for utxo in utxos}
    return [by_name[name] for name in made.inputs]


def signed(made: Built) -> tuple[bytes, str]:
    request = to_sign(made.psbt, wallet(), NETWORK)
    return attach(made.psbt, sign_all(request, to_sign(made.psbt, wallet(root=1), NETWORK)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_is_known_before_signing_unless_signatures_are_part_of_it(kind: str) -> None:
    for kinds in ((kind,), (kind, "p2wpkh")):
        made = built(coins(*kinds), 30_000, holding("p2wpkh", 0, change=1))
        foretold = foretold_txid(made.psbt)
        assert foretold == (None if kind == "p2pkh" else signed(made)[1])


def weight(raw: bytes) -> int:
    """BIP141, of the bytes that go out: those without witnesses count four times."""
    if raw[4:6] != b"\x00\x01":
        return 4 * len(raw)
    tx = pbk.Transaction(raw)
    scripts = sum(len(bytes(o.script_pubkey)) + 9 for o in tx.outputs)
    return 3 * (10 + scripts + sum(41 + _script_sig(raw, n) for n in range(len(tx.inputs)))) + len(raw)


def _script_sig(raw: bytes, wanted: int) -> int:
    at = 7
    for number in range(raw[6]):
        length = raw[at + 36]
        if number == wanted:
            return length
        at += 41 + length
    raise AssertionError("no such input")


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS, KINDS * 3, ("p2pkh", "p2pkh")])
@pytest.mark.parametrize("change", ["p2wpkh", "p2tr", "p2wsh"])
def test_core_accepts_what_is_built_and_signed(kinds: tuple[str, ...], change: str) -> None:
    utxos = coins(*kinds)
    back = holding(change, 5, change=1)
    made = built(utxos, 60_000, back)
    assert made.change is not None
    raw, txid = signed(made)
    assert verdicts(raw, spent(utxos, made)) == [True] * len(kinds)
    assert str(pbk.Transaction(raw).txid) == txid
    outputs = {(o.amount, bytes(o.script_pubkey)) for o in pbk.Transaction(raw).outputs}
    assert outputs == {(60_000, address.to_script(PAYEE, NETWORK)), (made.change, back.script)}

    effects = list(decode_psbt(made.psbt, wallet(), NETWORK).effects)
    shown = path_text(path("p2wpkh" if change == "p2wsh" else change, 5, 1))
    to = address.from_script(back.script, NETWORK)
    pay = {"type": "native_transfer", "asset": "BTC", "to": PAYEE, "amount": "60000"}
    returned = {"type": "change", "asset": "BTC", "to": to, "amount": str(made.change), "path": shown}
    assert sorted(effects[:2], key=str) == sorted([pay, returned], key=str)
    assert effects[2:] == [
        {"type": "fee", "asset": "BTC", "amount": str(made.fee)},
        {"type": "rbf", "signalled": True},
    ]

    request = to_sign(made.psbt, wallet(), NETWORK)
    assert [item.outpoint for item in request.inputs] == list(made.inputs)
    assert request.fee == made.fee == 100_000 * len(kinds) - 60_000 - made.change
    # an ECDSA signature may come out shorter than the longest, rarely by more than two bytes
    shorter = sum(4 * 3 if kind == "p2pkh" else 6 for kind in kinds)
    assert 0 <= request.weight - weight(raw) <= shorter
    assert 5_000 <= request.fee_rate <= 5_100


@pytest.mark.parametrize("kind", KINDS)
def test_exact_payment_without_change(kind: str) -> None:
    utxos = coins(kind, kind)
    made = built(utxos, 199_600, holding("p2wpkh", 0, change=1), fee_rate=1_000)
    assert made.change is None
    raw, _ = signed(made)
    assert verdicts(raw, spent(utxos, made)) == [True, True]
    assert to_sign(made.psbt, wallet(), NETWORK).fee == made.fee == 400


def mutations(raw: bytes, where: list[tuple[int, bytes]]) -> dict[str, tuple[bytes, list[tuple[int, bytes]]]]:
    """Changed transactions, and what they are said to spend."""
    output = raw.index((60_000).to_bytes(8, "little"))
    amounts = [(amount + 1, script) for amount, script in where]
    return {
        "amount paid": (raw[:output] + (60_001).to_bytes(8, "little") + raw[output + 8 :], where),
        "payee": (raw[: output + 12] + bytes([raw[output + 12] ^ 1]) + raw[output + 13 :], where),
        "lock time": (raw[:-4] + b"\x01" + raw[-3:], where),
        "version": (b"\x01" + raw[1:], where),
        "sequence": (raw.replace(b"\xfd\xff\xff\xff", b"\xfe\xff\xff\xff"), where),
        "amounts spent": (raw, amounts),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_core_refuses_what_was_changed_afterwards(kind: str) -> None:
    utxos = coins(kind, kind)
    made = built(utxos, 60_000, holding("p2wpkh", 0, change=1))
    raw, _ = signed(made)
    where = spent(utxos, made)
    assert verdicts(raw, where) == [True, True]
    refused = 0
    for name, (changed, said) in mutations(raw, where).items():
        # before segwit a signature does not commit to amounts: why previous transactions are needed
        expected = kind == "p2pkh" and name == "amounts spent"
        assert verdicts(changed, said) == [expected, expected], name
        refused += not expected
    assert refused == (5 if kind == "p2pkh" else 6)


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_the_signed_transaction_can_change(data: st.DataObject) -> None:
    """Any other byte gives other bytes to parse or a script that fails, unless a length moves alone."""
    utxos = coins(*KINDS)
    made = built(utxos, 60_000, holding("p2tr", 0, change=1))
    raw, txid = signed(made)
    place = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    try:
        tx = pbk.Transaction(changed)
    except RuntimeError:
        return
    if len(tx.inputs) != len(utxos):
        return
    assert not all(verdicts(changed, spent(utxos, made))), (place, str(tx.txid) == txid)


TYPES = [(kind, sighash) for kind in KINDS for sighash in (0x00, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83)]


@pytest.mark.parametrize(("kind", "sighash"), [t for t in TYPES if t[1] or t[0] == "p2tr"])
def test_core_agrees_on_every_hash_type(kind: str, sighash: int) -> None:
    """The digests that no official vector has: legacy ones, and taproot's with ANYONECANPAY."""
    utxos = coins(kind, kind, kind, "p2pkh" if kind == "p2tr" else "p2tr")
    made = built(utxos, 60_000, holding("p2wpkh", 0, change=1))
    kinds = {utxo.name: utxo.holding.kind for utxo in utxos}
    maps = split(made.psbt)
    # three of the four inputs are of the kind: one of them has an output at its place, as SINGLE needs it
    place = next(n for n, name in enumerate(made.inputs[:2]) if kinds[name] == kind)
    if place >= 2 and sighash & 3 == 3:  # SINGLE needs an output at its place
        place = next(
            n for n in (0, 1) if utxos[[u.name for u in utxos].index(made.inputs[n])].holding.kind == kind
        )
    maps[1 + place][b"\x03"] = sighash.to_bytes(4, "little")
    data = join(maps)
    document = decode_psbt(data, wallet(), NETWORK)
    default = 0 if kind == "p2tr" else 1
    shown = [effect for effect in document.effects if effect["type"] == "sighash"]
    assert [e["sighash_type"] for e in shown] == ([f"{sighash:#04x}"] if sighash != default else [])

    signatures = []
    for digest, name in zip(document.digests, made.inputs, strict=True):
        keys = next(u for u in utxos if u.name == name).holding.keys
        value = bytes.fromhex(digest.value[2:])
        if digest.more["script"] == "p2tr":
            signatures.append([Signature(keys[0].public_key, _schnorr(keys[0].path, value))])
        else:
            count = 2 if digest.more["script"] == "p2wsh" else 1
            signatures.append(
                [Signature(k.public_key, ecdsa(secret(k.path, n), value)) for n, k in enumerate(keys[:count])]
            )
    raw, _ = attach(data, signatures)
    assert verdicts(raw, spent(utxos, made)) == [True] * 4
    if sighash != default:
        with pytest.raises(QuorateError) as error:
            to_sign(data, wallet(), NETWORK)
        assert error.value.code == "sighash_flags"


def _schnorr(at: tuple[int, ...], digest: bytes) -> bytes:
    key = secret(at)
    return tweaked(key, tap_output(key.public_key.format())[0]).sign_schnorr(digest)


def test_both_parities_of_inner_and_output_keys_sign() -> None:
    """Even-Y is taken twice: of the child key before the tweak, of the output key by BIP340."""
    seen = set()
    for index in range(24):
        key = secret(path("p2tr", index))
        out = tweaked(key, tap_output(key.public_key.format())[0])
        seen.add((key.public_key.format()[0], out.public_key.format()[0]))
        utxo = coin("p2tr", 100_000, index)
        made = built([utxo], 60_000, holding("p2wpkh", 0, change=1))
        raw, _ = signed(made)
        assert verdicts(raw, spent([utxo], made)) == [True]
    assert seen == {(2, 2), (2, 3), (3, 2), (3, 3)}


def wrong_signatures() -> dict[str, list[list[Signature]]]:
    made = single()
    good = sign_all(to_sign(made.psbt, wallet(), NETWORK))
    value, key = good[0][0].value, good[0][0].public_key
    high = (ORDER - int.from_bytes(value[32:], "big")).to_bytes(32, "big")
    return {
        "none": [],
        "no signature of the input": [[]],
        "two for one key": [good[0] * 2],
        "one input too many": good * 2,
        "high s": [[Signature(key, value[:32] + high)]],
        "other key": [[Signature(secret((84, 1)).public_key.format(), value)]],
        "no key": [[Signature(b"", value)]],
        "63 bytes": [[Signature(key, value[:63])]],
        "65 bytes": [[Signature(key, value + b"\x01")]],
        "zero": [[Signature(key, bytes(64))]],
        "r of another": [[Signature(key, bytes(31) + b"\x01" + value[32:])]],
    }


def single(kind: str = "p2wpkh") -> Built:
    return built(coins(kind), 60_000, holding("p2wpkh", 0, change=1))


@pytest.mark.parametrize("name", wrong_signatures())
def test_signatures_that_are_refused(name: str) -> None:
    with pytest.raises(QuorateError) as error:
        attach(single().psbt, wrong_signatures()[name])
    assert (error.value.code, error.value.whose) == ("signature", "peer")


def test_schnorr_signatures_that_are_refused() -> None:
    made = single("p2tr")
    ((good,),) = sign_all(to_sign(made.psbt, wallet(), NETWORK))
    for value in (bytes(64), good.value[:63], good.value + b"\x01", good.value[::-1]):
        with pytest.raises(QuorateError) as error:
            attach(made.psbt, [[Signature(good.public_key, value)]])
        assert error.value.code == "signature"


def test_multisig_takes_exactly_its_threshold_of_different_cosigners() -> None:
    made = single("p2wsh")
    requests = [to_sign(made.psbt, wallet(root=root), NETWORK).inputs[0] for root in range(3)]
    each = [
        Signature(item.public_key, ecdsa(secret(item.path, root), item.digest))
        for root, item in enumerate(requests)
    ]
    where = [(100_000, holding("p2wsh", 0).script)]
    for pair in ((0, 1), (1, 0), (0, 2), (2, 1)):
        raw, _ = attach(made.psbt, [[each[n] for n in pair]])
        assert verdicts(raw, where) == [True]
    stranger = Signature(secret((84, 1)).public_key.format(), each[0].value)
    for wrong in ([], each[:1], each, [each[0], each[0]], [each[0], stranger]):
        with pytest.raises(QuorateError) as error:
            attach(made.psbt, [wrong])
        assert error.value.code == "signature"


def test_what_is_inconsistent_is_not_completed() -> None:
    made = single()
    good = sign_all(to_sign(made.psbt, wallet(), NETWORK))
    maps = split(made.psbt)
    utxo = maps[1][b"\x01"]
    maps[1][b"\x01"] = (50_000).to_bytes(8, "little") + utxo[8:]
    with pytest.raises(QuorateError) as error:
        attach(join(maps), good)
    assert error.value.code == "unsignable"
