"""`quorate approve`: what is shown, what is signed, and what a lying server cannot get signed."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from quorate.core.evidence import approval
from quorate.core.model.statement import from_json
from tests.cli.shown import Place, Request, charter_file, key_file, request, shown
from tests.e2e.terminal import Terminal
from tests.judge.bench import unsigned
from tests.judge.cluster import ASKED, PEOPLE, SHOP, Cluster, raw_eddsa, transfer

LOOKALIKE = SHOP[:6] + "00" * 16 + SHOP[-4:]
STRANGER = "0x" + "11" * 20


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(ASKED, PEOPLE)


def one_time(address: str) -> dict[str, Any]:
    return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}


def test_what_is_posted_verifies_at_every_signer(place: Place, approve: Any) -> None:
    waiting = shown(place, transfer())
    answer = approve(waiting, "--yes")
    assert answer.code == 0, answer
    (posted,) = place.posted
    said = approval.verify(from_json(posted), place.cluster.charter, waiting.intent.hash, int(time.time()))
    assert (said.approver, said.verdict, said.round) == ("dana", "approve", 1)
    assert said.expires_at == waiting.intent.expires_at
    document = answer.json
    assert (document["approver"], document["verdict"], document["warnings"]) == ("dana", "approve", [])
    assert "  sends 1 ETH to " + SHOP + " (whitelist shop)" in document["shown"]
    assert any(line.startswith("  pays a fee of at most 0.") for line in document["shown"])


def test_a_rejection_and_a_second_round(place: Place, approve: Any) -> None:
    made = request(place.cluster, transfer())
    earlier = place.cluster.say("dana", made.intent.hash)
    forged = place.cluster.say("dana", made.intent.hash, round=40, key="mallory")
    from quorate.core.model.statement import to_json

    made.document["statements"] = [to_json(earlier), to_json(forged)]
    place.show(made)
    assert approve(made, "--yes", "--reject").code == 0
    said = approval.verify(
        from_json(place.posted[0]), place.cluster.charter, made.intent.hash, int(time.time())
    )
    assert (said.verdict, said.round) == ("reject", 2), "a forged round counted"


def test_keys_that_are_no_approvers(place: Place, approve: Any) -> None:
    answer = approve(shown(place, transfer()), "--yes", who="mallory")
    assert (answer.code, answer.json["error"]["code"]) == (2, "not_an_approver")
    assert not place.posted


def test_warnings(place: Place, approve: Any) -> None:
    new = approve(shown(place, transfer(destination=one_time(STRANGER))), "--yes").json
    assert new["warnings"] == [
        f"new destination: {STRANGER} is on no list of the charter and none of the accounts named here"
    ]
    from quorate.core.chains.evm.address import checksum

    alike = approve(shown(place, transfer(destination=one_time(checksum(LOOKALIKE)))), "--yes").json
    assert [line.split(":")[0] for line in alike["warnings"]] == ["new destination", "look-alike"]
    assert f"is not {SHOP} (whitelist shop)" in alike["warnings"][1]
    raw = approve(shown(place, raw_eddsa(b"anything")), "--yes").json
    assert raw["warnings"] == ["blind: nobody can say what a signature over these bytes does"]
    assert any("616e797468696e67" in line for line in raw["shown"])


def test_an_unlimited_allowance_is_told(cluster: Cluster) -> None:
    from quorate.client.approver import words
    from quorate.client.approver.asked import Asked
    from quorate.client.approver.warnings import warnings
    from quorate.core.model.intent import Attempt

    made = request(cluster, transfer())
    attempt = Attempt(made.intent.hash, "evm-tx", made.data)
    asked = Asked(cluster.charter, cluster.keys, made.intent, attempt, "", "", (), ())
    effect = {
        "type": "approval",
        "standard": "erc20",
        "asset": STRANGER,
        "spender": SHOP,
        "amount": "1",
        "unlimited": True,
    }
    assert warnings(asked, [effect]) == [f"unlimited allowance: {SHOP} may take everything, at any time"]
    assert "everything there is" in words.effect_words(asked, effect)
    unknown = {"type": "ownership_change", "contract": STRANGER, "new_owner": SHOP, "method": "x"}
    assert words.effect_words(asked, unknown).startswith("ownership change: contract 0x11")


# ---- a server that lies

LIES = {
    "other bytes": ("effects_match", lambda r: _bytes(r, to=STRANGER)),
    "another amount": ("effects_match", lambda r: _bytes(r, value=10**18 + 1)),
    "another chain": ("chain_match", lambda r: _bytes(r, chain_id=1)),
    "a higher fee": ("fee_ceiling", lambda r: _bytes(r, max_fee=10**13)),
    "a call nobody understands": ("blind", lambda r: _bytes(r, data=b"\x12\x34\x56\x78")),
    "no transaction": ("decode", lambda r: r.document["attempt"].update(bytes="02c0")),
    "trailing bytes": ("decode", lambda r: r.document["attempt"].update(bytes=r.data.hex() + "00")),
    "another format": ("attempt_form", lambda r: r.document["attempt"].update(format="raw", bytes="")),
    "another body": ("token_body", lambda r: _request(r, body=b"{}".hex())),
    "another target": ("token_uri", lambda r: _request(r, uri="/v1/vault/accounts")),
    "another method": ("token_uri", lambda r: _request(r, method="PUT")),
    "no token": ("token_form", lambda r: _request(r, token="")),
}


def _bytes(shown: Request, **changes: Any) -> None:
    shown.document["attempt"]["bytes"] = unsigned(shown.intent, **changes).hex()


def _request(shown: Request, **changes: str) -> None:
    shown.document["request"].update(changes)


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_never_signed(place: Place, approve: Any, name: str) -> None:
    code, lie = LIES[name]
    waiting = shown(place, transfer())
    lie(waiting)
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, code), answer
    assert not place.posted


def test_another_request_under_the_hash_is_never_signed(place: Place, approve: Any) -> None:
    """The whole of it genuine, but of another request: shown in place of the one that was named."""
    small, large = shown(place, transfer("1")), shown(place, transfer("9"))
    place.requests[small.hash] = large
    answer = approve(small, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, "intent_hash")
    assert not place.posted


def test_a_viewer_requests_nothing(place: Place, approve: Any) -> None:
    waiting = shown(place, transfer())
    stolen = place.cluster.viewer.request(transfer())
    waiting.document["request"].update(body=stolen.body.hex(), token=stolen.token)
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (1, "token_user")


@pytest.mark.parametrize("missing", ["request", "attempt", "statements", "status", "transaction"])
def test_an_answer_that_lacks_something(place: Place, approve: Any, missing: str) -> None:
    waiting = shown(place, transfer())
    del waiting.document[missing]
    answer = approve(waiting, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (3, "server_answer")


def test_a_rejection_needs_no_honest_server(place: Place, approve: Any) -> None:
    waiting = shown(place, transfer())
    _bytes(waiting, to=STRANGER)
    answer = approve(waiting, "--yes", "--reject")
    assert answer.code == 0, answer
    assert "could not be looked at: effects_match" in answer.json["warnings"][0]
    assert place.posted[0]["statement"]["verdict"] == "reject"


def test_a_hash_that_is_none(approve: Any) -> None:
    answer = approve("abc", "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (2, "bad_hash")
    answer = approve("00" * 32, "--yes")
    assert (answer.code, answer.json["error"]["code"]) == (3, "intent_unknown")


# ---- somebody at a terminal


@pytest.mark.parametrize(("typed", "code", "posts"), [("y", 0, 1), ("n", 1, 0), ("", 1, 0)])
def test_it_asks_before_it_signs(place: Place, tmp_path: Path, typed: str, code: int, posts: int) -> None:
    waiting = shown(place, transfer("2.5"))
    terminal = Terminal()
    about = ["--server", place.url, "--charter", str(charter_file(place.cluster, tmp_path))]
    command = [sys.executable, "-m", "quorate.client.cli.main", "approve", waiting.hash, *about]
    process = terminal.start([*command, "--key", str(key_file("erin", tmp_path))], dict(os.environ))
    try:
        terminal.answer(b"approve it as erin? [y/N]", typed, hidden=False)
        assert process.wait(30) == code
        seen = terminal.rest().decode()
    finally:
        process.kill()
        terminal.close()
    assert f"sends 2.5 ETH to {SHOP} (whitelist shop)" in seen
    assert len(place.posted) == posts
    assert ("erin signed: approve" in seen) == bool(posts)


def test_nobody_at_the_terminal_signs_nothing(place: Place, tmp_path: Path) -> None:
    import subprocess

    waiting = shown(place, transfer())
    about = ["--server", place.url, "--charter", str(charter_file(place.cluster, tmp_path))]
    command = [sys.executable, "-m", "quorate.client.cli.main", "approve", waiting.hash, *about]
    done = subprocess.run(
        [*command, "--key", str(key_file("erin", tmp_path))], stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode == 2, done
    assert b"interrupted" in done.stderr
    assert not place.posted
