"""The decoder against every tron-tx vector, and what each contract does."""

import hashlib
import json
from typing import Any

import pytest

from quorate.core.chains.tron import address
from quorate.core.chains.tron.context import TronContext
from quorate.core.chains.tron.decode import decode_tx, read_tx
from quorate.core.errors import QuorateError
from tests.core.chains.tron.published import OWNER, TO, TOKEN, call, contract, message, number, of, raw, words
from tests.core.vectors import OWN

OWNER_TEXT, TO_TEXT, TOKEN_TEXT = (address.from_bytes(a) for a in (OWNER, TO, TOKEN))
UNLIMITED = 2**256 - 1
FREE = {"type": "fee", "asset": "TRX"}
LIMITED = {"type": "fee", "asset": "TRX", "max_amount": "30000000"}


def tron_items() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in [OWN / "good/tron.json", *sorted((OWN / "incidents").glob("*.json"))]:
        document = json.loads(path.read_text())
        for case in document.get("cases", [document]):
            for place, item in enumerate(case["items"]):
                if item["format"] == "tron-tx":
                    found.append((f"{case['id']}/{place}", item))
    return found


def known(effect: dict[str, Any]) -> dict[str, Any]:
    """Without what the vectors leave open: notes, and a bound that is not in the bytes."""
    return {k: v for k, v in effect.items() if k != "note" and v is not None}


def test_every_vector() -> None:
    """Effects are equal member by member, and so are digest and contract."""
    items = tron_items()
    for name, item in items:
        data = bytes.fromhex(item["bytes"])
        decoded = decode_tx(data, TronContext("mainnet"))
        assert list(decoded.effects) == [known(e) for e in item["expected"]["effects"]], name
        assert not decoded.blind
        assert decoded.to_json()["digests"] == [
            {"algorithm": "sha256", "value": "0x" + item["digest"]["value"]}
        ]
        transaction = read_tx(data)
        assert transaction.contract == item["contract_type"]
        assert transaction.owner == "TWTJNnGiJFv1qqgG6uSVDPihQQ4Y8mCC8b"
        assert (transaction.ref_block_bytes.hex(), transaction.ref_block_hash.hex()) == (
            "a1b2",
            "6a5cd181ce912ebb",
        )
        assert transaction.expiration > transaction.timestamp > 1_700_000_000_000
    assert len(items) == 6


def test_fields_of_a_transaction() -> None:
    data = raw(
        contract("TransferContract", owner_address=OWNER, to_address=TO, amount=7, permission=9),
        data=b"hello",
        fee_limit=5,
    )
    transaction = read_tx(data)
    assert (transaction.fee_limit, transaction.data, transaction.permission_id) == (5, b"hello", 9)
    assert (transaction.contract_type, transaction.size) == (1, len(data))
    assert transaction.txid == hashlib.sha256(data).digest()
    assert decode_tx(data, TronContext("nile")).chain == {"family": "tron", "network": "nile"}


def trc20(**members: Any) -> dict[str, Any]:
    return {"type": "token_transfer", "standard": "trc20", "asset": TOKEN_TEXT, **members}


def approval(via: str, amount: int, unlimited: bool = False, **members: Any) -> dict[str, Any]:
    return {
        "type": "approval", "standard": "trc20", "asset": TOKEN_TEXT, "owner": OWNER_TEXT, "spender": TO_TEXT,
        "amount": str(amount), "unlimited": unlimited, "via": via, **members,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "effects"),
    [
        (
            words("a9059cbb", number(TO), 5),
            [trc20(**{"from": OWNER_TEXT, "to": TO_TEXT, "amount": "5"})],
        ),
        (
            words("23b872dd", number(TO), number(OWNER), 5),
            [
                trc20(
                    **{"from": TO_TEXT, "to": OWNER_TEXT, "amount": "5"},
                    spender=OWNER_TEXT,
                    via="transferFrom",
                )
            ],
        ),
        (words("095ea7b3", number(TO), 0), [approval("approve", 0, revokes=True)]),
        (words("095ea7b3", number(TO), 9), [approval("approve", 9)]),
        (words("095ea7b3", number(TO), 2**255 - 1), [approval("approve", 2**255 - 1)]),
        (words("095ea7b3", number(TO), 2**255), [approval("approve", 2**255, True)]),
        (words("d73dd623", number(TO), 0), [approval("increaseApproval", 0)]),
        (words("d73dd623", number(TO), UNLIMITED), [approval("increaseApproval", UNLIMITED, True)]),
        (words("39509351", number(TO), 9), [approval("increaseAllowance", 9)]),
    ],
)
def test_calls_of_tokens(data: bytes, effects: list[dict[str, Any]]) -> None:
    decoded = decode_tx(call(data))
    assert list(decoded.effects) == [*effects, LIMITED]
    assert not decoded.blind


def blind_call(selector: str, reason: str) -> list[dict[str, Any]]:
    return [
        {"type": "contract_call", "to": TOKEN_TEXT, "selector": "0x" + selector, "blind": True},
        {"type": "blind", "reason": reason, "contract": TOKEN_TEXT},
    ]


COINS = {"type": "native_transfer", "asset": "TRX", "from": OWNER_TEXT, "to": TOKEN_TEXT, "amount": "3"}
TOKENS = {
    "type": "token_transfer", "standard": "trc10", "asset": "1000226", "from": OWNER_TEXT, "to": TOKEN_TEXT,
    "amount": "4",
}  # fmt: skip
GOOD = words("a9059cbb", number(TO), 5)


@pytest.mark.parametrize(
    ("data", "members", "effects"),
    [
        (b"", {}, blind_call("", "unknown_call")),
        (b"\xa9\x05", {}, blind_call("a905", "unknown_call")),
        (words("a22cb465", number(TO), 1), {}, blind_call("a22cb465", "unknown_call")),
        (GOOD[:4], {}, blind_call("a9059cbb", "not_abi")),
        (GOOD[:-1], {}, blind_call("a9059cbb", "not_abi")),
        (GOOD + b"\0", {}, blind_call("a9059cbb", "not_abi")),
        (words("a9059cbb", number(TO) | 1 << 160, 5), {}, blind_call("a9059cbb", "not_abi")),
        (words("a9059cbb", 0x41 << 160 | number(TO), 5), {}, blind_call("a9059cbb", "not_abi")),
        (GOOD, {"call_value": 3}, [COINS, *blind_call("a9059cbb", "value_with_call")]),
        (
            GOOD,
            {"call_token_value": 4, "token_id": 1000226},
            [TOKENS, *blind_call("a9059cbb", "value_with_call")],
        ),
        (
            b"\xd0\xe3\x0d\xb0",
            {"call_value": 3, "call_token_value": 4, "token_id": 1000226},
            [COINS, TOKENS, *blind_call("d0e30db0", "unknown_call")],
        ),
    ],
)
def test_calls_that_are_blind(data: bytes, members: dict[str, int], effects: list[dict[str, Any]]) -> None:
    """What goes along with them is known all the same."""
    decoded = decode_tx(call(data, **members))
    assert list(decoded.effects) == [*effects, LIMITED]
    assert decoded.blind


def moved(type: str, **members: Any) -> dict[str, Any]:
    return {"type": type, "from": OWNER_TEXT, "to": TO_TEXT, **members}


def delegation(**members: Any) -> dict[str, Any]:
    return {"type": "resource_delegation", "amount": "8", **members}


VOTES = [message("VoteWitnessContract.Vote", vote_address=a, vote_count=c) for a, c in ((TO, 2), (TOKEN, 3))]
STAKE = {"account": OWNER_TEXT, "authority": OWNER_TEXT}
OUT, BACK = {"from": OWNER_TEXT, "to": TO_TEXT}, {"from": TO_TEXT, "to": OWNER_TEXT}
SELF = {"from": OWNER_TEXT, "to": OWNER_TEXT}
DUE = {
    "type": "blind",
    "reason": "amount_not_in_bytes",
    "account": OWNER_TEXT,
    "to": OWNER_TEXT,
    "asset": "TRX",
}
MADE = {"type": "account_create", "account": TO_TEXT, "owner": TO_TEXT, "asset": "TRX", "funder": OWNER_TEXT}


@pytest.mark.parametrize(
    ("name", "members", "effects"),
    [
        (
            "TransferContract",
            {"to_address": TO, "amount": 2**63 - 1},
            [moved("native_transfer", asset="TRX", amount=str(2**63 - 1))],
        ),
        (
            "TransferAssetContract",
            {"asset_name": b"1002000", "to_address": TO, "amount": 5},
            [moved("token_transfer", standard="trc10", asset="1002000", amount="5")],
        ),
        (
            "TransferAssetContract",
            {"asset_name": b"BitTorrent", "to_address": TO, "amount": 5},
            [
                {
                    "type": "blind", "reason": "trc10_name", "asset": "0x426974546f7272656e74", "to": TO_TEXT,
                    "amount": "5",
                }
            ],
        ),
        ("AccountCreateContract", {"account_address": TO}, [MADE]),
        (
            "AccountCreateContract",
            {"account_address": TO, "type": 2},
            [MADE, {"type": "blind", "reason": "account_type", "account_type": "2"}],
        ),
        (
            "VoteWitnessContract",
            {"votes": VOTES, "support": True},
            [
                {"type": "stake_delegate", "vote": TO_TEXT, "votes": "2", **STAKE},
                {"type": "stake_delegate", "vote": TOKEN_TEXT, "votes": "3", **STAKE},
            ],
        ),
        ("WithdrawBalanceContract", {}, [{**DUE, "via": "WithdrawBalanceContract"}]),
        ("WithdrawExpireUnfreezeContract", {}, [{**DUE, "via": "WithdrawExpireUnfreezeContract"}]),
        (
            "FreezeBalanceV2Contract",
            {"frozen_balance": 8, "resource": 2},
            [delegation(resource="TRON_POWER", via="FreezeBalanceV2Contract", **SELF)],
        ),
        (
            "UnfreezeBalanceV2Contract",
            {"unfreeze_balance": 8, "resource": 1},
            [
                {
                    "type": "stake_deactivate", "amount": "8", "resource": "ENERGY",
                    "via": "UnfreezeBalanceV2Contract", **STAKE,
                }
            ],
        ),
        (
            "DelegateResourceContract",
            {"resource": 1, "balance": 8, "receiver_address": TO},
            [delegation(resource="ENERGY", **OUT)],
        ),
        (
            "DelegateResourceContract",
            {"balance": 8, "receiver_address": TO, "lock": True, "lock_period": 9},
            [delegation(resource="BANDWIDTH", lock=True, lock_period="9", **OUT)],
        ),
        (
            "UnDelegateResourceContract",
            {"resource": 1, "balance": 8, "receiver_address": TO},
            [delegation(resource="ENERGY", via="UnDelegateResourceContract", **BACK)],
        ),
    ],
)  # fmt: skip
def test_contracts(name: str, members: dict[str, Any], effects: list[dict[str, Any]]) -> None:
    data = of(name, **members)
    decoded = decode_tx(data)
    assert list(decoded.effects) == [*effects, FREE]
    assert decoded.blind is any(effect["type"] == "blind" for effect in effects)
    assert read_tx(data).owner == OWNER_TEXT


def permission(kind: int, key_count: int = 1, **members: Any) -> Any:
    operations = b"\x7f" + bytes(31) if kind == 2 else b""
    listed = [message("Key", address=b"\x41" + bytes([i]) * 20, weight=i + 1) for i in range(key_count)]
    fields = {"type": kind, "permission_name": "p", "threshold": 2, "operations": operations, "keys": listed}
    return message("Permission", **{**fields, **members})


def test_permission_update() -> None:
    """Who may sign for the account afterwards, all of it."""
    data = of(
        "AccountPermissionUpdateContract",
        owner=permission(0),
        witness=permission(1),
        actives=[permission(2, 2, id=2), permission(2, permission_name="")],
    )
    keys = [{"address": address.from_bytes(b"\x41" + bytes([i]) * 20), "weight": str(i + 1)} for i in (0, 1)]
    common = {"type": "permission_update", "account": OWNER_TEXT, "threshold": "2"}
    active = {**common, "permission": "active", "operations": "0x7f" + "00" * 31}
    assert list(decode_tx(data).effects) == [
        {**common, "permission": "owner", "name": "p", "keys": keys[:1]},
        {**common, "permission": "witness", "name": "p", "keys": keys[:1]},
        {**active, "name": "p", "keys": keys},
        {**active, "name": "", "keys": keys[:1]},
        FREE,
    ]


@pytest.mark.parametrize("kind", [3, 11, 12, 30, 33, 41, 52, 59, 60, 2**31 - 1])
def test_other_contracts_are_blind(kind: int) -> None:
    """Whoever their bytes say they are: their message is not looked at."""
    data = raw(contract("TransferContract", kind, owner_address=OWNER, to_address=TO, amount=1), fee_limit=9)
    decoded = decode_tx(data)
    fee = {**FREE, "max_amount": "9"} if kind == 30 else FREE
    claim = {"contract_type": str(kind), "via": "TransferContract"}
    assert list(decoded.effects) == [{"type": "blind", "reason": "unknown_contract_type", **claim}, fee]
    assert decoded.blind
    assert read_tx(data).owner is None


@pytest.mark.parametrize(
    ("memo", "effect"),
    [
        (b"", None),
        ("order 7 ✓".encode(), {"type": "memo", "text": "order 7 ✓"}),
        (b"\xff\x00", {"type": "data", "hex": "ff00"}),
    ],
)
def test_memo(memo: bytes, effect: dict[str, str] | None) -> None:
    plain = contract("TransferContract", owner_address=OWNER, to_address=TO, amount=1)
    assert list(decode_tx(raw(plain, data=memo)).effects)[1:-1] == ([effect] if effect else [])


@pytest.mark.parametrize(
    ("value", "network"),
    [
        ({}, "mainnet"),
        ({"own_addresses": [], "chain": {"family": "tron", "network": "nile"}}, "nile"),
        ({"chain": None}, "mainnet"),
    ],
)
def test_context(value: object, network: str) -> None:
    assert TronContext.from_json(value) == TronContext(network)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"chain": "tron"},
        {"chain": {"family": "evm", "network": "mainnet"}},
        {"chain": {"family": "tron"}},
        {"chain": {"family": "tron", "network": "Main Net"}},
        {"chain": {"family": "tron", "network": "mainnet", "id": 1}},
    ],
)
def test_context_that_is_none(value: object) -> None:
    with pytest.raises(QuorateError):
        TronContext.from_json(value)
