"""A signer takes only the charter that is meant for it: its own identity, its mode, its cluster, its
operator's hash.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from quorate.client.ceremony import judge, link
from quorate.client.dev import commands
from quorate.core.errors import QuorateError
from tests.e2e.hosts import end, until

DRAFT = """
mode: {mode}
threshold: 2
administrators: {{quorum: 1, members: {{alice: alice.pub}}}}
keys: {{root: ed25519}}
policy: {{rules: [{{name: raw, operations: [RAW], verdict: allow}}]}}
"""


class Desk:
    """An administrator's folder, with the enrolment of a running production signer, `signer-1`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signer = folder / "signer-1"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "alice"], check=True)
        (folder / "server").mkdir()
        certificate = link.make(folder / "server", link.SERVER_NAME)
        (folder / "server.json").write_text(json.dumps({"link_certificate": certificate}))
        self.stranger("signer-2", 2)

    def stranger(self, id: str, seed: int) -> Path:
        """An enrolment whose keys nobody holds."""
        home = self.folder / f"stranger-{seed}"
        home.mkdir()
        keys = {name: bytes([seed, place] * 16).hex() for place, name in enumerate(("vote_key", "log_key"))}
        document = {
            "id": id,
            **keys,
            "envelope_key": bytes([seed, 9] * 16).hex(),
            "link_certificate": link.make(home, id),
        }
        path = home / "enrolment.json"
        path.write_text(json.dumps(document))
        return path

    def charter(self, name: str, first: Path, mode: str = "production") -> tuple[Path, str]:
        """A signed version 1 whose signer-1 is `first`; its hash."""
        path = self.folder / f"{name}.json"
        draft = self.folder / f"{name}.yaml"
        draft.write_text(DRAFT.format(mode=mode))
        signers = ("--signer", first, "--signer", self.folder / "stranger-2/enrolment.json")
        server = ("--server", self.folder / "server.json")
        made = commands.run("charter", "new", "--draft", draft, *server, *signers, "--out", path)
        commands.run("charter", "sign", path, "--key", self.folder / "alice")
        return path, str(made["hash"])

    def activate(self, charter: Path, hash: str) -> None:
        commands.run("charter", "activate", charter, "--dir", self.signer, "--hash", hash)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="quorate-desk-"))
    try:
        it = Desk(folder)
        _quorate("signer", "init", "--dir", it.signer, "--id", "signer-1", "--server", "127.0.0.1:9")
        daemon = _start("signer", "run", "--dir", it.signer)
        try:
            until(lambda: (it.signer / "judge.sock").exists(), "the signer starts")
            yield it
        finally:
            end([daemon])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """A command that reads the passphrase from a pipe."""
    read, write = os.pipe()
    os.write(write, b"a passphrase for one signer of one test\n")
    os.close(write)
    command = [*commands.QUORATE, *map(str, arguments), "--passphrase-fd", str(read)]
    started = subprocess.Popen(
        command, pass_fds=(read,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(read)
    return started


def _quorate(*arguments: str | Path) -> None:
    assert _start(*arguments).wait(30) == 0


def _refused(desk: Desk, charter: Path, hash: str) -> QuorateError:
    with pytest.raises(QuorateError) as error:
        desk.activate(charter, hash)
    assert judge.ask(desk.signer, {"do": "status"})["signer"] == "signer-1"
    return error.value


def test_a_production_signer_refuses_a_dev_charter(desk: Desk) -> None:
    error = _refused(desk, *desk.charter("dev", desk.signer / "enrolment.json", "dev"))
    assert error.code == "mode"


def test_a_signer_whose_keys_are_not_in_the_charter_refuses(desk: Desk) -> None:
    error = _refused(desk, *desk.charter("foreign", desk.stranger("signer-1", 3)))
    assert error.code == "own_identity"


def test_another_hash_than_the_operators_is_refused(desk: Desk) -> None:
    charter, _ = desk.charter("typo", desk.signer / "enrolment.json")
    assert "hash" in str(_refused(desk, charter, "00" * 32))


def test_a_second_cluster_is_refused(desk: Desk) -> None:
    desk.activate(*desk.charter("first", desk.signer / "enrolment.json"))
    in_force = judge.ask(desk.signer, {"do": "status"})["charter_hash"]
    _refused(desk, *desk.charter("second", desk.signer / "enrolment.json"))
    assert judge.ask(desk.signer, {"do": "status"})["charter_hash"] == in_force
