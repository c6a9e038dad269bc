"""What is attached is what solders makes of it; every other signature is refused."""

from dataclasses import replace

import pytest
from solders.transaction import VersionedTransaction

from quorate.core.chains.solana.attach import attach
from quorate.core.errors import QuorateError
from tests.core.chains.solana.payments import NATIVE, attached, built, sign
from tests.core.chains.solana.runtime import keypair, text


def test_attached_bytes_are_the_ones_solders_makes() -> None:
    data = built(fee_payer=text("payer"))
    wire, name = attached(data, "payer", "alice")
    theirs = VersionedTransaction.from_bytes(wire)
    assert bytes(theirs) == wire
    assert theirs.verify_with_results() == [True, True]
    again = VersionedTransaction(theirs.message, [keypair("payer"), keypair("alice")])
    assert bytes(again) == wire
    assert name == str(theirs.signatures[0])


DATA = built()
SIGNATURE = sign("alice", DATA)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


L = 2**252 + 27742317777372353535851937790883648493
MALLEABLE = SIGNATURE[:32] + (int.from_bytes(SIGNATURE[32:], "little") + L).to_bytes(32, "little")


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [SIGNATURE, SIGNATURE],
        [b""],
        [SIGNATURE[:-1]],
        [SIGNATURE + b"\x00"],
        [bytes(64)],
        [MALLEABLE],
        [sign("bob", DATA)],
        [sign("alice", built(replace(NATIVE, amount=6)))],
        *([flipped(SIGNATURE, at)] for at in range(64)),
    ],
)
def test_signatures_that_are_refused(signatures: list[bytes]) -> None:
    with pytest.raises(QuorateError) as error:
        attach(DATA, signatures)
    assert (error.value.code, error.value.whose) == ("signature", "peer")


def test_signatures_in_the_order_of_the_signers() -> None:
    data = built(fee_payer=text("payer"))
    for names in (["alice", "payer"], ["payer"], ["payer", "payer"], ["alice", "alice"]):
        with pytest.raises(QuorateError) as error:
            attached(data, *names)
        assert error.value.code == "signature"


def test_only_messages_are_completed() -> None:
    wire, _ = attached(DATA, "alice")
    for data, code in ((DATA + b"\x00", "trailing_bytes"), (wire, "malformed_transaction")):
        with pytest.raises(QuorateError) as error:
            attach(data, [sign("alice", data)])
        assert error.value.code == code
