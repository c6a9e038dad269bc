"""The machine approver on calls and messages: its rules see what signers see, its handler the exact bytes."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_hash.auto import keccak

from quorate.client.approver import rules
from quorate.client.approver.asked import fetch
from quorate.client.approver.record import Record
from tests.cli import calls
from tests.cli.calls import MULTISEND, batch, pay, permit2, safe_call, safe_tx
from tests.cli.handler import BAD_ANSWERS, Handler
from tests.cli.shown import Place, Request, bytes_for, recorded, said, shown
from tests.judge.calls import SPENDER, STRANGER, call, data_of, permit, personal, typed
from tests.judge.cluster import SHOP, TOKEN, Cluster, transfer

FUND = "0x" + "22" * 20
STAKE = data_of("stake(uint256)", 7)
RULES = f"""
rules:
  - {{name: never-permit, messages: [Vote], operations: [TYPED_MESSAGE], verdict: refuse}}
  - name: payouts
    operations: [TRANSFER]
    assets: [USDC]
    destinations: [whitelist]
    max_amount: 0.001 USDC
    window: {{seconds: 3600, max: 0.001 USDC, per: []}}
    verdict: allow
  - name: ether
    operations: [TRANSFER]
    assets: [ETH]
    destinations: [whitelist]
    window: {{seconds: 3600, max: 0.000000000000001 ETH, per: []}}
    verdict: allow
  - name: spender
    operations: [APPROVE]
    assets: [USDC]
    max_amount: 0.001 USDC
    lifts: [{{prohibition: approval_to_unknown_spender, subjects: ["{SPENDER}"]}}]
    verdict: allow
  - name: safe
    operations: [CONTRACT_CALL, DELEGATECALL]
    contracts: ["{calls.SAFE}", "{MULTISEND}"]
    lifts: [{{prohibition: delegatecall, subjects: ["{MULTISEND} 0x8d80ff0a"]}}]
    verdict: allow
  - name: stake
    operations: [CONTRACT_CALL]
    contracts: ["{FUND}"]
    lifts: [{{prohibition: blind, subjects: ["{FUND} 0x{STAKE[:4].hex()}"]}}]
    verdict: allow
  - {{name: sign-in, operations: [TYPED_MESSAGE], messages: [personal_text], verdict: allow}}
  - name: one-time
    operations: [TRANSFER]
    assets: [BTC]
    destinations: [one_time]
    verdict: allow
"""


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return calls.with_safe()


@pytest.fixture
def by_rules(machine: Any, tmp_path: Path) -> Any:
    (tmp_path / "rules.yaml").write_text(RULES)
    return lambda *options: machine("--rules", tmp_path / "rules.yaml", *options)


def bodies(cluster: Cluster) -> dict[str, tuple[dict[str, Any], str]]:
    return {
        "a payment": (call(pay(600)), "APPROVE"),
        "a payment above the limit": (call(pay(1001)), "IGNORE"),
        "a payment to a stranger": (call(pay(to=STRANGER)), "IGNORE"),
        "an allowance": (call(data_of("approve(address,uint256)", SPENDER, 1000)), "APPROVE"),
        "an allowance above the limit": (call(data_of("approve(address,uint256)", SPENDER, 1001)), "IGNORE"),
        "an allowance without end": (
            call(data_of("approve(address,uint256)", SPENDER, 2**256 - 1)), "IGNORE",
        ),
        "an allowance for a stranger": (call(data_of("approve(address,uint256)", STRANGER, 1)), "IGNORE"),
        "a method that one rule lifts": (call(STAKE, to=FUND), "APPROVE"),
        "the same method elsewhere": (call(STAKE, to=STRANGER), "IGNORE"),
        "a method nobody knows": (call(b"\x12\x34\x56\x78", to=FUND), "IGNORE"),
        "another owner": (call(data_of("transferOwnership(address)", STRANGER)), "IGNORE"),
        "our Safe pays": (safe_call(pay(600)), "APPROVE"),
        "our Safe pays a stranger": (safe_call(pay(to=STRANGER)), "IGNORE"),
        "our Safe pays two": (
            safe_call(batch((TOKEN, pay(400)), (TOKEN, pay(600))), to=MULTISEND, operation=1), "APPROVE",
        ),
        "our Safe pays two too much": (
            safe_call(batch((TOKEN, pay(400)), (TOKEN, pay(601))), to=MULTISEND, operation=1), "IGNORE",
        ),
        "our Safe runs foreign code": (safe_call(pay(), to=calls.CODE, operation=1), "IGNORE"),
        "a Safe that is not ours": (safe_call(pay(), safe=calls.OTHER_SAFE), "IGNORE"),
        "a text": (typed(personal()), "APPROVE"),
        "bytes that are no text": (typed(personal(b"\xff")), "IGNORE"),
        "a text and a permit": (typed(personal(), permit(cluster, STRANGER, 1)), "IGNORE"),
        "a permit": (typed(permit(cluster, SPENDER, 1000)), "APPROVE"),
        "a permit above the limit": (typed(permit(cluster, SPENDER, 1001)), "IGNORE"),
        "Permit2": (typed(permit2(SPENDER, 1000)), "APPROVE"),
        "Permit2 for a stranger": (typed(permit2(STRANGER, 1)), "IGNORE"),
        "a Safe's transaction": (typed(safe_tx(pay(600))), "APPROVE"),
        "a Safe's transaction for a stranger": (typed(safe_tx(pay(to=STRANGER))), "IGNORE"),
        "what a rule refuses": (
            typed(calls.eip712("Vote", {"Vote": [("of", "uint256")]}, {"name": "DAO"}, {"of": 1})), "REJECT",
        ),
    }  # fmt: skip


def test_rules_judge_what_calls_and_messages_do(place: Place, tmp_path: Path) -> None:
    """Each by itself: nothing is on record yet."""
    (tmp_path / "rules.yaml").write_text(RULES)
    cases = bodies(place.cluster)
    with closing(Record(tmp_path / "record")) as record:
        policy = rules.read(tmp_path / "rules.yaml", place.cluster.charter.assets)
        source = rules.Rules(policy, record, time.time)
        found = {name: _asked(source, place, body) for name, (body, _) in cases.items()}
    assert found == {name: action for name, (_, action) in cases.items()}
    assert len(found) == 27


def _asked(source: rules.Rules, place: Place, body: dict[str, Any]) -> str:
    waiting = shown(place, body)
    asked = fetch(place.url, (place.cluster.charter,), waiting.intent.hash, int(time.time()))
    return source.ask(asked, "").action


def test_windows_count_transfers_calls_and_messages_alike(
    place: Place, by_rules: Any, tmp_path: Path
) -> None:
    """1,000 an hour: by a call, by a Safe's two payments at once, then nothing more."""
    first = shown(place, call(pay(300)))
    by_rules()
    second = shown(place, safe_call(batch((TOKEN, pay(200)), (TOKEN, pay(300))), to=MULTISEND, operation=1))
    by_rules()
    shown(place, typed(safe_tx(pay(201))))
    by_rules()
    last = shown(place, typed(safe_tx(pay(200))))
    by_rules()
    approved = dict.fromkeys(intent for _, intent in said(place))
    assert list(approved) == [first.hash, second.hash, last.hash], "each run sends again what waits"
    moved = [entry["moved"] for entry in recorded(tmp_path)]
    assert moved[:2] == [[{"destination": SHOP, "asset": "USDC", "amount": n}] for n in ("300", "500")]
    assert [entry["action"] for entry in recorded(tmp_path)] == ["APPROVE", "APPROVE", "IGNORE", "APPROVE"]


def test_all_that_one_request_moves_is_counted(place: Place, by_rules: Any, tmp_path: Path) -> None:
    """A Safe's batch of two assets counts in both windows."""
    steps = batch((TOKEN, pay(600)))
    both = steps[:36] + _two_assets()
    shown(place, safe_call(both, to=MULTISEND, operation=1))
    by_rules()
    shown(place, call(pay(401)))
    shown(place, transfer("0.000000000000000401"))
    by_rules()
    entries = recorded(tmp_path)
    assert [entry["action"] for entry in entries] == ["APPROVE", "IGNORE", "IGNORE"]
    assert sorted((one["asset"], one["amount"]) for one in entries[0]["moved"]) == [
        ("ETH", "600"),
        ("USDC", "600"),
    ]


def _two_assets() -> bytes:
    """The argument of multiSend: 600 of the token, then 600 wei, both to the shop."""
    paid = pay(600)
    packed = bytes([0]) + bytes.fromhex(TOKEN[2:]) + bytes(32) + len(paid).to_bytes(32, "big") + paid
    packed += bytes([0]) + bytes.fromhex(SHOP[2:]) + (600).to_bytes(32, "big") + bytes(32)
    return data_of("multiSend(bytes)", packed)[36:]


def test_a_whitelisted_address_is_whitelisted_whatever_the_request_calls_it(
    place: Place, by_rules: Any, tmp_path: Path
) -> None:
    to = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": SHOP}}
    named = shown(place, transfer("0.0000000000000001", destination=to))
    by_rules()
    assert said(place) == [("approve", named.hash)]
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - {name: any, assets: [ETH], destinations: [one_time], verdict: allow}\n"
    )
    shown(place, transfer("0.0000000000000002", destination=to))
    with closing(Record(tmp_path / "other")) as record:
        policy = rules.read(tmp_path / "rules.yaml", place.cluster.charter.assets)
        source = rules.Rules(policy, record, time.time)
        assert _asked(source, place, transfer("0.0000000000000003", destination=to)) == "IGNORE"
        stranger = {**to, "oneTimeAddress": {"address": STRANGER}}
        assert _asked(source, place, transfer("0.0000000000000003", destination=stranger)) == "APPROVE"


def test_the_fee_is_judged_by_the_ceiling(place: Place, tmp_path: Path) -> None:
    """The bytes that are shown may be cheap, and others signed: a statement covers both."""
    waiting = shown(place, call(pay()))
    asked = fetch(place.url, (place.cluster.charter,), waiting.intent.hash, int(time.time()))
    (fee,) = [effect for effect in asked.subject.effects if effect["type"] == "fee"]
    assert int(str(fee["max_amount"])) < 10**15
    with closing(Record(tmp_path / "record")) as record:
        for most, action in ((waiting.intent.fee_ceiling, "APPROVE"), (10**15, "IGNORE")):
            (tmp_path / "fee.yaml").write_text(
                f"rules:\n  - {{name: any, chains: [evm], max_fee: '{most}', verdict: allow}}\n"
            )
            policy = rules.read(tmp_path / "fee.yaml", place.cluster.charter.assets)
            assert rules.Rules(policy, record, time.time).ask(asked, "").action == action


def test_lookalikes_of_what_was_approved_before_are_seen(place: Place, tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text("rules:\n  - {name: any, assets: [USDC], verdict: allow}\n")
    like = STRANGER[:12] + "ab" * 10 + STRANGER[-10:]
    with closing(Record(tmp_path / "record")) as record:
        policy = rules.read(tmp_path / "any.yaml", place.cluster.charter.assets)
        source = rules.Rules(policy, record, time.time)
        assert _asked(source, place, call(pay(1, like))) == "APPROVE"
        record.add(
            {
                "time_ms": 1, "intent": "00" * 32, "action": "APPROVE", "user": "", "source": "",
                "moved": [{"destination": STRANGER, "asset": "USDC", "amount": "1"}],
            }
        )  # fmt: skip
        assert _asked(source, place, call(pay(1, like))) == "IGNORE"


# ---- a server that lies


def _lie(shown: Request, **changes: Any) -> None:
    shown.document["attempt"]["bytes"] = bytes_for(shown.intent, **changes).hex()


@pytest.mark.parametrize(
    "changes",
    [{"data": pay(601)}, {"to": STRANGER}, {"value": 1}, {"chain_id": 1}, {"gas": 30_000_000}],
    ids=["data", "contract", "value", "chain", "fee"],
)
def test_nobody_is_asked_about_other_bytes(
    place: Place, by_rules: Any, by_callback: Any, handler: Handler, tmp_path: Path, changes: dict[str, Any]
) -> None:
    _lie(shown(place, call(pay())), **changes)
    assert by_rules().json["sent"] == 0
    assert by_callback().json["sent"] == 0
    assert (place.posted, recorded(tmp_path), handler.asked) == ([], [], [])


def test_nobody_is_asked_about_a_message_for_another_chain(
    place: Place, by_rules: Any, by_callback: Any, handler: Handler, tmp_path: Path
) -> None:
    shown(place, typed(permit(place.cluster, SPENDER, 5, 1)))
    shown(place, typed(permit2(SPENDER, 5, 1)))
    for once in (by_rules, by_callback):
        answer = once()
        assert answer.json["sent"] == 0
        assert answer.err.count("chain_match") == 2
    assert (place.posted, recorded(tmp_path), handler.asked) == ([], [], [])


def test_nothing_is_approved_while_the_key_is_withheld(
    place: Place, by_rules: Any, by_callback: Any, handler: Handler
) -> None:
    place.withheld.add("ecdsa")
    for body in (call(pay()), typed(permit(place.cluster, SPENDER, 5)), transfer()):
        shown(place, body)
    assert (by_rules().json["sent"], by_callback().json["sent"]) == (0, 0)
    assert (place.posted, handler.asked) == ([], [])


# ---- the callback


def test_the_handler_is_given_the_exact_bytes_of_a_call(
    place: Place, by_callback: Any, handler: Handler
) -> None:
    waiting = shown(place, call(pay(), externalTxId="call-1"))
    assert by_callback().json["sent"] == 1
    assert handler.paths == ["/v2/tx_sign_request"]
    (asked,) = handler.asked
    expected = {
        "txId": waiting.document["transaction"],
        "externalTxId": "call-1",
        "operation": "CONTRACT_CALL",
        "sourceType": "VAULT",
        "sourceId": "0",
        "destType": "ONE_TIME_ADDRESS",
        "destAddressType": "ONE_TIME",
        "destAddress": TOKEN,
        "asset": "ETH",
        "amount": 0.0,
        "amountStr": "0",
        "fee": "0.01",
        "signerId": "frank",
    }
    assert {name: asked[name] for name in expected} == expected
    assert asked["rawTx"] == [
        {
            "keyDerivationPath": "[ 44, 60, 0, 0, 0 ]",
            "rawTx": waiting.data.hex(),
            "payload": keccak(waiting.data).hex(),
        }
    ]
    assert said(place) == [("approve", waiting.hash)]


def test_the_handler_is_given_messages_and_what_is_signed(
    place: Place, by_callback: Any, handler: Handler
) -> None:
    message = permit(place.cluster, SPENDER, 5)
    waiting = shown(place, typed(message, personal()))
    assert by_callback().json["sent"] == 1
    (asked,) = handler.asked
    assert (asked["operation"], asked["asset"], asked["sourceId"]) == ("TYPED_MESSAGE", "ETH", "0")
    assert not {"destAddress", "amount", "destinations"} & set(asked)
    digest = _hash_eip191_message(encode_typed_data(full_message=message["content"]))
    texts = [entry["rawTx"] for entry in asked["rawTx"]]
    assert texts == [m.content.hex() for m in waiting.intent.messages]
    assert [entry["payload"] for entry in asked["rawTx"]] == [
        digest.hex(),
        keccak(b"\x19Ethereum Signed Message:\n7Sign in").hex(),
    ]
    assert {entry["keyDerivationPath"] for entry in asked["rawTx"]} == {"[ 44, 60, 0, 0, 0 ]"}
    assert said(place) == [("approve", waiting.hash)]


@pytest.mark.parametrize("kind", ["call", "message"])
@pytest.mark.parametrize("name", ["retry", "plain JSON", "another request id", "another key", "no algorithm"])
def test_a_bad_answer_approves_no_call_and_no_message(
    place: Place, by_callback: Any, handler: Handler, tmp_path: Path, name: str, kind: str
) -> None:
    shown(place, call(pay()) if kind == "call" else typed(permit(place.cluster, SPENDER, 5)))
    handler.answer = BAD_ANSWERS[name]
    answer = by_callback()
    assert (answer.json["sent"], len(handler.asked)) == (0, 1)
    assert (place.posted, recorded(tmp_path)) == ([], [])


def test_a_late_answer_approves_no_message(
    place: Place, by_callback: Any, handler: Handler, tmp_path: Path
) -> None:
    shown(place, typed(permit(place.cluster, SPENDER, 5)))
    handler.delay = 1.6
    assert by_callback().json["sent"] == 0
    assert (place.posted, recorded(tmp_path)) == ([], [])


def test_a_handler_may_reject_a_call(place: Place, by_callback: Any, handler: Handler) -> None:
    waiting = shown(place, call(pay()))
    handler.answer = lambda self, asked: self.say(asked, "REJECT", rejectionReason="no calls")
    by_callback()
    assert said(place) == [("reject", waiting.hash)]
