"""Fee bump and cancel on Bitcoin: the same coins, and what the pool takes in their place (BIP125)."""

from typing import Any

import pytest

from tests.judge.cluster import payment
from tests.server.chains.kernel import COIN
from tests.server.test_bitcoin import SCRIPT, Bank, bank, kernel, kind

__all__ = ["bank", "kernel", "kind"]


async def waiting(bank: Bank, amount: str = "0.25") -> dict[str, Any]:
    return await bank.until(await bank.running.submit(payment(amount)), "CONFIRMING")


async def dearer(bank: Bank, row: dict[str, Any], amount: str = "0.25", **changes: Any) -> Any:
    body = payment(amount, replaceTxByHash=row["txHash"], **changes)
    return await bank.running.call("POST", "/v1/transactions", body)


async def replaced(bank: Bank, row: dict[str, Any]) -> dict[str, Any]:
    while True:
        found = await bank.until(row["id"], "CONFIRMING")
        if found["txHash"] != row["txHash"]:
            return found


async def test_a_fee_bump_takes_the_place_in_the_pool(bank: Bank) -> None:
    bank.fund(COIN)
    row = await waiting(bank)
    first = bank.kernel.pool[row["txHash"]]
    low = await dearer(bank, row, networkFee="0.00000001")
    assert (low.status_code, low.json()["code"]) == (400, 1446)
    assert (await dearer(bank, row)).json()["id"] == row["id"]
    second = bank.kernel.pool[(await replaced(bank, row))["txHash"]]
    assert (first.inputs, list(bank.kernel.pool)) == (second.inputs, [second.txid])
    assert second.fee > first.fee
    assert (await dearer(bank, await replaced(bank, row))).status_code == 200
    found = await bank.mined(row["id"])
    assert found["status"] == "COMPLETED"
    outputs = bank.kernel.mined[found["txHash"]].outputs
    assert [output.amount for output in outputs if output.script == SCRIPT] == [COIN // 4]


async def test_what_is_taken_back_returns_to_the_account(bank: Bank) -> None:
    bank.fund(COIN)
    row = await waiting(bank)
    answer = await bank.running.call("POST", f"/v1/transactions/{row['id']}/drop", {})
    assert answer.json()["replacedTxHash"] == row["txHash"]
    cancel = bank.kernel.pool[(await replaced(bank, row))["txHash"]]
    assert len(cancel.outputs) == 1
    found = await bank.mined(row["id"])
    assert (found["status"], found["subStatus"]) == ("FAILED", "dropped")
    assert await bank.balance() * COIN == pytest.approx(COIN - cancel.fee)
    assert (await bank.mined(await bank.running.submit(payment("0.5"))))["status"] == "COMPLETED"


async def test_change_that_may_never_be_is_not_spent(bank: Bank) -> None:
    """Neither is a transaction replaced whose change another one spends."""
    bank.fund(COIN)
    row = await waiting(bank)
    later = await waiting(bank)
    answer = await dearer(bank, row)
    assert (answer.status_code, answer.json()["code"]) == (409, 1443)
    assert (await dearer(bank, later)).status_code == 200
    await replaced(bank, later)
    third = await bank.running.finished(await bank.running.submit(payment("0.1")))
    assert (third["status"], third["subStatus"]) == ("FAILED", "insufficient_funds")
    for each in (row, later):
        assert (await bank.mined(each["id"]))["status"] == "COMPLETED"


async def test_coins_that_leave_nothing_cannot_pay_more(bank: Bank) -> None:
    bank.fund(COIN // 4 + 400)
    row = await waiting(bank)
    answer = await dearer(bank, row)
    assert (answer.status_code, answer.json()["code"]) == (409, 1443)
    assert (await bank.mined(row["id"]))["status"] == "COMPLETED"
