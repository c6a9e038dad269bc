"""The machine approver: by its own rules, by a callback, and that whatever goes wrong approves nothing."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quorate.client.approver import rules, signing
from quorate.client.approver.answer import Answer
from quorate.client.approver.asked import Asked
from quorate.client.approver.machine import Machine
from quorate.client.approver.record import NAME, Record
from quorate.core.chains.evm.digest import digest
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Group
from quorate.core.model.intent import Attempt
from tests.bitcoin_bends import KIOSK
from tests.bitcoin_bytes import Payer
from tests.cli.conftest import Answer as Done
from tests.cli.handler import BAD_ANSWERS, Handler, handling
from tests.cli.shown import Place, Request, key_file, recorded, request, said, shown
from tests.judge.bench import unsigned
from tests.judge.cluster import ASKED, ETHER, PEOPLE, SHOP, Cluster, payment, raw_eddsa, transfer

RULES = """
rules:
  - {name: never-usdc, assets: [USDC], verdict: refuse}
  - name: small
    operations: [TRANSFER]
    assets: [ETH]
    destinations: [whitelist]
    max_amount: 2 ETH
    window: {seconds: 3600, max: 3 ETH, per: []}
    verdict: allow
"""


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(ASKED, PEOPLE)


@pytest.fixture
def by_rules(machine: Callable[..., Done], tmp_path: Path) -> Callable[..., Done]:
    (tmp_path / "rules.yaml").write_text(RULES)
    return lambda *options: machine("--rules", tmp_path / "rules.yaml", *options)


# ---- rules


def test_rules_approve_reject_or_leave_it(place: Place, by_rules: Any, tmp_path: Path) -> None:
    small = shown(place, transfer("1.5"))
    shown(place, transfer("2.5"))
    shown(place, raw_eddsa())
    never = shown(place, transfer("5", assetId="USDC"))
    never.document["attempt"]["bytes"] = _token_bytes(never).hex()
    assert by_rules().json == {"approver": "frank", "sent": 2}
    assert said(place) == [("approve", small.hash), ("reject", never.hash)]
    actions = [entry["action"] for entry in recorded(tmp_path)]
    assert actions == ["APPROVE", "IGNORE", "IGNORE", "REJECT"]


def _token_bytes(shown: Request) -> bytes:
    (effect,) = shown.intent.effects
    call = (
        bytes.fromhex("a9059cbb")
        + bytes(12)
        + bytes.fromhex(effect.to[2:])
        + effect.amount.to_bytes(32, "big")
    )
    return unsigned(shown.intent, to=effect.token, value=0, data=call, gas=60_000)


def test_the_window_counts_what_was_approved_before(place: Place, by_rules: Any) -> None:
    for _ in range(3):
        shown(place, transfer("1.5"))
    assert by_rules().json["sent"] == 2
    later = shown(place, transfer("0.1"))
    by_rules()
    assert later.hash not in [intent for _, intent in said(place)], "the window was forgotten"


def test_a_bad_file_of_rules(machine: Any, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [{name: x, verdict: maybe}]")
    answer = machine("--rules", tmp_path / "rules.yaml")
    assert answer.code == 2, answer


def test_exactly_one_source(machine: Any, handler: Handler, tmp_path: Path) -> None:
    for options in ((), ("--callback", handler.url), ("--rules", tmp_path / "r", "--callback", handler.url)):
        answer = machine(*options)
        assert (answer.code, answer.json["error"]["code"]) == (2, "usage")
    key, public = handler.key_files(tmp_path)
    for url in ("ftp://x", "handler", "https://"):
        answer = machine("--callback", url, "--callback-key", key, "--handler-key", public)
        assert (answer.code, answer.json["error"]["code"]) == (2, "bad_url")


# ---- a server that lies


def test_nobody_is_asked_about_bytes_that_do_something_else(
    place: Place, by_callback: Any, handler: Handler, tmp_path: Path
) -> None:
    lied = shown(place, transfer())
    lied.document["attempt"]["bytes"] = unsigned(lied.intent, to="0x" + "11" * 20).hex()
    swapped, other = shown(place, transfer("1")), shown(place, transfer("9"))
    place.requests[swapped.hash] = other
    del place.requests[other.hash]
    assert by_callback().json["sent"] == 0
    assert (handler.asked, place.posted, recorded(tmp_path)) == ([], [], [])


# ---- the callback


def test_what_the_handler_is_asked(place: Place, by_callback: Any, handler: Handler) -> None:
    waiting = shown(place, transfer("1.5", externalTxId="payout-1"))
    assert by_callback().json["sent"] == 1
    assert handler.paths == ["/v2/tx_sign_request"]
    (asked,) = handler.asked
    expected = {
        "txId": waiting.document["transaction"],
        "externalTxId": "payout-1",
        "operation": "TRANSFER",
        "sourceType": "VAULT",
        "sourceId": "0",
        "destType": "UNMANAGED",
        "destId": "shop",
        "destAddressType": "WHITELISTED",
        "destAddress": SHOP,
        "asset": "ETH",
        "amount": 1.5,
        "amountStr": "1.5",
        "requestedAmount": 1.5,
        "requestedAmountStr": "1.5",
        "fee": "0.01",
        "players": [],
        "signerId": "frank",
    }
    assert {name: asked[name] for name in expected} == expected
    assert asked["rawTx"] == [
        {
            "keyDerivationPath": "[ 44, 60, 0, 0, 0 ]",
            "rawTx": waiting.data.hex(),
            "payload": digest(waiting.data).hex(),
        }
    ]
    assert asked["destinations"][0]["displayDstAddress"] == SHOP
    assert said(place) == [("approve", waiting.hash)]


def test_bitcoin_has_an_entry_for_each_signature(
    place: Place, by_callback: Any, handler: Handler, approve: Any
) -> None:
    payer = Payer(place.cluster.keys["ecdsa"], 0)
    coins = [payer.coin(1_000_000, "a"), payer.coin(1_000_000, "b")]
    data = payer.psbt(coins, (KIOSK, 100_000)).encode()
    waiting = shown(place, payment("0.001"), data=data)
    assert by_callback().json["sent"] == 1
    (asked,) = handler.asked
    assert [entry["rawTx"] for entry in asked["rawTx"]] == [data.hex()] * 2
    assert [entry["keyDerivationPath"] for entry in asked["rawTx"]] == ["[ 84, 1, 0, 0, 0 ]"] * 2
    assert len({entry["payload"] for entry in asked["rawTx"]}) == 2
    assert said(place) == [("approve", waiting.hash)]
    seen = approve(waiting, "--yes").json
    assert f"  sends 0.001 BTC to {KIOSK} (whitelist kiosk)" in seen["shown"]
    assert any(" BTC back to the account, at bcrt1q" in line for line in seen["shown"])
    assert seen["warnings"] == [], "change is ours"


def test_raw_content_is_shown_as_it_is(place: Place, by_callback: Any, handler: Handler) -> None:
    shown(place, raw_eddsa(b"content"))
    by_callback()
    assert handler.asked[0]["rawTx"] == [
        {"keyDerivationPath": "[ 1729, 1, 0 ]", "rawTx": b"content".hex(), "payload": b"content".hex()}
    ]
    assert "destAddress" not in handler.asked[0]


@pytest.mark.parametrize(
    ("action", "sent"), [("APPROVE", ["approve"]), ("REJECT", ["reject"]), ("IGNORE", [])]
)
def test_each_final_action_is_asked_for_once(
    place: Place, by_callback: Any, handler: Handler, tmp_path: Path, action: str, sent: list[str]
) -> None:
    waiting = shown(place, transfer())
    handler.answer = lambda self, asked: self.say(asked, action, rejectionReason="as it is")
    by_callback()
    by_callback()
    assert len(handler.asked) == 1
    assert [verdict for verdict, _ in said(place)] == sent * 2, "the same statement may be sent again"
    (entry,) = recorded(tmp_path)
    assert (entry["intent"], entry["action"], entry["reason"]) == (waiting.hash, action, "as it is")
    assert entry["request_id"] == handler.asked[0]["requestId"]


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_approves_nothing(
    place: Place, by_callback: Any, handler: Handler, tmp_path: Path, name: str
) -> None:
    shown(place, transfer())
    handler.answer = BAD_ANSWERS[name]
    answer = by_callback()
    assert (answer.code, answer.json["sent"]) == (0, 0)
    assert "unanswered" in answer.err
    assert (place.posted, recorded(tmp_path)) == ([], [])
    handler.answer = lambda self, asked: self.say(asked, "APPROVE")
    assert by_callback().json["sent"] == 1
    assert len({asked["requestId"] for asked in handler.asked}) == 1, "a question has one id"


@pytest.mark.parametrize("status", [201, 204, 400, 403, 500])
def test_another_http_status_approves_nothing(
    place: Place, by_callback: Any, handler: Handler, status: int
) -> None:
    shown(place, transfer())
    handler.status = status
    assert by_callback().json["sent"] == 0
    assert place.posted == []


def test_a_redirect_is_not_followed(place: Place, by_callback: Any, handler: Handler) -> None:
    shown(place, transfer())
    with handling(Handler(key=handler.key, cosigner=handler.cosigner)) as elsewhere:
        handler.status, handler.headers = 307, {"Location": elsewhere.url + "/v2/tx_sign_request"}
        assert by_callback().json["sent"] == 0
        assert elsewhere.asked == []
    assert place.posted == []


def test_a_late_answer_and_no_handler_approve_nothing(
    place: Place, by_callback: Any, handler: Handler, machine: Any, tmp_path: Path
) -> None:
    shown(place, transfer())
    handler.delay = 1.6
    began = time.monotonic()
    assert by_callback().json["sent"] == 0
    assert time.monotonic() - began < 10
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
        key, public = handler.key_files(tmp_path)
        gone = machine("--callback", nobody, "--callback-key", key, "--handler-key", public)
    assert (gone.code, gone.json["sent"]) == (0, 0)
    assert "callback_unreachable" in gone.err
    assert place.posted == []


# ---- the record, and the loop


class Approving:
    """A source that always says yes, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def ask(self, asked: object, request_id: str) -> Answer:
        self.count += 1
        return Answer("APPROVE", "test")


def a_machine(place: Place, tmp_path: Path, source: Any, clock: Callable[[], float] = time.time) -> Machine:
    key = tmp_path / "frank" if (tmp_path / "frank").exists() else key_file("frank", tmp_path)
    approver = signing.approver_of(key, place.cluster.charter)
    charters = (place.cluster.charter,)
    return Machine(place.url, charters, approver, key, source, Record(tmp_path / "record"), clock)


def test_what_was_recorded_is_sent_after_a_restart_and_not_asked_again(place: Place, tmp_path: Path) -> None:
    waiting = shown(place, transfer())
    place.refuse = ["internal"]
    source = Approving()
    first = a_machine(place, tmp_path, source)
    assert first.run_once() == 0
    assert (len(recorded(tmp_path)), place.posted, source.count) == (1, [], 1)
    first.record.close()
    second = a_machine(place, tmp_path, source)
    assert (second.run_once(), source.count) == (1, 1)
    assert said(place) == [("approve", waiting.hash)]
    assert place.posted[0]["signature"] == recorded(tmp_path)[0]["signature"]
    assert second.run_once() == 0, "sent twice although nothing failed"
    second.record.close()


def test_pauses_grow(place: Place, tmp_path: Path) -> None:
    shown(place, transfer())

    class Silent(Approving):
        def ask(self, asked: object, request_id: str) -> Answer:
            super().ask(asked, request_id)
            raise QuorateError("callback_unreachable", "nobody there", "transport")

    now, source = [time.time()], Silent()
    machine = a_machine(place, tmp_path, source, lambda: now[0])
    asked_at = []
    for second in range(600):
        before = source.count
        machine.run_once()
        if source.count > before:
            asked_at.append(second)
        now[0] += 1
    assert asked_at == [0, 10, 30, 70, 150, 310, 490]
    assert (place.posted, recorded(tmp_path)) == ([], [])
    machine.record.close()


def test_half_a_line_is_cut_off_and_a_broken_one_stops(place: Place, tmp_path: Path) -> None:
    shown(place, transfer())
    machine = a_machine(place, tmp_path, Approving())
    machine.run_once()
    machine.record.close()
    path = tmp_path / "record" / NAME
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"intent": "00')
    record = Record(path.parent)
    assert (len(record.answers), path.read_bytes()) == (1, whole)
    with pytest.raises(QuorateError, match="record_in_use"):
        Record(path.parent)
    record.close()
    path.write_bytes(b"not json\n" + whole)
    with pytest.raises(QuorateError, match="record_broken"):
        Record(path.parent)


def test_a_record_that_cannot_be_written_approves_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(place, transfer())
    machine = a_machine(place, tmp_path, Approving())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("quorate.client.approver.record.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        machine.run_once()
    assert place.posted == []
    machine.record.close()


def test_rules_see_the_amount_as_it_is(cluster: Cluster, tmp_path: Path) -> None:
    """The boundary, to the smallest unit."""
    (tmp_path / "rules.yaml").write_text(RULES)
    record = Record(tmp_path / "record")
    source = rules.Rules(rules.read(tmp_path / "rules.yaml", cluster.charter.assets), record, time.time)
    for amount, action in ((2 * ETHER, "APPROVE"), (2 * ETHER + 1, "IGNORE")):
        made = request(cluster, transfer(f"{amount // ETHER}.{amount % ETHER:018d}"))
        attempt = Attempt(made.intent.hash, "evm-tx", made.data)
        asked = Asked(cluster.charter, cluster.keys, made.intent, attempt, "", "", (), ())
        assert source.ask(asked, "").action == action
    record.close()


def test_rules_know_the_groups_of_the_requester(cluster: Cluster, tmp_path: Path) -> None:
    """A rule that refuses a group must see who is in it."""
    first = "rules:\n  - {name: payers, requester_groups: [payers], verdict: refuse}\n"
    (tmp_path / "rules.yaml").write_text(RULES.replace("rules:\n", first, 1))
    made = request(cluster, transfer())
    with closing(Record(tmp_path / "record")) as record:
        source = rules.Rules(rules.read(tmp_path / "rules.yaml", cluster.charter.assets), record, time.time)
        for members, action in (((made.intent.user,), "REJECT"), (("somebody-else",), "APPROVE")):
            charter = replace(cluster.charter, groups=(Group("payers", members),))
            attempt = Attempt(made.intent.hash, "evm-tx", made.data)
            asked = Asked(charter, cluster.keys, made.intent, attempt, "", "", (), ())
            assert source.ask(asked, "").action == action
