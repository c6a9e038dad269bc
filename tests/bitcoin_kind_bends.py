"""What a hostile server may do to a Bitcoin transfer from one coin of a kind, and the check that refuses it.

The honest bytes pay KIOSK from one coin of that kind.
"""

from collections.abc import Callable, Iterable
from typing import Final

from coincurve import PublicKey

from quorate.core.chains.bitcoin.hashes import tagged_hash
from quorate.core.chains.bitcoin.networks import KINDS, P2PKH, P2SH_P2WPKH, P2TR, PURPOSES
from tests.bitcoin_bends import STRANGER, false_amount, nothing_spent, sighash, signed_already, unproven
from tests.bitcoin_bytes import PREVIOUS, WITNESS_UTXO, Bend, Psbt
from tests.core.chains.bitcoin.support import transaction

BLIND, EFFECTS, DECODE = "blind", "effects_match", "decode"
REDEEM, FINAL_WITNESS, LEAF, INNER, MERKLE_ROOT = b"\x04", b"\x08", b"\x15", b"\x17", b"\x18"
_X: Final = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
"""The generator's: a key of nobody's in particular."""


def previous_swapped(psbt: Psbt) -> None:
    """For one that pays the same script ten times as much, and has another id."""
    previous = psbt.input_maps[0][PREVIOUS]
    script = previous[56:-4]
    psbt.input_maps[0][PREVIOUS] = transaction([(10_000_000, script)], b"another", False)


def amount_in_previous(psbt: Psbt) -> None:
    """A satoshi more, in the right place of the right transaction: its id is another then."""
    previous = psbt.input_maps[0][PREVIOUS]
    amount = int.from_bytes(previous[47:55], "little") + 1
    psbt.input_maps[0][PREVIOUS] = previous[:47] + amount.to_bytes(8, "little") + previous[55:]


def claimed_instead(psbt: Psbt) -> None:
    """The output alone, as for a witness input."""
    previous = psbt.input_maps[0].pop(PREVIOUS)
    psbt.input_maps[0][WITNESS_UTXO] = previous[47:-4]


def claimed_beside(psbt: Psbt) -> None:
    psbt.input_maps[0][WITNESS_UTXO] = psbt.input_maps[0][PREVIOUS][47:-4]


def spent_script(script: bytes) -> Bend:
    """Of a witness input that only claims what it spends."""

    def bend(psbt: Psbt) -> None:
        psbt.input_maps[0].pop(PREVIOUS, None)
        psbt.input_maps[0][WITNESS_UTXO] = (
            psbt.input_maps[0][WITNESS_UTXO][:8] + bytes([len(script)]) + script
        )

    return bend


def no_redeem_script(psbt: Psbt) -> None:
    del psbt.input_maps[0][REDEEM]


def other_redeem_script(psbt: Psbt) -> None:
    psbt.input_maps[0][REDEEM] = STRANGER


def redeem_script_without_use(psbt: Psbt) -> None:
    psbt.input_maps[0][REDEEM] = b"\x00\x14" + bytes(20)


def merkle_root(psbt: Psbt) -> None:
    psbt.input_maps[0][MERKLE_ROOT] = bytes(32)


def with_scripts(psbt: Psbt) -> None:
    """The own key, in an output that a script of somebody else spends too."""
    own, root = psbt.input_maps[0][INNER], tagged_hash("TapLeaf", b"\xc0\x01\x51")
    tweak = tagged_hash("TapTweak", own + root)
    output = PublicKey(b"\x02" + own).add(tweak).format()[1:]
    spent_script(b"\x51\x20" + output)(psbt)
    psbt.input_maps[0][MERKLE_ROOT] = root
    psbt.input_maps[0][LEAF + b"\xc0" + own] = b"\x51\xc0"


def inner_key_as_output(psbt: Psbt) -> None:
    """Not tweaked at all."""
    spent_script(b"\x51\x20" + psbt.input_maps[0][INNER])(psbt)


def other_path(old: bytes, new: bytes) -> Bend:
    """The key is claimed to lie elsewhere; both are four bytes of a path, and the last such is changed."""

    def bend(psbt: Psbt) -> None:
        key, value = next((k, v) for k, v in psbt.input_maps[0].items() if k[:1] in (b"\x06", b"\x16"))
        before, found, after = value.rpartition(old)
        assert found
        psbt.input_maps[0][key] = before + new + after

    return bend


def unclaimed(psbt: Psbt) -> None:
    kept = {k: v for k, v in psbt.input_maps[0].items() if k[:1] not in (b"\x06", b"\x16")}
    psbt.input_maps[0] = kept


def committed_alone(psbt: Psbt) -> None:
    """BIP341 makes a signature over it worthless, and the coin would be bound to it."""
    false_amount(psbt)
    del psbt.input_maps[0][PREVIOUS]


def _bends() -> Iterable[tuple[str, tuple[str, str, Bend]]]:
    for kind in KINDS:
        for number in (0x02, 0x03, 0x81, 0x82, 0x83, *((0x01,) if kind == P2TR else ())):
            yield f"{kind}, hash type {number:#04x}", (kind, EFFECTS, sighash(number))
        for number in (0x04, 0x42, 0x80, 0x101, *((0x00,) if kind != P2TR else ())):
            yield f"{kind}, hash type {number:#04x}", (kind, BLIND, sighash(number))
        yield f"{kind}, an input of nothing known", (kind, BLIND, nothing_spent)
        yield f"{kind}, a key that nobody claims", (kind, BLIND, unclaimed)
        yield f"{kind}, an input that is signed", (kind, DECODE, signed_already)
        for other in PURPOSES.values():
            if other != PURPOSES[kind]:
                bend = other_path(PURPOSES[kind].to_bytes(4, "little"), other.to_bytes(4, "little"))
                yield f"{kind}, claimed below {other}", (kind, BLIND, bend)
        yield f"{kind}, no previous transaction", (kind, BLIND, unproven)
        yield f"{kind}, another previous transaction", (kind, BLIND, previous_swapped)
        yield f"{kind}, a satoshi more in the previous transaction", (kind, BLIND, amount_in_previous)
        if kind != P2PKH:
            yield f"{kind}, spends an output of a stranger", (kind, BLIND, spent_script(STRANGER))
            yield f"{kind}, a false amount", (kind, BLIND, false_amount)
        if kind != P2SH_P2WPKH:
            yield f"{kind}, a redeem script", (kind, BLIND, redeem_script_without_use)
    yield "p2pkh, claimed as a witness input", (P2PKH, BLIND, claimed_instead)
    yield "p2pkh, claimed as a witness input too", (P2PKH, BLIND, claimed_beside)
    yield "p2sh-p2wpkh, no redeem script", (P2SH_P2WPKH, BLIND, no_redeem_script)
    yield "p2sh-p2wpkh, another redeem script", (P2SH_P2WPKH, BLIND, other_redeem_script)
    yield "p2tr, a merkle root", (P2TR, BLIND, merkle_root)
    yield "p2tr, an output with scripts", (P2TR, BLIND, with_scripts)
    yield "p2tr, an output of the key itself", (P2TR, BLIND, inner_key_as_output)
    yield "p2tr, an output of another key", (P2TR, BLIND, spent_script(b"\x51\x20" + _X))
    yield "p2tr, a false amount that nothing contradicts", (P2TR, BLIND, committed_alone)


BENDS_OF_KINDS: Final[dict[str, tuple[str, str, Bend]]] = dict(_bends())
"""Name -> kind of the coin, the check of the judge, and the change."""


def annex(psbt: Psbt) -> None:
    """A finished witness with an annex (BIP341): a signature made here commits to none."""
    psbt.input_maps[0][FINAL_WITNESS] = b"\x02\x40" + bytes(64) + b"\x02\x50\x00"


def script_path(psbt: Psbt) -> None:
    """A leaf and its control block, for an output without scripts."""
    psbt.input_maps[0][LEAF + b"\xc0" + psbt.input_maps[0][INNER]] = b"\x51\xc0"


WITHOUT_EFFECT: Final[dict[str, Callable[[Psbt], None]]] = {
    "an annex": annex, "a leaf script": script_path,
}  # fmt: skip
"""On a p2tr coin: what is signed is the key path without annex all the same."""
