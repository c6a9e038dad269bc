"""Freezes, charter proposals and vetoes on files: what is signed, by whom, and what is said of it."""

import json
from pathlib import Path

import pytest

from quorate.core.model import freeze, veto
from quorate.core.model.charter import load_chain, verify_chain
from quorate.core.model.charter.chain import read_document
from tests.cli.conftest import Run


def test_a_freeze_is_signed_by_one_and_names_its_author(run: Run, signed: Path, ceremony: Path) -> None:
    file = ceremony / "freeze.json"
    about = ("--charter", signed, "--scope", "user", "--subject", "payments", "--file", file)
    answer = run("freeze", *about, "--key", ceremony / "bob", "--json")
    assert answer.code == 0, answer
    document = read_document(json.loads(file.read_text()), "", "freeze")
    found = freeze.verify(document, verify_chain(load_chain(signed.read_bytes()))[-1])
    assert (found.words, found.by) == ("user payments", "bob")
    again = run("freeze", *about, "--key", ceremony / "alice", "--json")
    assert again.json["freeze"] == answer.json["freeze"], "what is in the file is not signed anew"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--scope", "user", "--subject", "nobody"), "no_such_subject"),
        (("--scope", "key", "--subject", "nope"), "no_such_subject"),
        (("--scope", "asset", "--subject", "BTC"), "no_such_subject"),
        (("--scope", "account"), "freeze_shape"),
        (("--scope", "workspace", "--subject", "0"), "freeze_shape"),
        (("--scope", "everything"), "wrong_type"),
        (("--scope", "account", "--subject", "x"), "identifier"),
    ],
)
def test_bad_freezes(run: Run, signed: Path, ceremony: Path, options: tuple[str, ...], code: str) -> None:
    about = ("--charter", signed, "--key", ceremony / "alice", "--file", ceremony / "f", "--json")
    answer = run("freeze", *about, *options)
    assert (answer.code, answer.json["error"]["code"]) == (2, code)
    assert not (ceremony / "f").exists()


def test_a_stranger_freezes_nothing(run: Run, signed: Path, ceremony: Path) -> None:
    about = ("--charter", signed, "--file", ceremony / "f", "--json")
    answer = run("freeze", *about, "--key", ceremony / "mallory")
    assert (answer.code, answer.json["error"]["code"]) == (2, "not_an_administrator")
    assert run("freeze", *about).json["error"]["code"] == "key_needed"
    assert run("freeze", *about, "--key", ceremony / "nothing").json["error"]["code"] == "file_missing"


def test_nobody_there(run: Run, signed: Path, ceremony: Path) -> None:
    about = ("--charter", signed, "--key", ceremony / "alice", "--json")
    assert run("freeze", *about, "--server", "http://127.0.0.1:9").code == 3
    answer = run("freeze", *about, "--signer", ceremony)
    assert (answer.code, answer.json["error"]["code"]) == (3, "signer_down")


def test_an_order_to_lift_gathers_signatures(run: Run, signed: Path, ceremony: Path) -> None:
    order = ceremony / "order.json"
    about = ("--charter", signed, "--json")
    ids = ("--unfreeze", "22" * 16, "--unfreeze", "11" * 16)
    first = run("order", "sign", order, *about, "--key", ceremony / "alice", *ids)
    assert first.json["order"]["freezes"] == ["11" * 16, "22" * 16]
    assert run("order", "sign", order, *about, "--key", ceremony / "bob").json["count"] == 2
    both = run("order", "sign", ceremony / "x", *about, "--key", ceremony / "bob", *ids, "--key-create", "k")
    assert both.json["error"]["code"] == "order_kind"
    bad = run("order", "sign", ceremony / "x", *about, "--key", ceremony / "bob", "--unfreeze", "zz")
    assert bad.json["error"]["code"] == "wrong_type"
    assert run("unfreeze", order, "--server", "http://127.0.0.1:9").code == 3


def propose(run: Run, signed: Path, ceremony: Path, old: str, new: str) -> dict[str, object]:
    draft, out = ceremony / "draft.yaml", ceremony / "second.json"
    draft.write_text(draft.read_text().replace(old, new))
    answer = run("charter", "propose", "--charter", signed, "--draft", draft, "--out", out, "--json")
    assert answer.code == 0, answer
    found: dict[str, object] = answer.json
    return found


def test_a_proposal_says_what_it_changes(run: Run, signed: Path, ceremony: Path) -> None:
    found = propose(run, signed, ceremony, "fee_cap: 0.02 ETH", "fee_cap: 0.01 ETH")
    words = "chain evm:1: fee cap 20000000000000000 becomes 10000000000000000"
    assert found["changes"] == [{"words": words, "loosens": False}]
    assert (found["version"], found["loosens"], found["timelock"]) == (2, False, 0)
    for name in ("alice", "bob"):
        assert run("charter", "sign", ceremony / "second.json", "--key", ceremony / name).code == 0
    assert run("charter", "verify", ceremony / "second.json").code == 0


def test_a_timelock_is_drafted_and_what_loosens_waits_for_it(run: Run, signed: Path, ceremony: Path) -> None:
    first = propose(run, signed, ceremony, "threshold: 2", "threshold: 2\ntimelock: 86400")
    assert first["changes"] == [{"words": "timelock rises from 0 to 86400", "loosens": False}]
    second, third = ceremony / "second.json", ceremony / "third.json"
    for name in ("alice", "bob"):
        run("charter", "sign", second, "--key", ceremony / name)
    draft = ceremony / "draft.yaml"
    draft.write_text(draft.read_text().replace("1.5 ETH", "2 ETH"))
    answer = run("charter", "propose", "--charter", second, "--draft", draft, "--out", third)
    assert "LOOSENS  policy: rule" in answer.out
    assert "each signer waits 86400 s" in answer.out


def test_a_proposal_without_a_change_is_none(run: Run, signed: Path, ceremony: Path) -> None:
    about = ("--charter", signed, "--draft", ceremony / "draft.yaml", "--out", ceremony / "x")
    answer = run("charter", "propose", *about, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "no_change")


def test_a_veto_names_the_newest_version(run: Run, signed: Path, ceremony: Path) -> None:
    found = propose(run, signed, ceremony, "1.5 ETH", "2 ETH")
    second, file = ceremony / "second.json", ceremony / "veto.json"
    answer = run("charter", "veto", second, "--key", ceremony / "bob", "--file", file, "--json")
    assert (answer.code, answer.json["hash"], answer.json["by"]) == (0, found["hash"], "bob")
    document = read_document(json.loads(file.read_text()), "", "veto")
    veto.verify(document, verify_chain(load_chain(signed.read_bytes()))[-1])
    root = run("charter", "veto", signed, "--key", ceremony / "bob", "--json")
    assert (root.code, root.json["error"]["code"]) == (2, "veto_root")


def test_activation_goes_one_way(run: Run, signed: Path, ceremony: Path) -> None:
    both = run("charter", "activate", signed, "--dir", ceremony, "--server", "http://127.0.0.1:9", "--json")
    assert (both.code, both.json["error"]["code"]) == (2, "where")
    assert run("charter", "activate", signed, "--server", "http://127.0.0.1:9").code == 3
