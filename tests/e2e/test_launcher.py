"""`signer run` under two users says beforehand, by name, what would not work."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from quorate.client.ceremony import keeper, users
from quorate.core.errors import QuorateError
from tests.e2e.installed import Installation, for_everybody

JUDGE, KEEPER = "daemon", "nobody"
"""Users that every Debian has."""


@pytest.fixture(autouse=True)
def root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("os-users: not root")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only root may enter."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def program() -> str:
    return keeper.program()


def refused(program: str, folder: Path, judge: str = JUDGE, shares: str = KEEPER) -> QuorateError:
    with pytest.raises(QuorateError) as error:
        users.check(program, folder, judge, shares)
    return error.value


def test_a_judge_that_cannot_run_the_interpreter(
    closed: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happens with a Python below a closed home folder."""
    (closed / "python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(closed / "python"))
    error = refused(program, closed)
    assert (error.code, error.whose) == ("judge_program", "state")
    assert JUDGE in error.message
    assert "/opt/quorate" in error.hint


def test_a_keeper_that_cannot_be_run(closed: Path) -> None:
    copy = closed / "quorate-keeper"
    copy.symlink_to("/bin/true")
    error = refused(str(copy), closed)
    assert (error.code, error.whose) == ("keeper_program", "state")


@pytest.fixture
def installed() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield for_everybody(Path(folder, "opt"))


def test_a_folder_that_is_closed_to_the_judge(closed: Path, installed: Installation) -> None:
    """The whole command, from an installation that the judge may run."""
    (closed / "signer.json").write_text('{"id": "signer-1", "key_file": null}')
    command = [
        installed.python,
        "-m",
        "quorate.client.cli.main",
        "signer",
        "run",
        "--dir",
        str(closed),
        "--json",
    ]
    both = ["--judge-user", JUDGE, "--keeper-user", KEEPER]
    done = subprocess.run([*command, *both], env=installed.environment, check=False, capture_output=True)
    assert done.returncode == 3
    error = json.loads(done.stdout)["error"]
    assert (error["code"], error["whose"]) == ("judge_directory", "state")
    assert "signer init" in error["hint"]


@pytest.mark.parametrize(("judge", "shares"), [(JUDGE, JUDGE), ("root", KEEPER), (JUDGE, "root")])
def test_two_users_that_are_none(closed: Path, program: str, judge: str, shares: str) -> None:
    assert refused(program, closed, judge, shares).code == "users"


def test_a_keeper_program_that_the_judge_may_write(closed: Path) -> None:
    copy = closed / "quorate-keeper"
    copy.write_bytes(b"#!/bin/true\n")
    copy.chmod(0o777)
    assert refused(str(copy), closed).code == "keeper_writable"
