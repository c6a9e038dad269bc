"""The fee of the decoder is what the runtime charges, or more where the runtime counts by its version."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders import compute_budget as cb
from solders.instruction import Instruction

from quorate.core.chains.solana.programs import ids
from quorate.core.errors import QuorateError
from tests.core.chains.solana import cases_system
from tests.core.chains.solana.cases import u
from tests.core.chains.solana.runtime import World, call, compiled, decoded

TRANSFER = cases_system.CASES["transfer"].instruction
WORLD = World("alice", "bob")


@settings(max_examples=60, deadline=None)
@given(st.integers(450, 2_000_000), st.integers(0, 10_000_000), st.booleans())
def test_with_a_limit(units: int, price: int, memo: bool) -> None:
    budget = [cb.set_compute_unit_limit(max(units, 40_000 if memo else 0)), cb.set_compute_unit_price(price)]
    more = [call(ids.MEMO, "alice*", b"hi")] if memo else []
    transfer = call(ids.SYSTEM, "payer*+ alice+", u(4, 2) + u(8, 1_000_000))
    transaction, charged = WORLD.run(*budget, transfer, *more)
    assert transaction.fee == charged.fee()
    assert not transaction.decoded.blind


@pytest.mark.parametrize("others", range(8))
def test_without_a_limit_it_is_the_most(others: int) -> None:
    """Built-in programs count 3,000 units an instruction in this runtime, and 200,000 in older ones."""
    transfers = [
        call(ids.SYSTEM, f"payer*+ alice+ {n}"[:-2], u(4, 2) + u(8, 1_000_000)) for n in range(others)
    ]
    transaction, charged = WORLD.run(cb.set_compute_unit_price(1_000_000), *transfers)
    most = 5000 + min(200_000 * others + 3_000, 1_400_000)
    assert transaction.fee == most
    assert charged.fee() == 5000 + 3_000 * (others + 1)


def test_programs_that_are_not_built_in() -> None:
    memos = [call(ids.MEMO, "", b"hi")] * 2
    transaction, charged = WORLD.run(cb.set_compute_unit_price(1_000_000), *memos)
    assert transaction.fee == charged.fee() == 5000 + 403_000


def test_rounding_and_the_highest_limit() -> None:
    def fee(units: int, price: int) -> int:
        return decoded(cb.set_compute_unit_limit(units), cb.set_compute_unit_price(price)).fee

    assert [fee(1000, price) for price in (0, 1, 1000, 1001, 2000)] == [5000, 5001, 5001, 5002, 5002]
    assert fee(2**32 - 1, 1_000_000) == fee(1_400_000, 1_000_000) == 1_405_000
    assert fee(1_400_000, 2**64 - 1) == 5000 + -(-1_400_000 * (2**64 - 1) // 1_000_000)
    assert fee(0, 2**64 - 1) == 5000


def test_signatures_that_precompiles_verify() -> None:
    verify = [call(program, "", bytes([3]) + bytes(20)) for program in sorted(ids.PRECOMPILES)]
    found = decoded(*verify, call(ids.ED25519_PRECOMPILE, "", b""))
    assert found.fee == 5000 * (1 + 3 * 3)
    assert found.decoded.blind


def budget(data: bytes, accounts: str = "") -> Instruction:
    return call(ids.COMPUTE_BUDGET, accounts, data)


@pytest.mark.parametrize(
    "instructions",
    [
        [budget(b"")],
        [budget(b"\x00" + u(8, 1))],  # the deprecated form
        [budget(b"\x05" + u(4, 1))],
        [budget(b"\x02" + u(4, 1) + b"\x00")],
        [budget(b"\x02" + u(4, 1)[:-1])],
        [budget(b"\x03" + u(4, 1))],
        [budget(b"\x03" + u(8, 1) + b"\x00")],
        [budget(b"\x02" + u(4, 1), "alice")],
        [budget(b"\x02" + u(4, 1)), budget(b"\x02" + u(4, 1))],
        [budget(b"\x03" + u(8, 1)), budget(b"\x03" + u(8, 2))],
        [budget(b"\x01" + u(4, 31 * 1024))],
        [budget(b"\x01" + u(4, 257 * 1024))],
        [budget(b"\x01" + u(4, 32 * 1024 + 1))],
        [budget(b"\x04" + u(4, 0))],
    ],
)
def test_a_budget_that_leaves_the_fee_open_is_refused(instructions: list[Instruction]) -> None:
    with pytest.raises(QuorateError) as error:
        decoded(*instructions, TRANSFER)
    assert error.value.code == "malformed_transaction"


def test_a_whole_budget() -> None:
    found = decoded(
        cb.request_heap_frame(64 * 1024),
        cb.set_compute_unit_limit(1000),
        cb.set_compute_unit_price(5),
        cb.set_loaded_accounts_data_size_limit(1),
        TRANSFER,
    )
    assert [effect["type"] for effect in found.decoded.effects] == ["native_transfer", "fee"]
    assert len(compiled([TRANSFER])) < 200
