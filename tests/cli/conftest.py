"""Commands run in this process, as the entry point runs them; and a small ceremony to run them on."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quorate.client.ceremony.link import make
from quorate.client.cli.main import execute
from tests.cli.handler import Handler, handling
from tests.cli.shown import Place, Request, charter_file, key_file, serving
from tests.judge.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit code, stdout and stderr of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str | Path) -> Answer:
        code = execute([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return command


@pytest.fixture
def place(cluster: Cluster) -> Iterator[Place]:
    """A server that shows what waits in the cluster of the test's module."""
    with serving(Place(cluster)) as running:
        yield running


@pytest.fixture
def approve(run: Run, place: Place, tmp_path: Path) -> Callable[..., Answer]:
    charter = charter_file(place.cluster, tmp_path)

    def command(shown: Request | str, *options: str, who: str = "dana") -> Answer:
        key = tmp_path / who if (tmp_path / who).exists() else key_file(who, tmp_path)
        hash = shown if isinstance(shown, str) else shown.hash
        about = ("--server", place.url, "--charter", charter, "--key", key)
        return run("approve", hash, *about, "--json", *options)

    return command


@pytest.fixture
def machine(run: Run, place: Place, tmp_path: Path) -> Callable[..., Answer]:
    """One look of frank's program."""
    charter, key = charter_file(place.cluster, tmp_path), key_file("frank", tmp_path)

    def command(*options: Any) -> Answer:
        about = ("--server", place.url, "--charter", charter, "--key", key, "--dir", tmp_path / "record")
        return run("approver", "run", *about, "--once", "--json", *options)

    return command


@pytest.fixture
def handler() -> Iterator[Handler]:
    with handling(Handler()) as running:
        yield running


@pytest.fixture
def by_callback(machine: Callable[..., Answer], handler: Handler, tmp_path: Path) -> Callable[..., Answer]:
    key, public = handler.key_files(tmp_path)
    about = ("--callback", handler.url, "--callback-key", key, "--handler-key", public)
    return lambda *options: machine(*about, "--callback-timeout", "1", *options)


DRAFT = """
mode: dev
threshold: 2
administrators: {quorum: 2, members: {alice: alice.pub, bob: bob.pub}}
users:
  - {id: payments, name: Payments, role: requester, key: payments.pub.pem}
keys: {root-secp256k1: secp256k1, root-ed25519: ed25519}
assets:
  - {id: ETH, chain: "evm:1", decimals: 18}
  - {id: USDC, chain: "evm:1", decimals: 6, contract: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"}
chains:
  - {id: "evm:1", key: root-secp256k1, native_asset: ETH, fee_cap: 0.02 ETH}
raw_keys: {ed25519: root-ed25519}
policy:
  rules:
    - {name: small, operations: [TRANSFER], assets: [ETH], max_amount: 1.5 ETH, verdict: allow}
"""


@pytest.fixture
def ceremony(tmp_path: Path) -> Path:
    """A folder with administrators' keys, a draft, and enrolments of three signers and a server."""
    for name in ("alice", "bob", "mallory"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", tmp_path / name]
        subprocess.run(command, check=True)
    private = tmp_path / "payments.pem"
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
    public = ["openssl", "pkey", "-in", private, "-pubout", "-out", tmp_path / "payments.pub.pem"]
    subprocess.run(public, check=True)
    (tmp_path / "draft.yaml").write_text(DRAFT)
    for index in (1, 2, 3):
        _enrol(tmp_path, f"signer-{index}", index)
    (tmp_path / "server").mkdir()
    server = {"link_certificate": make(tmp_path / "server", "server"), "link": "127.0.0.1:1"}
    (tmp_path / "server.json").write_text(json.dumps(server))
    return tmp_path


def _enrol(folder: Path, id: str, index: int) -> None:
    """Public keys that nobody holds: these tests start no signer."""
    (folder / id).mkdir()
    keys = {name: bytes([index, place] * 16).hex() for place, name in enumerate(("vote_key", "log_key"), 100)}
    keys["envelope_key"] = bytes([index, 99] * 16).hex()
    document = {"id": id, **keys, "link_certificate": make(folder / id, id)}
    (folder / f"{id}.json").write_text(json.dumps(document))


@pytest.fixture
def signed(run: Run, ceremony: Path) -> Path:
    """The path of a charter that both administrators signed."""
    charter = ceremony / "charter.json"
    signers = [option for n in (1, 2, 3) for option in ("--signer", ceremony / f"signer-{n}.json")]
    made = run(
        "charter", "new", "--draft", ceremony / "draft.yaml", "--server", ceremony / "server.json",
        *signers, "--out", charter,
    )  # fmt: skip
    assert made.code == 0, made
    for name in ("alice", "bob"):
        answer = run("charter", "sign", charter, "--key", ceremony / name)
        assert answer.code == 0, answer
    return charter
