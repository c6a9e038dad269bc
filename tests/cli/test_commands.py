"""What interfaces promise of every command: --help, --json, the four exit codes, one line for an error."""

from pathlib import Path

import pytest

from quorate.client.cli.main import COMMANDS, GROUPS
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "path", [*COMMANDS, *GROUPS, "dev signer start", "dev signer stop", "dev signer kill"]
)
def test_every_command_has_help(run: Run, path: str) -> None:
    answer = run(*path.split(), "--help")
    assert answer.code == 0
    assert "Usage: quorate" in answer.out
    if path in COMMANDS:
        assert "--json" in answer.out


def test_the_list_of_commands(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    for name in {path.split()[0] for path in COMMANDS}:
        assert name in answer.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nope"], "usage"),
        (["charter"], "usage"),
        (["charter", "nope"], "usage"),
        (["charter", "show"], "usage"),
        (["charter", "show", "missing.json"], "file_missing"),
        (["status"], "unreachable"),
        (["status", "--dir", "missing"], "signer_down"),
        (["status", "--server", "ftp://somewhere"], "bad_url"),
        (["status", "--server", "http://127.0.0.1:9"], "unreachable"),
        (["dev", "--dir", "missing", "--solana", "http://127.0.0.1:9"], "unreachable"),
        (["dev", "signer", "start", "signer-1", "--dir", "missing"], "no_dev_cluster"),
        (["tx", "decode", "--format", "evm-tx", "--hex", "zz"], "malformed_bytes"),
        (["tx", "decode", "--format", "no-format", "--hex", "00"], "format"),
        (["demo", "nope"], "no_such_chapter"),
    ],
)
def test_errors(
    run: Run, arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one line for people and as a document, with the exit code that says whose it is."""
    monkeypatch.chdir(tmp_path)  # `dev` makes its folder before it asks the node
    line = run(*arguments)
    assert line.out == ""
    assert line.err.count("\n") == 1
    assert line.err.startswith(f"error[{code}] ")
    document = run(*arguments, "--json") if arguments[0] != "nope" else None
    if document is not None and code != "usage":
        error = document.json["error"]
        assert error.keys() == {"code", "message", "whose", "hint"}
        assert error["code"] == code
        assert document.code == (2 if error["whose"] == "caller" else 3)
    assert line.code in (2, 3)


def test_a_dev_folder_that_is_not_one_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    answer = run("dev", "--dir", tmp_path, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "half_made")
    assert (tmp_path / "mine").read_text() == "keep"
