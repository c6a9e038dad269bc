"""Approvals on a real cluster: three signers, a server, three people with SSH keys, by the commands that
people run.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.ceremony import http, judge
from quorate.client.demo.sdk import Outcome, Requester
from quorate.client.dev import commands
from quorate.core.audit import folder as audit
from quorate.core.audit.events import Event
from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.model.charter import load_chain, verify_chain
from quorate.core.model.statement import SignedStatement
from tests.e2e.cluster import Cluster
from tests.e2e.terminal import Terminal
from tests.small_cluster import EDDSA, SIGNERS, SmallCluster, small_cluster, until

PEOPLE = ("dana", "erin", "frank")
DRAFT = """
mode: dev
threshold: 2
administrators: {quorum: 1, members: {alice: alice.pub}}
users: [{id: payments, name: Payments, role: requester, key: requester.pub}]
approvers:
  - {id: dana, name: Dana, key: dana.pub}
  - {id: erin, key: erin.pub}
  - {id: frank, key: frank.pub}
groups: {treasury: [dana, erin, frank]}
keys: {root-secp256k1: secp256k1, root-ed25519: ed25519}
raw_keys: {ecdsa-secp256k1: root-secp256k1, ed25519: root-ed25519}
policy:
  rules:
    - name: asked
      operations: [RAW]
      approvals: {all_of: [{threshold: 2, group: treasury}, {threshold: 1, approvers: [dana, erin]}]}
      verdict: approvals
"""


class Asked:
    """A RAW request that waits for people."""

    def __init__(self, cluster: SmallCluster, content: bytes) -> None:
        self.cluster = cluster
        self.requester: Requester = cluster.requester()
        messages = [{"content": content.hex(), "derivationPath": [1729, 1, 0]}]
        raw = {"rawMessageData": {"messages": messages, "algorithm": "MPC_EDDSA_ED25519"}}
        self.id = self.requester.submit({"operation": "RAW", "extraParameters": raw})
        self.intent = until(self._listed, "the request waits")

    def _listed(self) -> str:
        listed = http.call(self.cluster.url, "/quorate/v1/intents")["intents"]
        return next((str(e["intent_hash"]) for e in listed if e["transaction"] == self.id), "")

    def about(self, who: str) -> tuple[str | Path, ...]:
        place = ("--server", self.cluster.url, "--charter", self.cluster.charter)
        return ("approve", self.intent, *place, "--key", self.cluster.folder / who)

    def say(self, who: str, *options: str | Path) -> dict[str, Any]:
        return commands.run(*self.about(who), "--yes", *options)

    def end(self) -> Outcome:
        return self.requester.finish(self.id)


@pytest.fixture(scope="module")
def small() -> Iterator[SmallCluster]:
    with small_cluster(draft=DRAFT) as made:
        made.init_server()
        for who in PEOPLE:
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made.folder / who]
            subprocess.run(key, check=True)
        made.init_signers()
        made.make_charter()
        made.start_server()
        made.start()
        made.all_vote()
        made.create_key(EDDSA)
        yield made


def logged(cluster: SmallCluster, event: str, intent: str) -> dict[str, list[Event]]:
    """Signer -> its entries of that kind about the intent."""
    found: dict[str, list[Event]] = {}
    for id in SIGNERS:
        place = cluster.signer(id) / "audit"

        def read(name: str, place: Path = place) -> bytes | None:
            return (place / name).read_bytes() if (place / name).is_file() else None

        note = read("checkpoint")
        size = 0 if note is None else int(note.split(b"\n")[1])
        entries = [Event.from_leaf(leaf) for leaf in audit.entries(read, size)]
        same = [e for e in entries if e.event == event and e.data.get("intent") == intent]
        if same:
            found[id] = same
    return found


def test_two_of_three_and_every_statement_is_in_the_signers_logs(small: SmallCluster) -> None:
    asked = Asked(small, b"approved by two")
    first = asked.say("frank")
    assert (first["approver"], first["status"]) == ("frank", "PENDING_AUTHORIZATION")
    assert first["approvals_missing"]
    assert first["warnings"] == ["blind: nobody can say what a signature over these bytes does"]
    asked.say("dana")
    done = asked.end()
    assert (done.status, len(done.raw)) == ("COMPLETED", 1)
    until(lambda: len(logged(small, "approval", asked.intent)) == 2, "two signers log the statements")
    (charter,) = verify_chain(load_chain(small.charter.read_bytes()))
    for entries in logged(small, "approval", asked.intent).values():
        signed = [
            SignedStatement(str(e.data["statement"]).encode(), str(e.data["signature"])) for e in entries
        ]
        said = [approval.verify(s, charter, bytes.fromhex(asked.intent), int(time.time())) for s in signed]
        assert [(s.approver, s.groups) for s in said] == [("dana", ("treasury",)), ("frank", ("treasury",))]


def test_somebody_at_a_terminal(small: SmallCluster) -> None:
    asked = Asked(small, b"looked at")
    terminal = Terminal()
    command = [*commands.QUORATE, *map(str, asked.about("erin"))]
    process = terminal.start(command, dict(os.environ))
    try:
        terminal.answer(b"approve it as erin? [y/N]", "y", hidden=False)
        assert process.wait(60) == 0, terminal.rest()
    finally:
        process.kill()
        terminal.close()
    asked.say("frank")
    assert asked.end().status == "COMPLETED"
    assert b"looked at".hex().encode() in terminal.shown


def test_one_rejection_is_final(small: SmallCluster) -> None:
    asked = Asked(small, b"rejected")
    asked.say("dana")
    asked.say("frank", "--reject")
    done = asked.end()
    assert done.status == "REJECTED", done
    until(lambda: len(logged(small, "veto", asked.intent)) == 3, "all signers keep the rejection")
    with pytest.raises(QuorateError, match="not_pending"):
        asked.say("erin")


def test_a_rejection_reaches_a_signer_past_a_server_that_withholds(small: SmallCluster) -> None:
    """The server is stopped; the rejection goes through the signers' own sockets, and survives their end."""
    asked = Asked(small, b"withheld")
    asked.say("dana")
    folders = [word for id in SIGNERS[:2] for word in ("--signer", small.signer(id))]
    small.stop("server")
    with pytest.raises(QuorateError, match="unreachable"):
        asked.say("frank", "--reject", *folders)
    small.start_server()
    until(lambda: all(judge.ask(small.signer(i), {"do": "status"})["connected"] for i in SIGNERS), "attached")
    asked.say("erin")
    done = asked.end()
    assert done.status == "REJECTED", done
    assert set(logged(small, "veto", asked.intent)) >= set(SIGNERS[:2])


def test_restarts_between_statements(small: SmallCluster) -> None:
    asked = Asked(small, b"after a restart")
    asked.say("erin")
    small.stop("server")
    small.start_server()
    until(lambda: all(judge.ask(small.signer(i), {"do": "status"})["connected"] for i in SIGNERS), "attached")
    asked.say("frank")
    assert asked.end().status == "COMPLETED"


def test_the_machine_approver_as_a_daemon(small: SmallCluster) -> None:
    rules = small.folder / "rules.yaml"
    rules.write_text("rules: [{name: raw, operations: [RAW], verdict: allow}]\n")
    about = (
        "--server",
        small.url,
        "--charter",
        str(small.charter),
        "--key",
        str(small.folder / "frank"),
    )
    record = ("--rules", str(rules), "--dir", str(small.folder / "frank-record"), "--every", "0.2")
    command = [sys.executable, "-m", "quorate.client.cli.main", "approver", "run", *about, *record]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        asked = Asked(small, b"frank's program answers")
        asked.say("dana")
        assert asked.end().status == "COMPLETED"
    finally:
        daemon.terminate()
        out, err = daemon.communicate(timeout=30)
    assert daemon.returncode == 0, err
    assert b"statements sent" in out
    assert b'"event": "answered"' in err


def test_a_dev_cluster_has_approvers(cluster: Cluster) -> None:
    """Their keys are made for it, they are in the charter, and the dev policy asks none of them."""
    people = cluster.stage.dev["approvers"]
    (charter,) = verify_chain(load_chain(Path(cluster.stage.dev["charter"]).read_bytes()))
    assert [person["id"] for person in people] == [approver.id for approver in charter.approvers]
    assert [group.members for group in charter.groups] == [tuple(person["id"] for person in people)]
    for person, approver in zip(people, charter.approvers, strict=True):
        public = Path(person["key_file"] + ".pub").read_text()
        assert public.startswith(approver.ssh_key)
    assert "approvals" not in {rule.verdict for rule in charter.policy.rules}
