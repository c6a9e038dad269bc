"""Freezes, vetoes and the timelock, end to end: real processes, and the commands that people run. The tests
follow one another on one cluster.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fireblocks.exceptions import ApiException

from quorate.client.ceremony import http
from quorate.client.dev import commands
from quorate.core.errors import QuorateError
from tests.e2e.governed import TIMELOCK, Governed
from tests.small_cluster import EDDSA, SIGNERS, small_cluster, until


@pytest.fixture(scope="module")
def governed() -> Iterator[Governed]:
    with small_cluster(kind=Governed) as cluster:
        try:
            cluster.bring_up()
            cluster.create_key(EDDSA)
            yield cluster
        finally:
            for name in ("server", *SIGNERS):
                print(f"--- {name}\n{cluster.log(name)[-4000:]}")


def refused(cluster: Governed, content: bytes, user: str = "payments") -> str:
    """The words with which a request is turned away."""
    with pytest.raises(ApiException) as caught:
        cluster.sign(content, user)
    return str(caught.value)


def freezes(cluster: Governed) -> dict[str, Any]:
    return http.call(cluster.url, "/quorate/v1/freezes")


def test_one_administrator_freezes_through_the_server(governed: Governed) -> None:
    assert governed.sign(b"before").status == "COMPLETED"
    answer = governed.freeze()
    assert answer["effective"]
    assert answer["acknowledged"] == list(SIGNERS)
    assert "frozen" in refused(governed, b"after")
    status = commands.run("status", "--server", governed.url)
    assert (status["freezes"]["effective"], len(status["freezes"]["in_force"])) == (True, 1)
    assert governed.status("signer-1")["freezes"][0]["by"] == "alice"


def test_a_freeze_outlives_kills_and_restarts(governed: Governed) -> None:
    for id in SIGNERS:
        governed.kill(id)
    governed.stop("server")
    governed.start_server()
    governed.start()
    governed.all_vote()
    assert [governed.status(id)["freeze_count"] for id in SIGNERS] == [1, 1, 1]
    assert freezes(governed)["effective"]
    until(lambda: "frozen" in refused(governed, b"after kills"), "signers are attached again")


def test_one_administrator_cannot_lift_it_and_two_can(governed: Governed) -> None:
    (frozen,) = freezes(governed)["in_force"]
    alone = governed.order("alone", "--unfreeze", frozen["id"], by=("carol",))
    with pytest.raises(QuorateError, match="1 of the 2") as caught:
        commands.run("unfreeze", alone, "--server", governed.url)
    assert caught.value.code == "charter_quorum"
    order = governed.order("both", "--unfreeze", frozen["id"], by=("bob", "carol"))
    lifted = commands.run("unfreeze", order, "--server", governed.url)
    assert (lifted["status"], lifted["in_force"]) == ("done", [])
    assert governed.sign(b"lifted").status == "COMPLETED"


def test_a_lifted_freeze_does_not_come_back(governed: Governed) -> None:
    file = governed.folder / "again.freeze"
    governed.freeze("--file", str(file))
    (frozen,) = freezes(governed)["in_force"]
    order = governed.order("again", "--unfreeze", frozen["id"])
    commands.run("unfreeze", order, "--server", governed.url)
    with pytest.raises(QuorateError, match="was lifted"):
        governed.freeze("--file", str(file))
    with pytest.raises(QuorateError, match="was lifted"):
        governed.freeze("--file", str(file), "--signer", str(governed.signer("signer-1")), server=False)
    assert governed.sign(b"still lifted").status == "COMPLETED"


def test_a_frozen_user_asks_in_vain_and_others_do_not(governed: Governed) -> None:
    governed.freeze("--scope", "user", "--subject", "payroll", by="bob")
    assert "user payroll is frozen by bob" in refused(governed, b"x", "payroll")
    assert governed.sign(b"others").status == "COMPLETED"
    order = governed.order("payroll", "--unfreeze", freezes(governed)["in_force"][0]["id"])
    commands.run("unfreeze", order, "--server", governed.url)
    assert governed.sign(b"again", "payroll").status == "COMPLETED"


def test_a_freeze_by_one_socket_reaches_everybody(governed: Governed) -> None:
    """A server that does not withhold it spreads what one signer was handed."""
    folder = str(governed.signer("signer-2"))
    answer = governed.freeze("--scope", "key", "--subject", EDDSA, "--signer", folder, server=False)
    assert answer["signers"] == [folder]
    until(lambda: freezes(governed)["effective"], "the server carries it to the others")
    assert "frozen" in refused(governed, b"frozen key")
    order = governed.order("key", "--unfreeze", answer["freeze"]["id"])
    commands.run("unfreeze", order, "--server", governed.url)
    assert governed.sign(b"key again").status == "COMPLETED"


def test_a_signer_that_was_away_learns_the_freeze_and_its_end(governed: Governed) -> None:
    governed.stop("signer-3")
    answer = governed.freeze()
    assert (answer["acknowledged"], answer["effective"]) == (["signer-1", "signer-2"], True)
    governed.start("signer-3")
    until(lambda: governed.status("signer-3")["freeze_count"] == freezes(governed)["count"], "it learns")
    governed.stop("signer-3")
    order = governed.order("away", "--unfreeze", answer["freeze"]["id"])
    commands.run("unfreeze", order, "--server", governed.url)
    governed.start("signer-3")
    governed.votes("signer-3")
    assert governed.status("signer-3")["freezes"] == []


# -- the charter


def in_force(cluster: Governed) -> list[int]:
    return [cluster.status(id)["charter_version"] for id in SIGNERS]


def server_version(cluster: Governed) -> int:
    return int(http.call(cluster.url, "/quorate/v1/charters")["version"])


def test_tightening_takes_effect_at_once_everywhere(governed: Governed) -> None:
    second = governed.propose("tight", skew="4")
    answer = commands.run("charter", "activate", second, "--server", governed.url)
    assert answer["state"]["version"] == 2
    assert in_force(governed) == [2, 2, 2]
    second.replace(governed.charter)
    (governed.folder / "tight.yaml").replace(governed.folder / "draft.yaml")
    until(lambda: governed.sign(b"under version 2").status == "COMPLETED", "the signers are back")


def test_loosening_can_be_vetoed_while_it_waits(governed: Governed) -> None:
    third = governed.propose("vetoed", skew="9")
    answer = commands.run("charter", "activate", third, "--server", governed.url)
    (proposal,) = answer["state"]["proposals"]
    assert sorted(proposal["waiting_at"]) == list(SIGNERS)
    veto = commands.run(
        "charter", "veto", third, "--key", governed.folder / "carol", "--server", governed.url
    )
    assert veto["by"] == "carol"
    until(lambda: all(governed.status(id)["pending"][0]["vetoed_by"] for id in SIGNERS), "it is known")
    time.sleep(TIMELOCK + 2)
    assert in_force(governed) == [2, 2, 2]
    with pytest.raises(QuorateError, match="carol vetoed"):
        commands.run("charter", "activate", third, "--dir", governed.signer("signer-1"))


def test_loosening_waits_and_then_comes_by_itself(governed: Governed) -> None:
    third = governed.propose("loose", skew="6")
    began = time.monotonic()
    commands.run("charter", "activate", third, "--server", governed.url)
    given = commands.run("charter", "activate", third, "--dir", governed.signer("signer-1"))
    assert not given["in_force"]
    pending = [p for p in governed.status("signer-2")["pending"] if not p["vetoed_by"]]
    assert pending[0]["due_ms"] - pending[0]["first_seen_ms"] == 1000 * TIMELOCK
    assert governed.sign(b"while it waits").status == "COMPLETED"
    governed.kill("signer-3")
    governed.start("signer-3")
    until(lambda: in_force(governed) == [3, 3, 3], "the timelock ends", seconds=TIMELOCK + 30)
    assert time.monotonic() - began >= TIMELOCK
    until(lambda: server_version(governed) == 3, "the server follows")
    third.replace(governed.charter)
    until(lambda: governed.sign(b"under version 3").status == "COMPLETED", "the signers are back")


def test_a_signer_that_missed_it_follows_at_once(governed: Governed) -> None:
    """Two acknowledgements end its wait: nobody can use the old version any more."""
    governed.stop("signer-3")
    (governed.folder / "draft.yaml").write_text((governed.folder / "loose.yaml").read_text())
    fourth = governed.propose("fourth", skew="7")
    commands.run("charter", "activate", fourth, "--server", governed.url)
    until(
        lambda: http.call(governed.url, "/quorate/v1/charters")["version"] == 4, "two follow", TIMELOCK + 30
    )
    began = time.monotonic()
    governed.start("signer-3")
    until(lambda: governed.status("signer-3")["charter_version"] == 4, "the third follows")
    assert time.monotonic() - began < TIMELOCK
    fourth.replace(governed.charter)
    governed.votes("signer-3")


def test_the_logs_tell_of_all_this(governed: Governed) -> None:
    for id in SIGNERS:
        time.sleep(1)
        audit = governed.signer(id) / "audit"
        report = commands.verdict("audit", "verify", audit, "--charter", governed.charter)
        assert report["outcome"] == "valid", json.dumps(report)
