"""Signers end, return, and the cluster goes on; a cluster that was stopped comes back."""

from pathlib import Path

import pytest
from fireblocks.exceptions import ApiException

from quorate.client.demo.sdk import Requester, transfer_of, whitelisted
from quorate.client.dev import commands
from quorate.core.errors import QuorateError
from tests.e2e.cluster import Cluster

EXCHANGE = whitelisted("whitelist-1")


def _pay(cluster: Cluster) -> set[str]:
    """A small transfer; the signers that released a share."""
    done, id = cluster.pay("0.001")
    assert done.status == "COMPLETED", done
    return {entry.signer for entry in cluster.logs.wait_for("release", id)}


@pytest.mark.parametrize("id", ["signer-1", "signer-2", "signer-3"])
def test_any_signer_may_die(cluster: Cluster, id: str) -> None:
    cluster.signer("kill", id)
    others = set(cluster.signers()) - {id}
    assert _pay(cluster) == others
    before = cluster.status(others.pop())["incarnation"]
    entry = cluster.signer("start", id)
    status = cluster.status(id)
    assert entry["pid"] is not None
    assert status["may_vote"]
    assert len(status["heard"]) == 2
    assert before >= 1


def test_who_came_back_signs(cluster: Cluster) -> None:
    cluster.signer("kill", "signer-3")
    cluster.signer("start", "signer-3")
    cluster.signer("stop", "signer-1")
    assert _pay(cluster) == {"signer-2", "signer-3"}


def test_one_signer_alone_signs_nothing(cluster: Cluster, requester: Requester) -> None:
    for id in ("signer-1", "signer-2"):
        cluster.signer("stop", id)
    with pytest.raises(ApiException):
        requester.submit(transfer_of(cluster.account, "ETH", "0.001", EXCHANGE, "alone"))
    assert {entry.event for entry in cluster.logs.about("alone")} <= {"admission"}


def test_a_running_signer_is_not_started_twice(cluster: Cluster) -> None:
    with pytest.raises(QuorateError) as error:
        cluster.signer("start", "signer-1")
    assert error.value.code == "already_running"


def test_the_logs_verify_and_an_altered_copy_does_not(cluster: Cluster, tmp_path: Path) -> None:
    from quorate.client.demo.parts.logs import copy_with_a_flipped_byte

    charter = cluster.layout.charter
    for signer in cluster.stage.dev["signers"]:
        report = commands.verdict("audit", "verify", signer["audit"], "--charter", charter)
        assert report["outcome"] == "valid", report
        assert report["size"] > 5
    entry = copy_with_a_flipped_byte(Path(cluster.stage.dev["signers"][1]["audit"]), tmp_path / "copy")
    report = commands.verdict("audit", "verify", tmp_path / "copy", "--charter", charter)
    assert report["outcome"] == "invalid"
    assert report["fault"]["entry"] == entry


def test_an_address_is_proved_without_the_server(cluster: Cluster, tmp_path: Path) -> None:
    import json

    (tmp_path / "proof.json").write_text(json.dumps(cluster.proof))
    about = ("--charter", cluster.layout.charter, "--proof", tmp_path / "proof.json", "--asset", "ETH")
    good = commands.verdict("address", "verify", cluster.address, *about, "--account", cluster.account)
    assert good["outcome"] == "valid"
    other = commands.verdict("address", "verify", cluster.address, *about, "--account", "999")
    assert (other["outcome"], other["error"]["code"]) == ("invalid", "address_mismatch")
    cluster.proof["signatures"].popitem()
    (tmp_path / "proof.json").write_text(json.dumps(cluster.proof))
    short = commands.verdict("address", "verify", cluster.address, *about, "--account", cluster.account)
    assert (short["outcome"], short["error"]["code"]) == ("invalid", "certificate_signers")
