"""What signatures under well-known typed data allow, and messages that only look like them."""

from collections.abc import Sequence
from typing import Any

import pytest

from quorate.core.chains.effects import Effect
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.typed.messages import READERS
from tests.core.chains.evm.samples import (
    OURS,
    PERMIT2,
    SAFE,
    SENDER,
    TO,
    TOKEN,
    ZERO,
    account,
    call_data,
    fields,
    read_typed,
    typed,
)

A, B = account(0xA), account(0xB)
MAX = 2**256 - 1
AT_TOKEN = {"name": "T", "chainId": 1, "verifyingContract": TOKEN}
AT_PERMIT2 = {"name": "Permit2", "chainId": 1, "verifyingContract": PERMIT2}
AT_SAFE = {"chainId": 1, "verifyingContract": SAFE}
PERMIT = {
    "Permit": ["address owner", "address spender", "uint256 value", "uint256 nonce", "uint256 deadline"]
}
DAI = {"Permit": ["address holder", "address spender", "uint256 nonce", "uint256 expiry", "bool allowed"]}
PERMISSIONS = {"TokenPermissions": ["address token", "uint256 amount"]}
REST = ["address spender", "uint256 nonce", "uint256 deadline"]
A3009 = [
    "address from",
    "address to",
    "uint256 value",
    "uint256 validAfter",
    "uint256 validBefore",
    "bytes32 nonce",
]
SAFE_TX = [
    "address to", "uint256 value", "bytes data", "uint8 operation", "uint256 safeTxGas", "uint256 baseGas",
    "uint256 gasPrice", "address gasToken", "address refundReceiver", "uint256 nonce",
]  # fmt: skip
TRANSFER = "0x" + call_data("transfer(address,uint256)", TO, 5).hex()
SAFE_VALUES: dict[str, Any] = {
    "to": TOKEN, "value": 0, "data": TRANSFER, "operation": 0, "safeTxGas": 0, "baseGas": 0, "gasPrice": 0,
    "gasToken": ZERO, "refundReceiver": ZERO, "nonce": 1,
}  # fmt: skip


def read(
    types: dict[str, list[str]], message: dict[str, Any], domain: dict[str, Any], knowledge: Knowledge = OURS
) -> list[Effect]:
    return list(read_typed(typed(types, next(iter(types)), message, domain), knowledge).effects)


def permit(owner: str = SENDER, **changes: Any) -> dict[str, Any]:
    return {"owner": owner, "spender": A, "value": "5", "nonce": 0, "deadline": 9, **changes}


def approval(**members: Any) -> dict[str, Any]:
    return {"type": "approval", "standard": "erc20", "asset": TOKEN, "owner": SENDER, "spender": A} | members


def test_permit() -> None:
    assert read(PERMIT, permit(), AT_TOKEN) == [
        approval(amount="5", unlimited=False, via="permit", deadline="9")
    ]
    (revoked,) = read(PERMIT, permit(value=0), AT_TOKEN)
    assert revoked["revokes"] is True


def test_a_permit_of_somebody_else() -> None:
    approval_, odd = read(PERMIT, permit(owner=B), AT_TOKEN)
    assert approval_["owner"] == B
    assert odd == {"type": "inconsistent", "reason": "owner_is_not_signer"}
    assert len(read(PERMIT, permit(owner=B), AT_TOKEN, Knowledge())) == 1


@pytest.mark.parametrize(("allowed", "expiry", "amount", "deadline"), [(True, 0, MAX, MAX), (False, 9, 0, 9)])
def test_dai_permit(allowed: bool, expiry: int, amount: int, deadline: int) -> None:
    message = {"holder": SENDER, "spender": A, "nonce": 0, "expiry": expiry, "allowed": allowed}
    (found,) = read(DAI, message, AT_TOKEN)
    assert fields(found, "amount", "unlimited", "deadline") == (str(amount), allowed, str(deadline))


def test_permit2_transfers() -> None:
    one = {"PermitTransferFrom": ["TokenPermissions permitted", *REST], **PERMISSIONS}
    message = {"permitted": {"token": TOKEN, "amount": "5"}, "spender": A, "nonce": 0, "deadline": 9}
    assert read(one, message, AT_PERMIT2) == [
        approval(amount="5", unlimited=False, via="permit2.permitTransferFrom", deadline="9")
    ]
    many = {"PermitBatchTransferFrom": ["TokenPermissions[] permitted", *REST], **PERMISSIONS}
    tokens = [{"token": TOKEN, "amount": "5"}, {"token": B, "amount": "6"}]
    found = read(many, message | {"permitted": tokens}, AT_PERMIT2)
    assert [fields(e, "asset", "amount") for e in found] == [(TOKEN, "5"), (B, "6")]


def witnessed(many: bool, extra: Sequence[str] = (), **structs: list[str]) -> dict[str, list[str]]:
    kind, array = ("Batch", "[]") if many else ("", "")
    name = f"Permit{kind}WitnessTransferFrom"
    own = [f"TokenPermissions{array} permitted", *REST, "Swap witness", *extra]
    return {name: own, "Swap": ["uint256 least"], **PERMISSIONS, **structs}


@pytest.mark.parametrize("many", [False, True])
def test_permit2_with_a_witness(many: bool) -> None:
    permitted: Any = {"token": TOKEN, "amount": "5"}
    message = {
        "permitted": [permitted] if many else permitted, "spender": A, "nonce": 0, "deadline": 9,
        "witness": {"least": 7},
    }  # fmt: skip
    (found,) = read(witnessed(many), message, AT_PERMIT2)
    assert fields(found, "type", "asset", "amount", "witness") == (
        "approval", TOKEN, "5", {"witness": {"least": "7"}},
    )  # fmt: skip
    odd = witnessed(many, ["bool more"])
    assert reasons(read(odd, message | {"more": True}, AT_PERMIT2)) == ["typed_data_not_standard"]


def reasons(found: list[Effect]) -> list[Any]:
    assert found[0]["type"] == "message"
    return [effect["reason"] for effect in found[1:]]


@pytest.mark.parametrize("name", ["TransferWithAuthorization", "ReceiveWithAuthorization"])
def test_eip3009(name: str) -> None:
    message = {
        "from": SENDER, "to": A, "value": 5, "validAfter": 0, "validBefore": 9, "nonce": "0x" + "00" * 32,
    }  # fmt: skip
    (found,) = read({name: A3009}, message, AT_TOKEN)
    assert fields(found, "type", "asset", "from", "to", "amount") == ("token_transfer", TOKEN, SENDER, A, "5")
    assert len(read({name: A3009}, message | {"from": B}, AT_TOKEN)) == 2


@pytest.mark.parametrize("gas", ["baseGas", "dataGas"])
def test_safe_transactions(gas: str) -> None:
    types = {"SafeTx": [member.replace("baseGas", gas) for member in SAFE_TX]}
    values = {name.replace("baseGas", gas): value for name, value in SAFE_VALUES.items()}
    (found,) = read(types, values, AT_SAFE)
    assert fields(found, "type", "from", "via") == ("token_transfer", SAFE, [f"safe:{SAFE}"])


def test_a_refund_by_a_safe_message() -> None:
    transfer, refund = read({"SafeTx": SAFE_TX}, SAFE_VALUES | {"gasPrice": 3}, AT_SAFE)
    assert (transfer["type"], refund["type"], refund["to"]) == ("token_transfer", "safe_refund", "tx.origin")


def test_messages_of_a_safe_are_blind() -> None:
    message, blind = read({"SafeMessage": ["bytes message"]}, {"message": "0x" + "11" * 32}, AT_SAFE)
    assert fields(message, "kind", "safe") == ("safe_message", SAFE)
    assert blind["reason"] == "safe_message_content_unknown"


OFFER = [
    "uint8 itemType",
    "address token",
    "uint256 identifierOrCriteria",
    "uint256 startAmount",
    "uint256 endAmount",
]
SEAPORT = {
    "OrderComponents": [
        "address offerer", "address zone", "OfferItem[] offer", "ConsiderationItem[] consideration",
        "uint8 orderType",
        "uint256 startTime", "uint256 endTime", "bytes32 zoneHash", "uint256 salt", "bytes32 conduitKey",
        "uint256 counter",
    ],
    "OfferItem": OFFER,
    "ConsiderationItem": [*OFFER, "address recipient"],
}  # fmt: skip


def seaport_item(kind: int, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {
        "itemType": kind, "token": TOKEN, "identifierOrCriteria": "7", "startAmount": start,
        "endAmount": end, **more,
    }  # fmt: skip


def test_seaport_orders() -> None:
    """Falling and rising amounts count as the worse one."""
    message = {
        "offerer": SENDER, "zone": ZERO, "offer": [seaport_item(2, 1, 1), seaport_item(1, 3, 9)],
        "consideration": [seaport_item(0, 5, 4, recipient=SENDER)], "orderType": 0, "startTime": 0,
        "endTime": 9,
        "zoneHash": "0x" + "00" * 32, "salt": 0, "conduitKey": "0x" + "00" * 32, "counter": 0,
    }  # fmt: skip
    (order,) = read(SEAPORT, message, AT_TOKEN)
    assert fields(order, "type", "venue", "protocol", "owner") == ("order", TOKEN, "seaport", SENDER)
    assert order["gives"] == [
        {"standard": "erc721", "asset": TOKEN, "amount": "1", "token_id": "7"},
        {"standard": "erc20", "asset": TOKEN, "amount": "9"},
    ]
    assert order["takes"] == [{"standard": "native", "asset": "native", "amount": "4", "to": SENDER}]
    _, odd = read(SEAPORT, message | {"offerer": A}, AT_TOKEN)
    assert odd["reason"] == "owner_is_not_signer"


@pytest.mark.parametrize("name", ["PermitTransferFrom", "PermitSingle", "PermitBatch"])
def test_permit2_messages_for_another_contract_are_blind(name: str) -> None:
    details = ["address token", "uint160 amount", "uint48 expiration", "uint48 nonce"]
    value = {"token": TOKEN, "amount": 5, "expiration": 9, "nonce": 0}
    array = "[]" if name == "PermitBatch" else ""
    types = {
        name: [f"PermitDetails{array} details", "address spender", "uint256 sigDeadline"],
        "PermitDetails": details,
    }
    message: dict[str, Any] = {"details": [value] if array else value, "spender": A, "sigDeadline": 9}
    if name == "PermitTransferFrom":
        types = {name: ["TokenPermissions permitted", *REST], **PERMISSIONS}
        message = {"permitted": {"token": TOKEN, "amount": 5}, "spender": A, "nonce": 0, "deadline": 9}
    assert [effect["type"] for effect in read(types, message, AT_PERMIT2)] == ["approval"]
    approval_, blind = read(types, message, AT_TOKEN)
    assert (approval_["type"], blind["reason"]) == ("approval", "permit2_other_contract")


def test_cow_orders() -> None:
    types = {
        "Order": [
            "address sellToken", "address buyToken", "address receiver", "uint256 sellAmount",
            "uint256 buyAmount",
            "uint32 validTo", "bytes32 appData", "uint256 feeAmount", "string kind", "bool partiallyFillable",
            "string sellTokenBalance", "string buyTokenBalance",
        ]
    }  # fmt: skip
    message = {
        "sellToken": TOKEN, "buyToken": A, "receiver": ZERO, "sellAmount": 5, "buyAmount": 6, "validTo": 9,
        "appData": "0x" + "00" * 32, "feeAmount": 1, "kind": "sell", "partiallyFillable": False,
        "sellTokenBalance": "erc20", "buyTokenBalance": "erc20",
    }  # fmt: skip
    (order,) = read(types, message, AT_TOKEN)
    assert order["gives"] == [{"standard": "erc20", "asset": TOKEN, "amount": "6"}]
    assert order["takes"] == [{"standard": "erc20", "asset": A, "amount": "6", "to": SENDER}]


def test_a_known_name_with_other_members_is_blind() -> None:
    types = {"Permit": [*PERMIT["Permit"], "bool extra"]}
    assert reasons(read(types, permit(extra=True), AT_TOKEN)) == ["typed_data_not_standard"]
    swapped = {"Permit": [PERMIT["Permit"][1], PERMIT["Permit"][0], *PERMIT["Permit"][2:]]}
    assert reasons(read(swapped, permit(), AT_TOKEN)) == ["typed_data_not_standard"]


@pytest.mark.parametrize("name", ["BulkOrder", "MetaTransaction", "ForwardRequest", "PermitForAll"])
def test_known_messages_that_are_not_read_are_blind(name: str) -> None:
    assert reasons(read({name: ["uint256 id"]}, {"id": 1}, AT_TOKEN)) == ["typed_data_not_standard"]


def test_everybody_may_call_a_type_order() -> None:
    assert reasons(read({"Order": ["uint256 id"]}, {"id": 1}, AT_TOKEN)) == []


def test_a_permit_without_a_contract_is_blind() -> None:
    assert reasons(read(PERMIT, permit(), {"name": "T", "chainId": 1})) == ["domain_without_contract"]


def test_unknown_messages_are_shown() -> None:
    (message,) = read(
        {"Vote": ["uint256 id", "bytes x", "bool y"]}, {"id": 1, "x": "0x01", "y": True}, AT_TOKEN
    )
    assert message == {
        "type": "message", "kind": "typed_data", "primary_type": "Vote",
        "encoded_type": "Vote(uint256 id,bytes x,bool y)",
        "domain": {"name": "T", "chainId": "1", "verifyingContract": TOKEN},
        "content": {"id": "1", "x": "0x01", "y": "true"},
    }  # fmt: skip


def test_number_of_known_messages() -> None:
    assert len(READERS) == 13
