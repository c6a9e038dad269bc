"""What `signer init` and the launcher meet: blobs taken over once, and a clear word on what is missing."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.judge.init import adopt
from quorate.judge.store.store import open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.joinpath("signer.json").write_text(json.dumps({"id": "signer-1", "server": "127.0.0.1:1"}))
    return tmp_path


def document(**changes: Any) -> str:
    blobs = {name: base64.b64encode(name.encode()).decode() for name in ("seal", "identity", "state")}
    return json.dumps({"signer": "signer-1", "blobs": blobs, **changes})


def test_blobs_are_taken_over_once(folder: Path) -> None:
    adopt(folder, document())
    with pytest.raises(QuorateError, match="already_initialised"):
        adopt(folder, document())
    store = open_store(folder / "judge.sqlite", "signer-1", lambda error: None)
    assert store.blobs.all() == {"seal": b"seal", "identity": b"identity", "state": b"state"}
    assert folder.joinpath("judge.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        document(signer="signer-2"),
        document(blobs={"seal": "AA=="}),
        document(blobs={"seal": "AA==", "identity": "AA==", "state": "%"}),
        document(blobs={"seal": "AA==", "identity": "AA==", "state": ""}),
        document(blobs=[]),
    ],
)
def test_other_documents_are_refused(folder: Path, text: str) -> None:
    with pytest.raises(QuorateError, match="keeper_document"):
        adopt(folder, text)
    assert not folder.joinpath("judge.sqlite").exists()


def run(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "quorate.judge.main", "--dir", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    error: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])["error"]
    return done.returncode, error


def test_a_judge_that_cannot_start_says_why(folder: Path) -> None:
    code, error = run(folder, "--keeper-fd", "99")
    assert (code, error["code"]) == (2, "keeper_fd")
    folder.joinpath("signer.json").unlink()
    code, error = run(folder, "--keeper-fd", "99")
    assert (code, error["code"], error["hint"]) == (2, "config", "run: quorate signer init")
