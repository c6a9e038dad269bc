"""A cluster with three administrators, two of whom decide, two requesters, and a timelock of seconds."""

import signal
import subprocess
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import processes
from quorate.client.demo.sdk import Outcome, Requester
from quorate.client.dev import commands, people
from tests.small_cluster import SIGNERS, SmallCluster

TIMELOCK: Final = 12
USERS: Final = ("payments", "payroll")
DRAFT: Final = f"""
mode: dev
threshold: 2
administrators: {{quorum: 2, members: {{alice: alice.pub, bob: bob.pub, carol: carol.pub}}}}
users:
- {{id: payments, name: Payments, role: requester, key: payments.pub}}
- {{id: payroll, name: Payroll, role: requester, key: payroll.pub}}
keys: {{root-secp256k1: secp256k1, root-ed25519: ed25519}}
raw_keys: {{ecdsa-secp256k1: root-secp256k1, ed25519: root-ed25519}}
policy: {{rules: [{{name: raw, operations: [RAW], verdict: allow}}]}}
skew: 5
timelock: {TIMELOCK}
"""


class Governed(SmallCluster):
    def init_server(self) -> None:
        super().init_server()
        for name in ("bob", "carol"):
            key = str(self.folder / name)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        for name in USERS:
            people.make_user_key(self.folder / f"{name}.key")

    def make_charter(self) -> None:
        (self.folder / "draft.yaml").write_text(DRAFT)
        enrolled = [word for id in SIGNERS for word in ("--signer", self.signer(id) / "enrolment.json")]
        about = ("--draft", self.folder / "draft.yaml", "--server", self.server / "enrolment.json")
        made = commands.run("charter", "new", *about, *enrolled, "--out", self.charter)
        self.hash = str(made["hash"])
        self.sign_charter(self.charter, "alice", "bob", "carol")

    def bring_up(self) -> None:
        self.init_server()
        self.init_signers()
        self.make_charter()
        self.start()
        self.start_server()
        self.all_vote()

    # ---- administrators

    def sign_charter(self, file: Path, *names: str) -> None:
        for name in names:
            commands.run("charter", "sign", file, "--key", self.folder / name)

    def freeze(self, *options: str, by: str = "alice", server: bool = True) -> dict[str, Any]:
        where = ("--server", self.url) if server else ()
        about = ("--charter", self.charter, "--key", self.folder / by)
        return commands.run("freeze", *about, *where, *options)

    def order(self, name: str, *options: str, by: tuple[str, ...] = ("alice", "bob")) -> Path:
        """A new order, signed by these."""
        file = self.folder / f"{name}.order"
        for number, administrator in enumerate(by):
            what = options if number == 0 else ()
            about = ("--charter", self.charter, "--key", self.folder / administrator)
            commands.run("order", "sign", file, *about, *what)
        return file

    def create_key(self, key: str) -> Path:
        order, certificate = self.order(key, "--key-create", key), self.folder / f"{key}.certificate"
        about = ("--server", self.url, "--charter", self.charter, "--out", certificate)
        commands.run("key", "create", order, *about)
        return certificate

    def propose(self, name: str, **changes: str) -> Path:
        """The version after the newest one, its draft changed line by line; signed by alice and bob."""
        lines = (self.folder / "draft.yaml").read_text().splitlines()
        changed = [f"{line.split(':')[0]}: {changes.get(line.split(':')[0], line.partition(': ')[2])}"
                   if line.split(":")[0] in changes else line for line in lines]  # fmt: skip
        draft, out = self.folder / f"{name}.yaml", self.folder / f"{name}.json"
        draft.write_text("\n".join(changed))
        commands.run("charter", "propose", "--charter", self.charter, "--draft", draft, "--out", out)
        self.sign_charter(out, "alice", "bob")
        return out

    # ---- requests

    def sign(self, content: bytes, user: str = "payments") -> Outcome:
        """A RAW signature of that user. Raises ApiException where too few signers admit it."""
        key = str(self.folder / f"{user}.key")
        api = {"api_key": user, "secret_key_file": key, "base_path": f"{self.url}/v1"}
        return Requester(api).sign_raw("MPC_EDDSA_ED25519", [1729, 1, 0], content)

    # ---- accidents

    def kill(self, id: str) -> None:
        """SIGKILL for judge and keeper."""
        for process in processes.recorded(self.signer(id) / "run.json").values():
            process.send(signal.SIGKILL)
        self.daemons.pop(id).wait()
