"""Calls inside calls: Safe, MultiSend, modules, multisig wallets; nested, refused, and too deep."""

from typing import Any

import pytest

from quorate.core.chains.effects import Effect
from quorate.core.chains.evm.calls.dispatch import MAX_NESTING
from quorate.core.chains.evm.calls.multisend import KNOWN
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from tests.core.chains.evm.samples import (
    MULTISEND,
    OURS,
    SAFE,
    SENDER,
    TO,
    TOKEN,
    ZERO,
    account,
    call_data,
    effects,
    fields,
    raw,
)

TRANSFER = call_data("transfer(address,uint256)", TO, 5)
STEP = f"safe:{SAFE}"
EXEC = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
OTHER = account(0x5AFE)


def execute(
    to: str,
    data: bytes = b"",
    operation: int = 0,
    value: int = 0,
    gas_price: int = 0,
    gas_token: str = ZERO,
    receiver: str = ZERO,
) -> bytes:
    return call_data(EXEC, to, value, data, operation, 11, 12, gas_price, gas_token, receiver, b"sig")


def packed(*calls: tuple[int, str, int, bytes]) -> bytes:
    return b"".join(
        bytes([operation]) + raw(to) + value.to_bytes(32, "big") + len(data).to_bytes(32, "big") + data
        for operation, to, value, data in calls
    )


def multi_send(*calls: tuple[int, str, int, bytes]) -> bytes:
    return call_data("multiSend(bytes)", packed(*calls))


def inner(data: bytes, knowledge: Knowledge = OURS, safe: str = SAFE) -> list[Effect]:
    """Effects behind the `contract_call` of the Safe."""
    wrapper, *rest = effects(safe, data, knowledge=knowledge)
    assert wrapper["type"] == "contract_call"
    return rest


def test_a_transfer_by_a_safe() -> None:
    wrapper, transfer = effects(SAFE, execute(TOKEN, TRANSFER))
    assert fields(wrapper, "blind", "signature") == (False, EXEC)
    assert transfer == {
        "type": "token_transfer", "standard": "erc20", "asset": TOKEN, "from": SAFE, "to": TO, "amount": "5",
        "via": [STEP],
    }  # fmt: skip


def test_the_method_is_the_last_step_of_the_way() -> None:
    (approval,) = inner(execute(TOKEN, call_data("approve(address,uint256)", TO, 5)))
    assert fields(approval, "owner", "via") == (SAFE, [STEP, "approve"])


def test_a_safe_that_is_not_ours_is_blind_and_still_read() -> None:
    wrapper, transfer = effects(OTHER, execute(TOKEN, TRANSFER))
    assert (wrapper["blind"], transfer["from"]) == (True, OTHER)
    named = Knowledge(sender=SENDER, safes=frozenset({OTHER}))
    assert effects(OTHER, execute(TOKEN, TRANSFER), knowledge=named)[0]["blind"] is False


def test_value_and_empty_calls_of_a_safe() -> None:
    assert [fields(e, "type", "to", "amount") for e in inner(execute(TO, value=7))] == [
        ("native_transfer", TO, "7")
    ]
    assert [e["type"] for e in inner(execute(TOKEN, TRANSFER, value=7))] == [
        "native_transfer",
        "token_transfer",
    ]
    assert [fields(e, "to", "amount") for e in inner(execute(SAFE))] == [(SAFE, "0")]  # a rejection


@pytest.mark.parametrize(
    ("token", "receiver", "asset", "to"),
    [(ZERO, ZERO, "native", "tx.origin"), (TOKEN, TO, TOKEN, TO)],
)
def test_gas_refund(token: str, receiver: str, asset: str, to: str) -> None:
    transfer, refund = inner(execute(TOKEN, TRANSFER, gas_price=3, gas_token=token, receiver=receiver))
    assert transfer["type"] == "token_transfer"
    assert refund == {
        "type": "safe_refund", "from": SAFE, "to": to, "asset": asset, "gas_price": "3", "base_gas": "12",
        "safe_tx_gas": "11", "via": [STEP],
    }  # fmt: skip


def test_operations() -> None:
    (delegated,) = inner(execute(TO, TRANSFER, operation=1))
    assert fields(delegated, "type", "from", "to", "looks_like") == (
        "delegatecall", SAFE, TO, "transfer(address,uint256)",
    )  # fmt: skip
    (broken,) = inner(execute(TO, TRANSFER[:-1], operation=1))
    assert (broken["looks_like"], "args" in broken) == ("transfer(address,uint256)", False)
    assert inner(execute(TO, TRANSFER, operation=2)) == [{"type": "inconsistent", "reason": "safe_operation"}]


def test_multisend_of_a_safe() -> None:
    data = execute(MULTISEND, multi_send((0, TO, 3, b""), (0, TOKEN, 0, TRANSFER)), operation=1)
    delegated, native, token = inner(data)
    assert fields(delegated, "type", "known", "looks_like") == ("delegatecall", KNOWN[MULTISEND], None)
    assert fields(native, "type", "from", "amount") == ("native_transfer", SAFE, "3")
    assert fields(token, "from", "via") == (SAFE, [STEP, f"multisend:{MULTISEND}"])


def test_an_unknown_library_is_not_read_as_multisend() -> None:
    data = execute(OTHER, multi_send((0, TO, 3, b"")), operation=1)
    (delegated,) = inner(data)
    assert fields(delegated, "looks_like", "trusted") == ("multiSend(bytes)", None)
    trusted = Knowledge(SENDER, 1, frozenset({SAFE}), trusted_delegatecall=frozenset({OTHER}))
    delegated, native = inner(data, trusted)
    assert (delegated["trusted"], native["type"]) == (True, "native_transfer")
    delegated, blind = inner(execute(OTHER, TRANSFER, operation=1), trusted)
    assert blind == {"type": "blind", "reason": "delegatecall_unknown_code"}


def test_multisend_that_is_called() -> None:
    """The inner calls come from MultiSend; elsewhere the selector means nothing."""
    wrapper, native = effects(MULTISEND, multi_send((0, TO, 3, b"")))
    assert fields(wrapper, "type", "blind") == ("contract_call", False)
    assert fields(native, "from", "via") == (MULTISEND, [f"multisend:{MULTISEND}"])
    (elsewhere,) = effects(OTHER, multi_send((0, TO, 3, b"")))
    assert elsewhere["blind"] is True


def test_delegatecall_in_multisend() -> None:
    data = execute(MULTISEND, multi_send((1, TO, 0, TRANSFER)), operation=1)
    _, nested = inner(data)
    assert fields(nested, "type", "from", "to") == ("delegatecall", SAFE, TO)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x00",
        packed((0, TO, 0, b"ab"))[:-1],
        packed((0, TO, 0, b"ab")) + b"\x00",
        packed((2, TO, 0, b"")),
        packed((0, TO, 0, b""), (0, TO, 0, b""))[:-85] + b"\xff" * 85,
        packed((0, TO, 0, b""))[:53] + b"\xff" * 32,
    ],
)
def test_packed_calls_that_are_none(broken: bytes) -> None:
    data = execute(MULTISEND, call_data("multiSend(bytes)", broken), operation=1)
    delegated, blind = inner(data)
    assert delegated["type"] == "delegatecall"
    assert blind == {"type": "blind", "reason": "multisend_malformed"}


def test_a_call_of_the_zero_address_in_multisend() -> None:
    """MultiSend 1.5.0 reads it as the Safe itself."""
    found = inner(execute(MULTISEND, multi_send((0, ZERO, 3, b"")), operation=1))
    assert [e["type"] for e in found] == ["delegatecall", "blind", "native_transfer"]
    assert found[1]["reason"] == "multisend_zero_target"


def test_settings_of_a_safe_by_itself() -> None:
    owner = account(0xB)
    (added,) = inner(execute(SAFE, call_data("addOwnerWithThreshold(address,uint256)", owner, 1)))
    assert fields(added, "type", "contract", "new_owner", "threshold", "via") == (
        "ownership_change", SAFE, owner, "1", [STEP],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["execTransactionFromModule", "execTransactionFromModuleReturnData"])
def test_modules(name: str) -> None:
    data = call_data(f"{name}(address,uint256,bytes,uint8)", TOKEN, 0, TRANSFER, 0)
    (transfer,) = inner(data)
    assert fields(transfer, "type", "from", "via") == ("token_transfer", SAFE, [STEP])


def test_a_proposal_to_an_old_multisig() -> None:
    data = call_data("submitTransaction(address,uint256,bytes)", TOKEN, 4, TRANSFER)
    wrapper, native, transfer = effects(OTHER, data)
    assert wrapper["blind"] is True
    assert fields(native, "amount", "from") == ("4", OTHER)
    assert transfer["via"] == [f"multisig:{OTHER}"]


def nested(levels: int) -> bytes:
    data = TRANSFER
    to = TOKEN
    for _ in range(levels):
        data, to = execute(to, data), SAFE
    return data


@pytest.mark.parametrize("levels", [1, 2, MAX_NESTING, MAX_NESTING + 1, 40])
def test_depth_is_bounded(levels: int) -> None:
    """What lies too deep is blind, and nothing before it is lost."""
    *wrappers, last = effects(SAFE, nested(levels))
    assert len(wrappers) == min(levels, MAX_NESTING + 1)
    if levels <= MAX_NESTING:
        assert fields(last, "type", "via") == ("token_transfer", [STEP] * levels)
    else:
        assert fields(last, "type", "reason") == ("blind", "nesting_too_deep")


def test_trusting_a_library_does_not_hide_a_delegatecall() -> None:
    """For every known MultiSend: the effect is there, whoever trusts it."""
    for library in KNOWN:
        found: list[Any] = inner(execute(library, multi_send((0, TO, 1, b"")), operation=1))
        assert [e["type"] for e in found] == ["delegatecall", "native_transfer"]
    assert len(KNOWN) == 13
