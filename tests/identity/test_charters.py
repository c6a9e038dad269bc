"""A signer takes only the charter that is meant for it: its own identity, its mode, its cluster, its
operator's hash, and for production two users.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quorate.client.ceremony import judge, link
from quorate.client.dev import commands
from quorate.core.errors import QuorateError
from tests.e2e.hosts import end
from tests.small_cluster import passphrase_fd, until

DRAFT = """
mode: {mode}
threshold: 2
administrators: {{quorum: 1, members: {{alice: alice.pub}}}}
keys: {{root: ed25519}}
policy: {{rules: [{{name: raw, operations: [RAW], verdict: allow}}]}}
"""
MODES = ("production", "dev")


class Desk:
    """An administrator's folder, and two running signers named `signer-1`, one initialised for each mode. The
    judge and the keeper of each share a user.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "alice"], check=True)
        (folder / "server").mkdir()
        certificate = link.make(folder / "server", link.SERVER_NAME)
        (folder / "server.json").write_text(json.dumps({"link_certificate": certificate}))
        self.stranger("signer-2", 2)

    def signer(self, mode: str) -> Path:
        return self.folder / mode

    def log(self, mode: str) -> str:
        return (self.folder / f"{mode}.log").read_text()

    def own(self, mode: str) -> Path:
        """The enrolment of that signer."""
        return self.signer(mode) / "enrolment.json"

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

    def charter(self, name: str, first: Path, mode: str) -> tuple[Path, str]:
        """A signed version 1 whose signer-1 is `first`; its hash."""
        path = self.folder / f"{name}.json"
        draft = self.folder / f"{name}.yaml"
        draft.write_text(DRAFT.format(mode=mode))
        signers = ("--signer", first, "--signer", self.folder / "stranger-2/enrolment.json")
        server = ("--server", self.folder / "server.json")
        made = commands.run("charter", "new", "--draft", draft, *server, *signers, "--out", path)
        commands.run("charter", "sign", path, "--key", self.folder / "alice")
        return path, str(made["hash"])

    def activate(self, mode: str, charter: Path, hash: str) -> None:
        commands.run("charter", "activate", charter, "--dir", self.signer(mode), "--hash", hash)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="quorate-desk-"))
    it, daemons = Desk(folder), []
    try:
        with ThreadPoolExecutor() as pool:
            daemons = list(pool.map(lambda mode: _bring_up(it, mode), MODES))
        yield it
    finally:
        end(daemons)
        shutil.rmtree(folder, ignore_errors=True)


def _bring_up(desk: Desk, mode: str) -> subprocess.Popen[bytes]:
    place = ("--dir", desk.signer(mode), "--id", "signer-1", "--server", "127.0.0.1:9", "--mode", mode)
    assert _start(desk, mode, "signer", "init", *place).wait(30) == 0
    daemon = _start(desk, mode, "signer", "run", "--dir", desk.signer(mode))
    until((desk.signer(mode) / "judge.sock").exists, "the signer starts")
    return daemon


def _start(desk: Desk, mode: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """A command that reads the passphrase from a pipe."""
    with (
        passphrase_fd("a passphrase for one signer of one test") as (fds, options),
        (desk.folder / f"{mode}.log").open("ab") as log,
    ):
        command = [*commands.QUORATE, *map(str, arguments), *options]
        return subprocess.Popen(command, pass_fds=fds, stdout=log, stderr=log)


def _refused(desk: Desk, mode: str, charter: Path, hash: str) -> QuorateError:
    """The command says code, whose fault and what to do, the journal the code; nothing is in force."""
    before = _status(desk, mode)["charter_hash"]
    with pytest.raises(QuorateError) as error:
        desk.activate(mode, charter, hash)
    assert error.value.whose == "caller"
    assert error.value.hint
    assert f'"code": "{error.value.code}"' in desk.log(mode)
    assert _status(desk, mode)["charter_hash"] == before
    return error.value


def _status(desk: Desk, mode: str) -> dict[str, object]:
    return judge.ask(desk.signer(mode), {"do": "status"})


def test_a_production_signer_refuses_a_dev_charter(desk: Desk) -> None:
    charter = desk.charter("dev-for-production", desk.own("production"), "dev")
    assert _refused(desk, "production", *charter).code == "mode"


def test_a_dev_signer_refuses_a_production_charter(desk: Desk) -> None:
    """Also for another reason, which is found first: its judge and keeper share a user."""
    charter = desk.charter("production-for-dev", desk.own("dev"), "production")
    assert _refused(desk, "dev", *charter).code == "isolation"


def test_a_production_charter_is_refused_where_judge_and_keeper_share_a_user(desk: Desk) -> None:
    assert _status(desk, "production")["isolation"] == "same-user"
    error = _refused(desk, "production", *desk.charter("same-user", desk.own("production"), "production"))
    assert error.code == "isolation"
    assert "--judge-user" in error.hint


def test_a_signer_whose_keys_are_not_in_the_charter_refuses(desk: Desk) -> None:
    charter = desk.charter("foreign", desk.stranger("signer-1", 3), "dev")
    assert _refused(desk, "dev", *charter).code == "own_identity"


def test_another_hash_than_the_operators_is_refused(desk: Desk) -> None:
    charter, _ = desk.charter("typo", desk.own("dev"), "dev")
    assert "hash" in str(_refused(desk, "dev", charter, "00" * 32))


def test_a_second_cluster_is_refused(desk: Desk) -> None:
    desk.activate("dev", *desk.charter("first", desk.own("dev"), "dev"))
    assert _refused(desk, "dev", *desk.charter("second", desk.own("dev"), "dev")).code == "charter_root"
