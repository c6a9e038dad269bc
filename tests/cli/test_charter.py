"""The charter ceremony, from draft to verified chain, with real SSH keys."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run


def test_a_signed_charter_is_valid(run: Run, signed: Path) -> None:
    answer = run("charter", "verify", signed, "--json")
    assert answer.code == 0
    assert answer.json["outcome"] == "valid"
    (version,) = answer.json["versions"]
    assert run("charter", "verify", signed, "--hash", version["hash"]).code == 0
    shown = run("charter", "show", signed, "--json").json
    assert shown["hash"] == version["hash"]
    assert shown["signed_by"] == ["alice", "bob"]
    rule = shown["charter"]["policy"]["rules"][0]
    assert rule["max_amount"] == str(15 * 10**17)
    assert shown["charter"]["chains"][0]["fee_cap"] == str(2 * 10**16)


def test_another_root_is_invalid(run: Run, signed: Path) -> None:
    answer = run("charter", "verify", signed, "--hash", "00" * 32, "--json")
    assert answer.code == 1
    assert answer.json["outcome"] == "invalid"


def _edit(path: Path, change: Any) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_a_changed_charter_is_invalid(run: Run, signed: Path) -> None:
    _edit(signed, lambda chain: chain[0]["charter"].update(threshold=3))
    answer = run("charter", "verify", signed)
    assert answer.code == 1
    assert answer.out.startswith("INVALID")


def test_every_administrator_signs_version_1(run: Run, signed: Path) -> None:
    _edit(signed, lambda chain: chain[0]["signatures"].pop())
    assert run("charter", "verify", signed).code == 1


def test_a_stranger_cannot_sign(run: Run, signed: Path, ceremony: Path) -> None:
    before = signed.read_bytes()
    answer = run("charter", "sign", signed, "--key", ceremony / "mallory", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "not_an_administrator")
    assert signed.read_bytes() == before


def test_a_second_version_continues_the_first(run: Run, signed: Path, ceremony: Path) -> None:
    draft, second = ceremony / "draft.yaml", ceremony / "second.json"
    draft.write_text(draft.read_text().replace("1.5 ETH", "2 ETH"))
    made = run("charter", "new", "--draft", draft, "--previous", signed, "--out", second, "--json")
    assert made.code == 0, made
    assert made.json["version"] == 2
    assert run("charter", "verify", second).code == 1
    for name in ("alice", "bob"):
        assert run("charter", "sign", second, "--key", ceremony / name).code == 0
    versions = run("charter", "verify", second, "--json").json["versions"]
    assert [version["version"] for version in versions] == [1, 2]


def test_a_draft_with_an_unknown_member_is_refused(run: Run, ceremony: Path) -> None:
    draft = ceremony / "draft.yaml"
    draft.write_text(draft.read_text() + "surprise: 1\n")
    identities = ("--signer", ceremony / "signer-1.json", "--server", ceremony / "server.json")
    answer = run(
        "charter", "new", "--draft", draft, "--out", ceremony / "charter.json", *identities, "--json"
    )
    assert (answer.code, answer.json["error"]["code"]) == (2, "unknown_member")
    assert not (ceremony / "charter.json").exists()


def test_activation_of_a_server_writes_its_charter(run: Run, signed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a-server"
    assert run("server", "init", "--dir", folder, "--chain", "evm:1=http://127.0.0.1:9").code == 0
    assert run("charter", "activate", signed, "--dir", folder, "--json").json["where"] == "server"
    assert (folder / "charter.json").read_bytes() == signed.read_bytes()
    assert run("server", "init", "--dir", folder).code == 2


def test_an_order_gathers_signatures(run: Run, signed: Path, ceremony: Path) -> None:
    order = ceremony / "order.json"
    about = ("--charter", signed)
    first = run(
        "order", "sign", order, *about, "--key", ceremony / "alice", "--key-create", "root-ed25519", "--json"
    )
    assert (first.code, first.json["count"], first.json["needed"]) == (0, 1, 2)
    again = run("order", "sign", order, *about, "--key", ceremony / "alice", "--json")
    assert again.json["count"] == 1
    second = run("order", "sign", order, *about, "--key", ceremony / "bob", "--json")
    assert second.json["count"] == 2
    assert second.json["order"]["kind"] == "key-create"
    unknown = run(
        "order", "sign", ceremony / "x.json", *about, "--key", ceremony / "bob", "--key-create", "nope"
    )
    assert unknown.code == 2
