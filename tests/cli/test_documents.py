"""Documents that a charter pins, in the hands of people: in a draft, in `charter annotate`, and in what
approvers are shown of a call.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.cli import status
from quorate.core.chains.evm.knowledge.documents import digest
from tests.cli.conftest import Answer, Run
from tests.cli.shown import Place, Request, charter_file, key_file, request, serving
from tests.judge.bench import unsigned
from tests.judge.calls import call
from tests.judge.cluster import ASKED, PEOPLE, Cluster
from tests.judge.test_documents import ABI, FUND, STAKE, pin

CONTRACT = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


# ---- drafts and files


def drafted(run: Run, ceremony: Path, entry: str, out: str = "charter.json") -> Answer:
    draft = ceremony / "draft.yaml"
    draft.write_text(draft.read_text() + f"annotations:\n  - {entry}\n")
    enrolled = [word for n in (1, 2, 3) for word in ("--signer", ceremony / f"signer-{n}.json")]
    identities = (*enrolled, "--server", ceremony / "server.json")
    return run("charter", "new", "--draft", draft, "--out", ceremony / out, *identities, "--json")


def test_a_draft_names_the_file_and_the_charter_its_hash(run: Run, ceremony: Path) -> None:
    (ceremony / "vault.json").write_bytes(ABI)
    made = drafted(run, ceremony, f'{{chain: "evm:1", contract: "{CONTRACT}", file: vault.json}}')
    assert made.code == 0, made
    charter = ceremony / "charter.json"
    shown = run("charter", "show", charter)
    assert f"  document        evm:1, {CONTRACT}, sha256 {digest(ABI).hex()}\n" in shown.out
    for name in ("alice", "bob"):
        assert run("charter", "sign", charter, "--key", ceremony / name).code == 0
    verified = run("charter", "verify", charter, "--json").json
    assert verified["documents"] == [{"chain": "evm:1", "contract": CONTRACT, "hash": digest(ABI).hex()}]
    assert digest(ABI).hex() in run("charter", "verify", charter).out


@pytest.mark.parametrize(
    ("content", "entry", "code"),
    [
        (b"{}", f'{{chain: "evm:1", contract: "{CONTRACT}", file: vault.json}}', "annotations"),
        (b"[]", f'{{chain: "evm:1", contract: "{CONTRACT}", file: vault.json}}', "document_empty"),
        (ABI, f'{{chain: "evm:1", contract: "{CONTRACT}", file: none.json}}', "file_missing"),
        (ABI, f'{{chain: "evm:1", contract: "{CONTRACT}"}}', "wrong_type"),
        (ABI, f'{{chain: "evm:1", contract: "{CONTRACT}", file: vault.json, hash: aa}}', "wrong_type"),
        (ABI, f'{{chain: "evm:1", contract: "{CONTRACT}", hash: aa}}', "wrong_type"),
        (ABI, f'{{chain: "evm:5", contract: "{CONTRACT}", file: vault.json}}', "charter_reference"),
        (ABI, '{chain: "evm:1", contract: "0x12", file: vault.json}', "wrong_type"),
    ],
)
def test_drafts_that_are_refused(run: Run, ceremony: Path, content: bytes, entry: str, code: str) -> None:
    (ceremony / "vault.json").write_bytes(content)
    made = drafted(run, ceremony, entry)
    assert (made.code, made.json["error"]["code"]) == (2, code)
    assert not (ceremony / "charter.json").exists()


def test_a_proposal_says_that_a_document_loosens(run: Run, signed: Path, ceremony: Path) -> None:
    (ceremony / "vault.json").write_bytes(ABI)
    draft, out = ceremony / "draft.yaml", ceremony / "second.json"
    entry = f'{{chain: "evm:1", contract: "{CONTRACT}", file: vault.json}}'
    draft.write_text(draft.read_text() + f"annotations: [{entry}]\n")
    about = ("--charter", signed, "--draft", draft, "--out", out)
    assert f"LOOSENS  document for evm:1 {CONTRACT} is added" in run("charter", "propose", *about).out


def test_only_what_the_charter_pins_is_sent(run: Run, tmp_path: Path) -> None:
    charter = charter_file(Cluster(annotations=[pin()]), tmp_path)
    good, other = tmp_path / "good.json", tmp_path / "other.json"
    good.write_bytes(ABI)
    other.write_bytes(ABI + b"\n")
    about = ("--charter", charter, "--json")
    answer = run("charter", "annotate", good, other, *about, "--server", "http://127.0.0.1:9")
    assert (answer.code, answer.json["error"]["code"]) == (2, "document_unpinned"), "nothing was sent"
    answer = run("charter", "annotate", good, *about, "--server", "http://127.0.0.1:9")
    assert (answer.code, answer.json["error"]["code"]) == (3, "unreachable")
    answer = run("charter", "annotate", good, *about, "--signer", tmp_path)
    assert (answer.code, answer.json["error"]["code"]) == (3, "signer_down")
    answer = run("charter", "annotate", tmp_path / "none", *about)
    assert (answer.code, answer.json["error"]["code"]) == (2, "file_missing")


def test_status_names_what_is_missing_and_where() -> None:
    place = {"chain": "evm:1", "contract": CONTRACT, "hash": digest(ABI).hex()}
    about = f"document        evm:1 {CONTRACT}, {digest(ABI).hex()[:16]}...: "
    own = [{**place, "calls": calls, "problem": problem} for calls, problem in ((2, None), (0, "missing"))]
    assert status._documents(own) == [about + "2 calls", about + "MISSING"]
    told = [
        {**place, "held": held, "held_by": list(by)}
        for held, by in ((True, ("a", "b")), (True, ("a",)), (False, ()))
    ]
    assert status._pinned(told, ["a", "b"]) == [
        about + "at all signers",
        about + "MISSING at b",
        about + "MISSING at a, b, MISSING at the server",
    ]


# ---- approvers


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(ASKED, PEOPLE, annotations=[pin()])


@pytest.fixture
def place(cluster: Cluster) -> Iterator[Place]:
    with serving(Place(cluster)) as running:
        yield running


@pytest.fixture
def approve(run: Run, place: Place, tmp_path: Path) -> Any:
    charter, key = charter_file(place.cluster, tmp_path), key_file("dana", tmp_path)

    def command(shown: Request) -> Answer:
        about = ("--server", place.url, "--charter", charter, "--key", key)
        return run("approve", shown.hash, *about, "--json", "--yes")

    return command


def staking(place: Place) -> Request:
    made = request(place.cluster, call(STAKE, FUND))
    fields = {"to": FUND, "value": 0, "data": STAKE, "gas": 90_000}
    made.document["attempt"]["bytes"] = unsigned(made.intent, **fields).hex()
    place.show(made)
    return made


CALL = f"  calls stake(uint256) of {FUND}: amount = 7, as the charter's document reads it"
BLIND = "blind: nobody can say what a signature over these bytes does"
LACKING = f"the document pinned for {FUND}, sha256 {digest(ABI).hex()}, is "


def test_an_approver_sees_the_call_as_signers_do(place: Place, approve: Any) -> None:
    place.documents[digest(ABI).hex()] = ABI
    answer = approve(staking(place)).json
    assert CALL in answer["shown"]
    assert [line.split(":")[0] for line in answer["warnings"]] == ["new destination"]


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (None, "not here"),
        (ABI.replace(b"stake", b"leave"), "not usable (document_hash)"),
        (ABI + b" ", "not usable (document_hash)"),
    ],
    ids=["withheld", "another", "a byte more"],
)
def test_a_server_cannot_show_another_document(
    place: Place, approve: Any, content: bytes | None, state: str
) -> None:
    if content is not None:
        place.documents[digest(ABI).hex()] = content
    answer = approve(staking(place)).json
    assert CALL not in answer["shown"]
    assert BLIND in answer["warnings"]
    assert LACKING + state in answer["warnings"]
    assert (
        f"  calls 0x{STAKE[:4].hex()} of {FUND}, and what that does cannot be established" in answer["shown"]
    )


def test_an_answer_that_is_no_document(place: Place, approve: Any, monkeypatch: Any) -> None:
    real = place.get

    def get(path: str) -> Any:
        return (200, {"document": 7}) if path.startswith("/quorate/v1/documents") else real(path)

    monkeypatch.setattr(place, "get", get)
    assert BLIND in approve(staking(place)).json["warnings"]


def test_machine_approvers_read_the_call_the_same_way(place: Place, tmp_path: Path) -> None:
    """What a machine looks at before it asks its rules or its handler."""
    from quorate.client.approver import agree
    from quorate.client.approver.asked import fetch

    place.documents[digest(ABI).hex()] = ABI
    waiting = staking(place)
    asked = fetch(place.url, [place.cluster.charter], waiting.intent.hash, int(time.time()))
    call, *_ = agree.decoded(asked)
    assert (call["signature"], call["args"], call["stated_by"]) == ("stake(uint256)", ["7"], "abi")


def test_the_lists_of_the_policy_are_read_too(tmp_path: Path, run: Run) -> None:
    """A Safe that the policy calls the cluster's own is no stranger to an approver."""
    from tests.judge.calls import data_of

    safe = "0x" + "44" * 20
    policy = {"rules": [dict(rule) for rule in ASKED], "lists": {"own_safes": [safe]}}
    inner = (safe, 0, b"", 0, 0, 0, 0, "0x" + "00" * 20, "0x" + "00" * 20, b"")
    types = "address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes"
    data = data_of(f"execTransaction({types})", *inner)
    for members, blind in (({"policy": policy}, False), ({}, True)):
        cluster = Cluster(ASKED, PEOPLE, **members)
        with serving(Place(cluster)) as place:
            made = request(cluster, call(data, safe))
            fields = {"to": safe, "value": 0, "data": data, "gas": 90_000}
            made.document["attempt"]["bytes"] = unsigned(made.intent, **fields).hex()
            place.show(made)
            folder = tmp_path / str(blind)
            folder.mkdir()
            charter, key = charter_file(cluster, folder), key_file("dana", folder)
            about = ("--server", place.url, "--charter", charter, "--key", key, "--json", "--yes")
            answer = run("approve", made.hash, *about)
            assert answer.code == 0, answer
            assert (BLIND in json.loads(answer.out)["warnings"]) is blind
