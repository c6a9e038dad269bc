"""The ceremony of docs/ops/ceremony.md on four hosts: what its people type, and what they carry over."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quorate.client.ceremony import judge
from quorate.client.demo.chain import Chain
from quorate.client.dev import commands, people
from tests.e2e.hosts import HTTP_PORT, LINK_PORT, Host, end, hosts
from tests.e2e.terminal import Terminal
from tests.small_cluster import until

DRAFT = """
threshold: 2
administrators: {quorum: 2, members: {alice: alice.pub, bob: bob.pub}}
users: [{id: payments, name: Payments, role: requester, key: requester.pub}]
keys: {root-secp256k1: secp256k1, root-ed25519: ed25519}
assets: [{id: ETH, chain: "evm:31337", decimals: 18}]
chains: [{id: "evm:31337", key: root-secp256k1, native_asset: ETH, fee_cap: 0.02 ETH}]
whitelist: [{id: exchange, chain: "evm:31337", address: "0xE1E1E1e1E1E1e1e1E1E1E1e1e1e1E1E1E1E1e1e1"}]
raw_keys: {ecdsa-secp256k1: root-secp256k1, ed25519: root-ed25519}
policy:
  rules:
    - {name: coin, destinations: [whitelist], assets: [ETH], max_amount: 1 ETH, verdict: allow}
    - {name: raw, operations: [RAW], verdict: allow}
"""


USERS = ("--judge-user", "quorate-judge", "--keeper-user", "quorate-keeper")
KEYS = ("root-secp256k1", "root-ed25519")


@dataclass
class Apart:
    """The running hosts. `desk`: the administrators' folder, which no daemon sees. The operator of signer-1
    types the passphrase on a terminal, the others give it over a descriptor.
    """

    server: Host
    signers: list[Host]
    desk: Path
    chain: Chain
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    terminals: list[Terminal] = field(default_factory=list)

    @property
    def charter(self) -> Path:
        return self.desk / "charter.json"

    @property
    def url(self) -> str:
        return f"http://10.77.9.2:{HTTP_PORT}"

    def journal(self, host: Host) -> str:
        """What a signer has written so far."""
        if host.number == 1:
            return self.terminals[0].rest().decode(errors="replace")
        return host.log.read_text()


def passphrase(host: Host) -> str:
    return f"seven words that only the operator of {host.name} knows"


@contextmanager
def running() -> Iterator[Apart]:
    """Four hosts after the ceremony; taken down again."""
    folder = Path(tempfile.mkdtemp(prefix="quorate-hosts-"))
    folder.chmod(0o755)
    desk = folder / "desk"
    desk.mkdir(mode=0o700)
    try:
        with hosts(folder) as (server, *signers), Chain(desk / "chain", host="10.77.9.1") as chain:
            it = Apart(server, signers, desk, chain)
            try:
                _ceremony(it)
                yield it
            finally:
                end(list(it.daemons.values()))
                for terminal in it.terminals:
                    terminal.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ceremony(it: Apart) -> None:
    """Steps 1 to 6 of docs/ops/ceremony.md."""
    endpoints = ("--http", f"0.0.0.0:{HTTP_PORT}", "--link", f"0.0.0.0:{LINK_PORT}")
    it.server.run(
        "server", "init", "--dir", it.server.folder, *endpoints, "--chain", f"evm:31337={it.chain.url}"
    )
    with ThreadPoolExecutor() as pool:
        list(pool.map(_init_signer, it.signers))
    _write_charter(it)
    root = commands.run("charter", "verify", it.charter)["versions"][0]["hash"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: start_signer(it, host), it.signers))
        list(pool.map(lambda host: _activate(it, host, root), it.signers))
    it.server.run("charter", "activate", it.charter, "--dir", it.server.folder)
    it.daemons["server"] = it.server.spawn("server", "run", "--dir", it.server.folder)
    for host in it.signers:
        votes(host)
    for key in KEYS:
        order, about = it.desk / f"{key}.json", ("--charter", it.charter)
        commands.run("order", "sign", order, *about, "--key", it.desk / "alice", "--key-create", key)
        commands.run("order", "sign", order, *about, "--key", it.desk / "bob")
        certificate = it.desk / f"{key}.certificate"
        commands.run("key", "create", order, "--server", it.url, *about, "--out", certificate)


def _init_signer(host: Host) -> None:
    link = f"{host.server_address}:{LINK_PORT}"
    about = ("--dir", host.folder, "--id", host.name, "--server", link, *USERS)
    run = host.run_typed if host.number == 1 else host.run
    run("signer", "init", *about, passphrase=passphrase(host))


def start_signer(it: Apart, host: Host) -> None:
    """`signer run`, and its passphrase."""
    run = ("signer", "run", "--dir", host.folder, *USERS)
    if host.number == 1:
        it.daemons[host.name], terminal = host.spawn_typed(*run, passphrase=passphrase(host))
        it.terminals.append(terminal)
    else:
        it.daemons[host.name] = host.spawn(*run, passphrase=passphrase(host))


def _activate(it: Apart, host: Host, root: str) -> None:
    until((host.folder / "judge.sock").exists, f"{host.name} starts")
    host.run("charter", "activate", it.charter, "--dir", host.folder, "--hash", root)


def votes(host: Host) -> None:
    """Returns when that signer may vote."""
    until(lambda: status(host)["may_vote"], f"{host.name} votes")


def status(host: Host) -> dict[str, Any]:
    """The signer's own words, from its socket."""
    return judge.ask(host.folder, {"do": "status"}, timeout=5)


def _write_charter(it: Apart) -> None:
    """The administrators get the enrolments as files; keys and passphrases stay where they are."""
    for name in ("alice", "bob"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", it.desk / name], check=True)
    people.make_user_key(it.desk / "requester.key")
    (it.desk / "draft.yaml").write_text(DRAFT)
    enrolments = []
    for host in (it.server, *it.signers):
        enrolments.append(it.desk / f"{host.name}.enrolment.json")
        shutil.copyfile(host.folder / "enrolment.json", enrolments[-1])
    server, *signers = enrolments
    options = [option for enrolment in signers for option in ("--signer", enrolment)]
    draft = ("--draft", it.desk / "draft.yaml", "--server", server)
    commands.run("charter", "new", *draft, *options, "--out", it.charter)
    for name in ("alice", "bob"):
        commands.run("charter", "sign", it.charter, "--key", it.desk / name)
