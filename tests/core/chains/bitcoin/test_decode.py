"""What a decoder must say of PSBTs that lie, contradict themselves or do something unusual."""

from typing import Any

import pbk
import pytest

from quorate.core.chains.bitcoin import address, script
from quorate.core.chains.bitcoin.build import Payment, build
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.holding import Holding
from quorate.core.chains.bitcoin.to_sign import to_sign
from quorate.core.errors import QuorateError
from tests.core.chains.bitcoin.support import NETWORK, coin, holding, join, split, transaction, wallet
from tests.core.chains.bitcoin.test_signed import PAYEE, built, coins

Effects = list[dict[str, Any]]


def effects(data: bytes, **options: Any) -> Effects:
    """Without the effect that is always there."""
    found = decode_psbt(data, options.get("wallet", wallet()), NETWORK).to_json()["effects"]
    return [effect for effect in found if effect != {"type": "rbf", "signalled": True}]


def of(type: str, found: Effects) -> Effects:
    return [effect for effect in found if effect["type"] == type]


def raw_psbt(
    inputs: list[tuple[Holding, int, bytes | None]], outputs: list[tuple[int, bytes]], **more: int
) -> bytes:
    """A PSBT written here, field by field: (holding, amount, previous transaction or None) of each input."""
    sequence, locktime, version = (
        more.get("sequence", 0xFFFFFFFD),
        more.get("locktime", 0),
        more.get("version", 2),
    )
    tx = version.to_bytes(4, "little") + bytes([len(inputs)])
    maps: list[dict[bytes, bytes]] = []
    for number, (own, amount, previous) in enumerate(inputs):
        txid = bytes([number]) * 32 if previous is None else bytes.fromhex(coin_id(previous))[::-1]
        tx += txid + (1).to_bytes(4, "little") + b"\x00" + sequence.to_bytes(4, "little")
        maps.append({b"\x01": amount.to_bytes(8, "little") + bytes([len(own.script)]) + own.script})
        if previous is not None:
            maps[-1] |= {b"\x00": previous}
        key = own.keys[0]
        origin = key.fingerprint + b"".join(i.to_bytes(4, "little") for i in key.path)
        if own.kind == "p2tr":
            maps[-1] |= {b"\x16" + key.public_key[1:]: b"\x00" + origin}
        else:
            maps[-1] |= {b"\x06" + key.public_key: origin}
    tx += bytes([len(outputs)])
    tx += b"".join(a.to_bytes(8, "little") + bytes([len(s)]) + s for a, s in outputs)
    return join([{b"\x00": tx + locktime.to_bytes(4, "little")}, *maps, *({} for _ in outputs)])


def coin_id(previous: bytes) -> str:
    return str(pbk.Transaction(previous).txid)


OWN, TAP = holding("p2wpkh", 0), holding("p2tr", 0)
PREVIOUS = transaction([(5, b"\x51"), (100_000, OWN.script)])
PAY = (90_000, holding("p2wpkh", 99).script)
PLAIN = raw_psbt([(OWN, 100_000, PREVIOUS)], [PAY])


def edited(data: bytes, place: int, records: dict[bytes, bytes | None]) -> bytes:
    """Records of one map replaced, or removed where the value is None."""
    maps = split(data)
    for key, value in records.items():
        if value is None:
            maps[place].pop(key)
        else:
            maps[place][key] = value
    return join(maps)


def test_the_plain_payment() -> None:
    found = effects(PLAIN)
    assert [effect["type"] for effect in found] == ["native_transfer", "fee"]
    assert found[1]["amount"] == "10000"
    assert len(to_sign(PLAIN, wallet(), NETWORK).inputs) == 1


def blind_or_inconsistent(found: Effects) -> list[tuple[str, object]]:
    kinds = [*of("inconsistent", found), *of("blind", found)]
    return [(effect["reason"], effect.get("inputs", effect.get("output"))) for effect in kinds]


UTXO = (100_000).to_bytes(8, "little") + b"\x16" + OWN.script
NESTED = holding("p2sh-p2wpkh", 0)


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        ({b"\x00": None}, [("input_amount_unproven", [0])]),
        ({b"\x00": None, b"\x01": None}, [("input_amount_unproven", [0])]),
        ({b"\x01": None}, []),
        (
            {b"\x00": transaction([(5, b"\x51"), (200_000, OWN.script)])},
            [("previous_transaction_is_another", [0]), ("input_amount_unproven", [0])],
        ),
        (
            {b"\x01": (100_001).to_bytes(8, "little") + UTXO[8:]},
            [("witness_utxo_amount_differs_from_previous_transaction", [0])],
        ),
        (
            {b"\x01": UTXO[:8] + b"\x16" + holding("p2wpkh", 1).script},
            [("witness_utxo_script_differs_from_previous_transaction", [0]), ("input_not_ours", [0])],
        ),
        ({b"\x04": OWN.script}, [("script_without_use", [0]), ("input_script_unsupported", [0])]),
        ({b"\x05": b"\x51"}, [("script_without_use", [0]), ("input_script_unsupported", [0])]),
        ({b"\x18": bytes(32)}, [("merkle_root_without_use", [0]), ("input_script_unsupported", [0])]),
        ({b"\x03": bytes(4)}, [("sighash_type_does_not_exist", [0])]),
        ({b"\x03": b"\x01\x01\x00\x00"}, [("sighash_type_does_not_exist", [0])]),
        ({b"\x06" + OWN.keys[0].public_key: None}, [("input_not_ours", [0])]),
        ({b"\x06" + OWN.keys[0].public_key: bytes(24)}, [("input_not_ours", [0])]),
    ],
)
def test_inputs_that_lie(records: dict[bytes, bytes | None], wanted: list[tuple[str, list[int]]]) -> None:
    data = edited(PLAIN, 1, records)
    assert blind_or_inconsistent(effects(data)) == wanted
    if wanted:
        with pytest.raises(QuorateError) as error:
            to_sign(data, wallet(), NETWORK)
        assert error.value.code in ("blind", "inconsistent")
    else:
        assert to_sign(data, wallet(), NETWORK).fee == 10_000


def test_an_output_that_the_previous_transaction_does_not_have() -> None:
    short = transaction([(100_000, OWN.script)])
    found = blind_or_inconsistent(effects(raw_psbt([(OWN, 100_000, short)], [PAY])))
    assert found == [("previous_transaction_lacks_the_output", [0]), ("input_amount_unproven", [0])]


def test_a_redeem_script_of_something_else() -> None:
    made = built([coin("p2sh-p2wpkh", 100_000)], 60_000, holding("p2wpkh", 0, change=1))
    assert blind_or_inconsistent(effects(made.psbt)) == []
    other = edited(made.psbt, 1, {b"\x04": holding("p2wpkh", 1).script})
    assert blind_or_inconsistent(effects(other))[0] == ("redeem_script_differs", [0])
    missing = edited(made.psbt, 1, {b"\x04": None})
    assert blind_or_inconsistent(effects(missing)) == [("input_script_unsupported", [0])]


@pytest.mark.parametrize("code", [None, b"\x51", script.multisig(1, [OWN.keys[0].public_key])])
def test_a_witness_script_of_something_else(code: bytes | None) -> None:
    made = built([coin("p2wsh", 100_000)], 60_000, holding("p2wpkh", 0, change=1))
    found = blind_or_inconsistent(effects(edited(made.psbt, 1, {b"\x05": code})))
    assert found[-1] == ("input_script_unsupported", [0])
    assert (found[0] == ("witness_script_differs", [0])) == (code is not None)


def test_a_merkle_root_on_a_key_without_scripts() -> None:
    made = built([coin("p2tr", 100_000)], 60_000, holding("p2wpkh", 0, change=1))
    assert blind_or_inconsistent(effects(made.psbt)) == []
    found = blind_or_inconsistent(effects(edited(made.psbt, 1, {b"\x18": bytes(32)})))
    assert found == [("merkle_root_without_use", [0])]


def test_unsupported_inputs() -> None:
    for odd in (b"\x51", script.p2wsh(b"\x51"), script.p2sh(bytes(20)), script.witness(2, bytes(32))):
        previous = transaction([(5, b"\x51"), (100_000, odd)])
        data = edited(raw_psbt([(OWN, 100_000, previous)], [PAY]), 1, {b"\x01": None})
        found = decode_psbt(data, wallet(), NETWORK)
        assert blind_or_inconsistent([dict(e) for e in found.effects]) == [("input_script_unsupported", [0])]
        assert found.digests == ()
        assert found.blind


def fee(found: Effects) -> dict[str, Any]:
    (only,) = of("fee", found)
    return only


def test_taproot_commits_to_its_amounts() -> None:
    """No previous transaction is needed, unless the signature commits to one input alone."""
    data = raw_psbt([(TAP, 60_000, None), (TAP, 40_000, None)], [PAY])
    assert fee(effects(data)) == {"type": "fee", "asset": "BTC", "amount": "10000"}
    for sighash in (0x81, 0x82, 0x83):
        found = effects(edited(data, 1, {b"\x03": bytes([sighash, 0, 0, 0])}))
        assert blind_or_inconsistent(found) == [("input_amount_unproven", [0])]
        assert fee(found) == {"type": "fee", "asset": "BTC", "claimed_amount": "10000", "unproven": True}
    for sighash in (0x01, 0x02, 0x03):
        found = effects(edited(data, 1, {b"\x03": bytes([sighash, 0, 0, 0])}))
        assert blind_or_inconsistent(found) == []
        assert fee(found)["amount"] == "10000"
        assert len(of("sighash", found)) == 1


def test_a_segwit_amount_is_not_proven_by_a_taproot_input_of_somebody_else() -> None:
    """Only a signature that this signer makes commits to anything."""
    stranger = edited(
        raw_psbt([(TAP, 60_000, None), (OWN, 40_000, None)], [PAY]),
        1,
        {b"\x16" + TAP.keys[0].public_key[1:]: None},
    )
    assert blind_or_inconsistent(effects(stranger)) == [
        ("input_amount_unproven", [1]),
        ("input_not_ours", [0]),
    ]


def test_an_unknown_input_leaves_taproot_without_a_digest() -> None:
    data = edited(raw_psbt([(TAP, 60_000, None), (OWN, 40_000, None)], [PAY]), 2, {b"\x01": None})
    found = decode_psbt(data, wallet(), NETWORK)
    assert found.digests == ()
    assert fee([dict(effect) for effect in found.effects]) == {
        "type": "fee",
        "asset": "BTC",
        "unproven": True,
    }


def test_single_without_an_output_at_its_place() -> None:
    data = raw_psbt([(TAP, 60_000, None), (TAP, 40_000, None)], [PAY])
    found = effects(edited(data, 2, {b"\x03": b"\x03\x00\x00\x00"}))
    assert blind_or_inconsistent(found) == [("sighash_single_without_output", [1])]


def test_outputs_above_inputs() -> None:
    data = raw_psbt([(OWN, 100_000, PREVIOUS)], [(100_001, PAY[1])])
    found = effects(data)
    assert fee(found) == {"type": "fee", "asset": "BTC"}
    assert blind_or_inconsistent(found) == [("outputs_exceed_inputs", None)]
    unproven = effects(edited(data, 1, {b"\x00": None}))
    assert fee(unproven) == {"type": "fee", "asset": "BTC", "unproven": True}


@pytest.mark.parametrize(
    ("output", "amount", "wanted"),
    [
        (b"\x6a", 0, {"type": "data", "hex": ""}),
        (b"\x6a\x00", 0, {"type": "data", "hex": ""}),
        (b"\x6a\x02hi", 0, {"type": "data", "hex": "6869"}),
        (b"\x6a\x4c\x50" + bytes(80), 0, {"type": "data", "hex": "00" * 80}),
        (b"\x6a\x02hi\x00", 0, "data_output_unsupported"),
        (b"\x6a\x03hi", 0, "data_output_unsupported"),
        (b"\x6a\x5d\x02hi", 0, "data_output_unsupported"),  # a second push: token protocols live here
        (b"\x6a\x4c", 0, "data_output_unsupported"),
        (b"\x6a\x02hi", 7, "data_output_with_amount"),
        (b"", 0, "output_script_unsupported"),
        (b"\x51", 7, "output_script_unsupported"),
        (b"\x21" + OWN.keys[0].public_key + b"\xac", 7, "output_script_unsupported"),
        (script.multisig(1, [OWN.keys[0].public_key]), 7, "output_script_unsupported"),
        (script.p2pkh(bytes(20)) + b"\x61", 7, "output_script_unsupported"),
        (b"\x00\x15" + bytes(21), 7, "output_script_unsupported"),
    ],
)
def test_outputs_without_address(output: bytes, amount: int, wanted: Any) -> None:
    found = effects(raw_psbt([(OWN, 100_000, PREVIOUS)], [PAY, (amount, output)]))
    if isinstance(wanted, dict):
        assert found[1] == wanted
        assert of("blind", found) == []
    else:
        (only,) = of("blind", found)
        assert (only["reason"], only["output"], only["amount"]) == (wanted, 1, str(amount))


def test_later_witness_versions_are_payments() -> None:
    (first, second, *_) = effects(
        raw_psbt([(OWN, 100_000, PREVIOUS)], [(1, script.witness(2, bytes(32))), (2, b"\x51\x02\x4e\x73")])
    )
    assert (first["to"][:6], second["to"]) == ("bcrt1z", "bcrt1pfeesnyr2tx")


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"sequence": 0xFFFFFFFF}, [{"type": "rbf", "signalled": False}]),
        ({"sequence": 0xFFFFFFFE}, [{"type": "rbf", "signalled": False}]),
        ({"sequence": 0xFFFFFFFD}, [{"type": "rbf", "signalled": True}]),
        (
            {"sequence": 0xFFFFFFFE, "locktime": 5},
            [{"type": "rbf", "signalled": False}, {"type": "locktime", "value": "5"}],
        ),
        (
            {"sequence": 0xFFFFFFFF, "locktime": 5},
            [{"type": "rbf", "signalled": False}, {"type": "locktime", "value": "5", "enforced": False}],
        ),
        (
            {"sequence": 144},
            [
                {"type": "rbf", "signalled": True},
                {"type": "locktime", "value": "144", "relative": True, "input": 0},
            ],
        ),
        ({"sequence": 144, "version": 1}, [{"type": "rbf", "signalled": True}]),
        ({"sequence": 0}, [{"type": "rbf", "signalled": True}]),
    ],
)
def test_when_it_is_valid_and_whether_it_can_be_replaced(more: dict[str, int], wanted: Effects) -> None:
    document = decode_psbt(raw_psbt([(OWN, 100_000, PREVIOUS)], [PAY], **more), wallet(), NETWORK)
    assert [dict(e) for e in document.effects if e["type"] in ("rbf", "locktime")] == wanted


def unsigned(data: bytes) -> bytes:
    return split(data)[0][b"\x00"]


@pytest.mark.parametrize(
    "tx",
    [
        unsigned(PLAIN)[:-1],
        b"\x02\x00\x00\x00\x00\x00" + bytes(4),  # neither inputs nor outputs
        unsigned(PLAIN)[:4] + b"\x02" + unsigned(PLAIN)[5:46] * 2 + unsigned(PLAIN)[46:],  # one coin twice
        unsigned(PLAIN)[:41] + b"\x01\x51" + unsigned(PLAIN)[42:],  # signed
        unsigned(PLAIN)[:4] + b"\x00\x01" + unsigned(PLAIN)[4:-4] + b"\x00" + bytes(4),  # with witnesses
        unsigned(PLAIN)[:47] + b"\xff" * 8 + unsigned(PLAIN)[55:],  # more than all coins
        unsigned(PLAIN)[:4]
        + b"\xfd\x01\x00"
        + unsigned(PLAIN)[5:],  # a count that is not in its shortest form
        unsigned(PLAIN)[:4] + b"\xff" * 9 + unsigned(PLAIN)[5:],
    ],
)
def test_malformed_transactions(tx: bytes) -> None:
    maps = split(PLAIN)
    inputs = maps[1:2] * (tx[4] if tx[4] < 3 else 1)
    with pytest.raises(QuorateError) as error:
        decode_psbt(join([{b"\x00": tx}, *inputs, {}]), wallet(), NETWORK)
    assert error.value.code in ("malformed_transaction", "trailing_bytes")


def test_sums_of_outputs_are_bounded() -> None:
    most = 21_000_000 * 100_000_000
    with pytest.raises(QuorateError) as error:
        effects(raw_psbt([(OWN, 100_000, PREVIOUS)], [(most, PAY[1]), (1, PAY[1])]))
    assert error.value.code == "malformed_transaction"


@pytest.mark.parametrize(
    "previous",
    [
        PREVIOUS[:-1],
        PREVIOUS + b"\x00",
        b"",
        PREVIOUS[:4] + b"\x00\x02" + PREVIOUS[6:],
        PREVIOUS[:4] + b"\x00\x01\x00" + PREVIOUS[48:],  # no inputs
        transaction([(5, b"\x51"), (100_000, OWN.script)])[:-9] + b"\x00" + bytes(4),  # an empty witness
    ],
)
def test_malformed_previous_transactions(previous: bytes) -> None:
    with pytest.raises(QuorateError) as error:
        effects(edited(PLAIN, 1, {b"\x00": previous}))
    assert error.value.code in ("malformed_transaction", "trailing_bytes")


def test_sizes_are_bounded() -> None:
    """As many inputs and outputs as nodes relay; one more is refused before it is looked at."""
    outputs = b"".join(bytes(8) + b"\x01\x6a" for _ in range(3_001))
    body = unsigned(PLAIN)[:46] + b"\xfd" + (3_001).to_bytes(2, "little") + outputs + bytes(4)
    many = unsigned(PLAIN)[:46] + b"\xfd" + (9_000).to_bytes(2, "little") + outputs * 3 + bytes(13_000)
    for tx in (body, many):
        with pytest.raises(QuorateError) as error:
            decode_psbt(join([{b"\x00": tx}, {}]), None, NETWORK)
        assert error.value.code in ("too_large", "malformed_transaction", "trailing_bytes")


def test_change_to_another_account_is_a_payment() -> None:
    """What goes to another customer's branch of the same root is not change."""
    made = built(coins("p2wpkh"), 60_000, holding("p2wpkh", 0, change=1))
    assert len(of("change", effects(made.psbt))) == 1
    other = wallet(account=8)
    found = effects(made.psbt, wallet=other)
    assert of("change", found) == []
    assert len(of("native_transfer", found)) == 2
    assert blind_or_inconsistent(found) == [("input_not_ours", [0])]


def test_change_is_not_believed() -> None:
    """Our own path, fingerprint and key on an output whose script is another one."""
    made = built(coins("p2wpkh"), 60_000, holding("p2wpkh", 0, change=1))
    key = holding("p2wpkh", 0, 1).keys[0]
    origin = key.fingerprint + b"".join(i.to_bytes(4, "little") for i in key.path)
    for place in (2, 3):
        found = effects(edited(made.psbt, place, {b"\x02" + key.public_key: origin}))
        assert len(of("change", found)) == 1
    assert [e["to"] for e in of("native_transfer", found)] == [PAYEE]


def test_an_address_of_ours_without_its_path_is_a_payment() -> None:
    """Nothing is searched for: what is not claimed is no change, and is judged as a destination."""
    own = address.from_script(holding("p2tr", 1, 1).script, NETWORK) or ""
    made = build(
        coins("p2wpkh"),
        [Payment(PAYEE, 60_000), Payment(own, 1_000)],
        holding("p2wpkh", 0, 1),
        network=NETWORK,
        fee_rate=1_000,
        fee_ceiling=10_000,
        max_inputs=16,
    )
    found = effects(made.psbt)
    assert sorted(str(effect["to"]) for effect in of("native_transfer", found)) == sorted([PAYEE, own])
    assert len(of("change", found)) == 1
