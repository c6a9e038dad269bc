"""Hosts apart: server and signers in four network namespaces, judge and keeper of each signer under users
of their own, no file in common, a production charter, passphrases; set up by the commands of
docs/ops/ceremony.md.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quorate.client.demo.chain import Chain
from quorate.client.demo.sdk import Requester, whitelisted
from quorate.client.dev import commands, people
from tests.e2e.hosts import HTTP_PORT, LINK_PORT, Host, end, hosts, until

DRAFT = """
threshold: 2
administrators: {quorum: 2, members: {alice: alice.pub, bob: bob.pub}}
users: [{id: payments, name: Payments, role: requester, key: requester.pub}]
keys: {root-secp256k1: secp256k1, root-ed25519: ed25519}
assets: [{id: ETH, chain: "evm:31337", decimals: 18}]
chains: [{id: "evm:31337", key: root-secp256k1, native_asset: ETH, fee_cap: 0.02 ETH}]
whitelist: [{id: exchange, chain: "evm:31337", address: "0xE1E1E1e1E1E1e1e1E1E1E1e1e1e1E1E1E1E1e1e1"}]
raw_keys: {ed25519: root-ed25519}
policy:
  rules:
    - {name: coin, destinations: [whitelist], assets: [ETH], max_amount: 1 ETH, verdict: allow}
    - {name: raw, operations: [RAW], verdict: allow}
"""


@dataclass
class Apart:
    """The running hosts. `desk`: the administrators' folder, which no daemon sees."""

    server: Host
    signers: list[Host]
    desk: Path
    chain: Chain

    @property
    def charter(self) -> Path:
        return self.desk / "charter.json"

    @property
    def url(self) -> str:
        return f"http://10.77.9.2:{HTTP_PORT}"


def _passphrase(host: Host) -> str:
    return f"seven words that only the operator of {host.name} knows"


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    folder = Path(tempfile.mkdtemp(prefix="quorate-hosts-"))
    folder.chmod(0o755)
    desk = folder / "desk"
    desk.mkdir(mode=0o700)
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        with hosts(folder) as (server, *signers), Chain(desk / "chain", host="10.77.9.1") as chain:
            it = Apart(server, signers, desk, chain)
            try:
                _ceremony(it, daemons)
                yield it
            finally:
                end(daemons)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ceremony(it: Apart, daemons: list[subprocess.Popen[bytes]]) -> None:
    """Steps 1 to 6 of docs/ops/ceremony.md."""
    endpoints = ("--http", f"0.0.0.0:{HTTP_PORT}", "--link", f"0.0.0.0:{LINK_PORT}")
    it.server.run(
        "server", "init", "--dir", it.server.folder, *endpoints, "--chain", f"evm:31337={it.chain.url}"
    )
    users = ("--judge-user", "quorate-judge", "--keeper-user", "quorate-keeper")
    for host in it.signers:
        link = f"{host.server_address}:{LINK_PORT}"
        about = ("--dir", host.folder, "--id", host.name, "--server", link, *users)
        host.run("signer", "init", *about, passphrase=_passphrase(host))
    _write_charter(it)
    root = commands.run("charter", "verify", it.charter)["versions"][0]["hash"]
    for host in it.signers:
        run = ("signer", "run", "--dir", host.folder, *users)
        daemons.append(host.spawn(*run, passphrase=_passphrase(host)))
        until(lambda host=host: host.run("status", "--dir", host.folder), f"{host.name} starts")
        host.run("charter", "activate", it.charter, "--dir", host.folder, "--hash", root)
    it.server.run("charter", "activate", it.charter, "--dir", it.server.folder)
    daemons.append(it.server.spawn("server", "run", "--dir", it.server.folder))
    for host in it.signers:
        until(lambda host=host: host.run("status", "--dir", host.folder)["may_vote"], f"{host.name} votes")
    for key in ("root-secp256k1", "root-ed25519"):
        order = it.desk / f"{key}.json"
        about = ("--charter", it.charter)
        commands.run("order", "sign", order, *about, "--key", it.desk / "alice", "--key-create", key)
        commands.run("order", "sign", order, *about, "--key", it.desk / "bob")
        commands.run(
            "key", "create", order, "--server", it.url, *about, "--out", it.desk / f"{key}.certificate"
        )


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


@pytest.fixture
def requester(apart: Apart) -> Requester:
    key = apart.desk / "requester.key"
    return Requester({"api_key": "payments", "secret_key_file": str(key), "base_path": f"{apart.url}/v1"})


def test_a_transfer_and_a_raw_signature(apart: Apart, requester: Requester) -> None:
    account = requester.account("treasury")
    address, raw = requester.address(account, "ETH")
    (apart.desk / "proof.json").write_text(json.dumps(json.loads(raw)["proof"]))
    about = (
        "--charter",
        apart.charter,
        "--proof",
        apart.desk / "proof.json",
        "--account",
        account,
        "--asset",
        "ETH",
    )
    assert commands.verdict("address", "verify", address, *about)["outcome"] == "valid"
    apart.chain.fund(address, 3)
    done = requester.transfer(account, "ETH", "0.75", whitelisted("exchange"), "apart-1")
    assert done.status == "COMPLETED", done
    assert apart.chain.balance("0xE1E1E1e1E1E1e1e1E1E1E1e1e1e1E1E1E1E1e1e1") == 75 * 10**16
    refused = requester.transfer(account, "ETH", "1.000000000000000001", whitelisted("exchange"), "apart-2")
    assert refused.status == "BLOCKED", refused
    signed = requester.sign_raw("MPC_EDDSA_ED25519", [1729, 1, 0], b"from four hosts")
    assert signed.status == "COMPLETED", signed


def _process(pid: int) -> dict[str, Any]:
    """User ids (real, effective, saved, file system), groups and namespace of a process."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {
        "uids": {int(uid) for uid in fields["Uid"].split()},
        "groups": fields["Groups"].split(),
        "capabilities": int(fields["CapEff"], 16),
        "network": os.readlink(f"/proc/{pid}/ns/net"),
    }


def test_each_process_is_where_and_who_it_should_be(apart: Apart) -> None:
    networks = set()
    for host in apart.signers:
        run = json.loads((host.folder / "run.json").read_text())
        judge, keeper = (_process(run[role]["pid"]) for role in ("judge", "keeper"))
        assert (judge["uids"], keeper["uids"]) == ({host.judge_uid}, {host.keeper_uid})
        assert judge["capabilities"] == keeper["capabilities"] == 0
        assert not keeper["groups"]
        assert judge["network"] not in networks
        networks.add(judge["network"])
        assert host.run("status", "--dir", host.folder)["isolation"] == "separate-users"
    server = json.loads((apart.server.folder / "server.ready").read_text())["pid"]
    networks.add(_process(server)["network"])
    assert len(networks) == 4


def test_no_signer_reaches_another(apart: Apart) -> None:
    first, second, _ = apart.signers
    ping = ["ip", "netns", "exec", first.namespace, first.python, "-c",
            f"import socket; socket.create_connection(('10.77.{second.number}.2', 1), 1)"]  # fmt: skip
    done = subprocess.run(ping, check=False, capture_output=True, text=True)
    assert "unreachable" in done.stderr


def test_files_belong_to_the_judge_and_to_nobody_else(apart: Apart) -> None:
    for host in apart.signers:
        for path in (host.folder, *host.folder.rglob("*")):
            status = path.lstat()
            assert status.st_uid in (0, host.judge_uid), path
        assert host.folder.stat().st_mode & 0o077 == 0


def test_neither_the_judge_nor_another_user_reads_the_keeper(apart: Apart) -> None:
    for host in apart.signers:
        keeper = json.loads((host.folder / "run.json").read_text())["keeper"]["pid"]
        for uid in (host.judge_uid, host.keeper_uid):
            read = [host.python, "-c", f"open('/proc/{keeper}/mem', 'rb')"]
            done = subprocess.run(
                read, user=uid, group=uid, extra_groups=[], check=False, capture_output=True
            )
            assert b"PermissionError" in done.stderr, (uid, done.stderr)
