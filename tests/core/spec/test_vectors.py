"""docs/spec/vectors.json: made anew it is the same, and the code of quorate.core agrees with every example
in it.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.audit.events import Event
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import approval, keys, sshsig
from quorate.core.model import canonical, charter, freeze, intent, labels, records, veto
from quorate.core.model.statement import SignedStatement, Statement
from tests.core.spec.generate.__main__ import text as generated_text

VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/spec/vectors.json").read_bytes()
)

READ: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "intent": intent.Intent.from_bytes,
    "attempt": intent.Attempt.from_bytes,
    "admission": records.Admission.from_bytes,
    "acknowledgement": records.Acknowledgement.from_bytes,
    "peer-state": records.PeerState.from_bytes,
    "order": records.Order.from_bytes,
    "freeze": freeze.Freeze.from_bytes,
    "veto": veto.Veto.from_bytes,
    "statement": Statement.from_bytes,
    "key-certificate": records.KeyCertificate.from_bytes,
    "vote": records.Vote.from_bytes,
    "tally": records.TallyEntry.from_bytes,
    "charter": charter.parse,
    "log-leaf": lambda body: Event.from_leaf(canonical.labelled(labels.LOG_LEAF, body)),
}
WRITE: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "charter": lambda read: read.body,
    "log-leaf": lambda read: read.to_leaf().removeprefix(canonical.labelled(labels.LOG_LEAF, b"")),
}
OTHERS: Final = {
    "about",
    "keys",
    "canonical",
    "sshsig",
    "charter-chain",
    "certificates",
    "request-id",
    "statement-signed",
    "item-session",
    "freeze-document",
    "veto-document",
    "freeze-state",
}
COUNTS: Final = {
    "intent": (10, 70), "attempt": (5, 7), "admission": (2, 12), "acknowledgement": (2, 12),
    "peer-state": (3, 13), "order": (3, 20), "freeze": (5, 15), "veto": (1, 4),
    "key-certificate": (2, 8), "vote": (4, 24), "tally": (2, 10),
    "charter": (12, 162), "log-leaf": (1, 1), "statement": (2, 12),
}  # fmt: skip


def body(entry: Mapping[str, Any]) -> bytes:
    return entry["text"].encode() if "text" in entry else bytes.fromhex(entry["body"])


def refused(code: str, call: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(QuorateError) as caught:
        call(*arguments)
    assert caught.value.code == code, caught.value.message


def test_the_file_is_what_the_generator_makes() -> None:
    made = generated_text()
    assert json.loads(made) == VECTORS, "run: python -m tests.core.spec.generate"


def test_every_section_is_tested_and_none_is_empty() -> None:
    assert VECTORS.keys() == READ.keys() | OTHERS
    found = {name: (len(VECTORS[name]["valid"]), len(VECTORS[name]["invalid"])) for name in READ}
    assert found == COUNTS


@pytest.mark.parametrize("structure", READ)
def test_valid_examples(structure: str) -> None:
    section = VECTORS[structure]
    assert section["label"] in labels.ALL
    for entry in section["valid"]:
        data = body(entry)
        read = READ[structure](data)
        write = WRITE.get(structure, lambda value: value.to_bytes())
        assert write(read) == data, entry["name"]
        assert canonical.digest(section["label"], data).hex() == entry["hash"]
        if hasattr(read, "hash"):
            assert read.hash.hex() == entry["hash"]


@pytest.mark.parametrize("structure", READ)
def test_signatures_of_valid_examples(structure: str) -> None:
    for entry in VECTORS[structure]["valid"]:
        if "signature" not in entry:
            continue
        label, data, signature = VECTORS[structure]["label"], body(entry), bytes.fromhex(entry["signature"])
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(entry["seed"]))
        public = key.public_key().public_bytes_raw()
        assert public.hex() == VECTORS["keys"][entry["signer"]]["public_key"]
        records.verify_signed(label, records.Signed(data, signature), public)
        refused("signature", keys.verify_signed, label + "x", data, signature, public)
        refused("signature", keys.verify_signed, label, data + b"x", signature, public)


@pytest.mark.parametrize(
    ("structure", "entry"),
    [pytest.param(s, e, id=f"{s}: {e['name']}") for s in READ for e in VECTORS[s]["invalid"]],
)
def test_invalid_examples(structure: str, entry: dict[str, Any]) -> None:
    data = changed(entry) if "changes" in entry else body(entry)
    refused(entry["code"], READ[structure], data)


def changed(entry: dict[str, Any]) -> bytes:
    """Applies the changes of an invalid charter to the valid example."""
    base = next(e for e in VECTORS["charter"]["valid"] if e["name"] == entry["of"])
    value = copy.deepcopy(json.loads(base["text"]))
    for change in entry["changes"]:
        *path, last = change.get("set") or change["remove"]
        target = value
        for step in path:
            target = target[step]
        if "remove" in change:
            del target[last]
        else:
            target[last] = change["to"]
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical.digest(labels.CHARTER, data).hex() == entry["hash"]
    return data


def test_canonical_json() -> None:
    section = VECTORS["canonical"]
    assert (len(section["valid"]), len(section["invalid"])) == (8, 26)
    for entry in section["valid"]:
        data = body(entry)
        assert canonical.encode(canonical.decode(data)) == data, entry["name"]


@pytest.mark.parametrize("entry", VECTORS["canonical"]["invalid"], ids=lambda e: e["name"])
def test_not_canonical(entry: dict[str, Any]) -> None:
    refused(entry["code"], canonical.decode, body(entry))


def test_size_limit() -> None:
    size = VECTORS["canonical"]["size"]
    largest = canonical.encode([0] * size["largest"]["count"])
    assert len(largest) == size["largest"]["bytes"] < canonical.LIMIT
    assert canonical.decode(largest) == [0] * size["largest"]["count"]
    above = b"[" + b",".join([b"0"] * size["too_large"]["count"]) + b"]"
    refused(size["too_large"]["code"], lambda: canonical.decode(above))
    refused(size["too_large"]["code"], lambda: canonical.encode([0] * size["too_large"]["count"]))


def test_sshsig() -> None:
    section = VECTORS["sshsig"]
    assert (len(section["valid"]), len(section["invalid"])) == (3, 16)
    for entry in section["valid"]:
        sshsig.verify(section["namespace"], body(section), entry["armor"], entry["ssh_key"])


@pytest.mark.parametrize("entry", VECTORS["sshsig"]["invalid"], ids=lambda e: e["name"])
def test_sshsig_refused(entry: dict[str, Any]) -> None:
    section = VECTORS["sshsig"]
    refused(
        "sshsig", lambda: sshsig.verify(section["namespace"], body(section), entry["armor"], entry["ssh_key"])
    )


def statement(entry: dict[str, Any]) -> approval.Approval:
    section = VECTORS["statement-signed"]
    named = next(e for e in VECTORS["charter"]["valid"] if e["name"] == section["charter"])
    signed = SignedStatement(body(entry), entry["armor"])
    return approval.verify(
        signed, charter.parse(body(named)), bytes.fromhex(section["intent"]), section["now"]
    )


def test_signed_statements() -> None:
    section = VECTORS["statement-signed"]
    assert (len(section["valid"]), len(section["invalid"])) == (4, 16)
    found = [statement(entry) for entry in section["valid"]]
    assert [(a.approver, a.verdict, a.round) for a in found[:2]] == [
        ("dana", "approve", 1),
        ("erin", "reject", 2),
    ]
    assert [a.groups for a in found[:2]] == [("treasury", "payers"), ("treasury",)]


@pytest.mark.parametrize("entry", VECTORS["statement-signed"]["invalid"], ids=lambda e: e["name"])
def test_signed_statements_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        statement(entry)
    assert caught.value.check == entry["code"], caught.value.message


def chain(entry: dict[str, Any]) -> list[charter.SignedDocument]:
    pool = VECTORS["charter-chain"]["documents"]
    return [
        charter.SignedDocument(
            body(pool[n]), tuple((s["administrator"], s["armor"]) for s in pool[n]["signatures"])
        )
        for n in entry["chain"]
    ]


def test_charter_chain() -> None:
    section = VECTORS["charter-chain"]
    assert (len(section["valid"]), len(section["invalid"]), len(section["documents"])) == (1, 17, 16)
    for entry in section["valid"]:
        charters = charter.verify_chain(chain(entry), root_hash=bytes.fromhex(entry["root_hash"]))
        assert [c.hash.hex() for c in charters] == entry["hashes"]
        assert charter.load_chain(charter.dump_chain(chain(entry))) == tuple(chain(entry))


@pytest.mark.parametrize(
    "entry", VECTORS["charter-chain"]["invalid"], ids=lambda e: ", ".join(e["chain"]) + " " + e["code"]
)
def test_charter_chain_refused(entry: dict[str, Any]) -> None:
    root = bytes.fromhex(entry["root_hash"])
    refused(entry["code"], lambda: charter.verify_chain(chain(entry), root_hash=root))


def proof(entry: dict[str, Any]) -> records.SignedCertificate:
    return records.SignedCertificate(
        body(entry), {s: bytes.fromhex(v) for s, v in entry["signatures"].items()}
    )


def test_certificates() -> None:
    section = VECTORS["certificates"]
    assert (len(section["valid"]), len(section["invalid"])) == (2, 9)
    charters = [charter.parse(body(VECTORS["charter"]["valid"][0]))]
    for entry in section["valid"]:
        certificate = records.verify_certificate(proof(entry), charters)
        assert certificate.to_bytes() == body(entry)
        assert records.SignedCertificate.from_json(proof(entry).to_json()) == proof(entry)
    for entry in section["invalid"]:
        refused(entry["code"], records.verify_certificate, proof(entry), charters)


def test_request_id() -> None:
    for entry in VECTORS["request-id"]:
        assert intent.request_id(entry["user"], entry["nonce"]).hex() == entry["hash"]


def test_session_and_item_ids() -> None:
    for entry in VECTORS["vote"]["valid"]:
        vote = records.Vote.from_bytes(body(entry))
        assert (vote.shared_bytes.hex(), vote.session_id.hex()) == (entry["shared"], entry["session_id"])
    for entry in VECTORS["tally"]["valid"]:
        assert records.TallyEntry.from_bytes(body(entry)).head.hex() == entry["head"]
    for entry in VECTORS["item-session"]:
        votes = [bytes.fromhex(v) for v in entry["votes"]]
        data = bytes.fromhex(entry["session_id"]) + entry["k"].to_bytes(2, "big")
        data += b"".join(hashlib.sha256(v).digest() for v in votes)
        assert canonical.digest(labels.ITEM, data).hex() == entry["hash"]


ONE_SIGNS: Final[Mapping[str, Callable[..., Any]]] = {
    "freeze-document": freeze.verify,
    "veto-document": veto.verify,
}


@pytest.mark.parametrize("section", ONE_SIGNS)
def test_documents_of_one_administrator(section: str) -> None:
    version = charter.parse(body(VECTORS["charter"]["valid"][0]))
    assert (len(VECTORS[section]["valid"]), len(VECTORS[section]["invalid"])) == (1, 8)
    for entry in VECTORS[section]["valid"]:
        assert ONE_SIGNS[section](one_document(entry), version).by == "alice"
    for entry in VECTORS[section]["invalid"]:
        refused(entry["code"], ONE_SIGNS[section], one_document(entry), version)


def one_document(entry: dict[str, Any]) -> charter.SignedDocument:
    signatures = tuple((s["administrator"], s["armor"]) for s in entry["signatures"])
    return charter.SignedDocument(body(entry), signatures)


def test_freeze_states() -> None:
    assert len(VECTORS["freeze-state"]) == 5
    for entry in VECTORS["freeze-state"]:
        known = freeze.FreezeSet().lift(entry["lifted"])
        for text in entry["in_force"]:
            known = known.add(freeze.Freeze.from_bytes(text.encode()))
        assert known.state == freeze.FreezeState(entry["count"], bytes.fromhex(entry["hash"]))
