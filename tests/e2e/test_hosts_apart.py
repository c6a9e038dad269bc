"""Hosts apart: server and signers in four network namespaces, judge and keeper of each signer under users
of their own, no file in common, a production charter, passphrases; set up by the commands of
docs/ops/ceremony.md.
"""

import json
import os
import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from quorate.client.ceremony.processes import recorded
from quorate.client.demo.sdk import Requester, whitelisted
from quorate.client.dev import commands
from tests.e2e.apart import Apart, passphrase, running, start_signer, status, votes
from tests.e2e.hosts import Host
from tests.small_cluster import until

EXCHANGE = "0xE1E1E1e1E1E1e1e1E1E1E1e1e1e1E1E1E1E1e1e1"
ALWAYS = {"non-dumpable", "no-core", "no-new-privileges", "no-network"}
WHERE_IT_CAN_BE = {"mlockall", "mlockall-refused", "memfd-secret", "locked-memory"}
PTRACE_ATTACH = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print("attached" if libc.ptrace(16, {pid}, None, None) == 0 else os.strerror(ctypes.get_errno()))
"""


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with running() as it:
        yield it


@pytest.fixture
def requester(apart: Apart) -> Requester:
    key = apart.desk / "requester.key"
    return Requester({"api_key": "payments", "secret_key_file": str(key), "base_path": f"{apart.url}/v1"})


def keeper(host: Host) -> int:
    return recorded(host.folder / "run.json")["keeper"].pid


def judge(host: Host) -> int:
    return recorded(host.folder / "run.json")["judge"].pid


def process(pid: int) -> dict[str, Any]:
    """What the kernel says of a process: user ids (real, effective, saved, file system), rights, limits."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    core = re.search(r"Max core file size +(\w+) +(\w+)", Path(f"/proc/{pid}/limits").read_text())
    return {
        "uids": {int(uid) for uid in fields["Uid"].split()},
        "groups": fields["Groups"].split(),
        "capabilities": int(fields["CapEff"], 16) | int(fields["CapPrm"], 16),
        "no_new_privs": fields["NoNewPrivs"].strip(),
        "locked_kb": int(fields["VmLck"].split()[0]),
        "core": core and core.groups(),
        "network": os.readlink(f"/proc/{pid}/ns/net"),
    }


def hardening(apart: Apart, host: Host) -> set[str]:
    """What the keeper reported at its start."""
    started = next(json.loads(line) for line in apart.journal(host).splitlines() if '"started"' in line)
    return set(started["hardening"].split(","))


# ---- what it is for


def test_a_transfer_and_raw_signatures_on_both_curves(apart: Apart, requester: Requester) -> None:
    account = requester.account("treasury")
    address, raw = requester.address(account, "ETH")
    proof = apart.desk / "proof.json"
    proof.write_text(json.dumps(json.loads(raw)["proof"]))
    about = ("--charter", apart.charter, "--proof", proof, "--account", account, "--asset", "ETH")
    assert commands.verdict("address", "verify", address, *about)["outcome"] == "valid"
    apart.chain.fund(address, 3)
    done = requester.transfer(account, "ETH", "0.75", whitelisted("exchange"), "apart-1")
    assert done.status == "COMPLETED", done
    assert apart.chain.balance(EXCHANGE) == 75 * 10**16
    refused = requester.transfer(account, "ETH", "1.000000000000000001", whitelisted("exchange"), "apart-2")
    assert refused.status == "BLOCKED", refused
    for algorithm, path in (("MPC_ECDSA_SECP256K1", [1729, 0, 0]), ("MPC_EDDSA_ED25519", [1729, 1, 0])):
        signed = requester.sign_raw(algorithm, path, b"thirty-two bytes, from four host")
        assert signed.status == "COMPLETED", signed


# ---- processes


def test_each_process_is_where_and_who_it_should_be(apart: Apart) -> None:
    networks = set()
    for host in apart.signers:
        ours, shares = process(judge(host)), process(keeper(host))
        assert (ours["uids"], shares["uids"]) == ({host.judge_uid}, {host.keeper_uid})
        assert ours["capabilities"] == shares["capabilities"] == 0
        assert not ours["groups"]
        assert not shares["groups"]
        networks |= {ours["network"], shares["network"]}
        told = status(host)
        assert (told["isolation"], told["seal"], told["keeper_pid"]) == (
            "separate-users",
            "passphrase",
            keeper(host),
        )
    server = json.loads((apart.server.folder / "server.ready").read_text())["pid"]
    assert len({*networks, process(server)["network"]}) == 7


def test_a_keeper_is_as_hard_as_its_journal_says(apart: Apart) -> None:
    for host in apart.signers:
        told = hardening(apart, host)
        assert told - WHERE_IT_CAN_BE == ALWAYS
        assert len(told) == len(ALWAYS) + 2
        found = process(keeper(host))
        assert (found["core"], found["no_new_privs"]) == (("0", "0"), "1")
        assert (found["locked_kb"] > 1000) == ("mlockall" in told)
        # The kernel gives the files of a process that is not dumpable to root.
        assert Path(f"/proc/{keeper(host)}/mem").stat().st_uid == 0
        assert Path(f"/proc/{judge(host)}/mem").stat().st_uid == host.judge_uid


def test_a_keeper_locks_its_memory(apart: Apart) -> None:
    """The launcher raises the limit for it, where a launcher may."""
    with suppress(ValueError, OSError):
        resource.prlimit(os.getpid(), resource.RLIMIT_MEMLOCK, (256 << 20, 256 << 20))
    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if most != resource.RLIM_INFINITY and most < 256 << 20:
        pytest.skip(f"memory-lock: no more than {most >> 20} MiB may be locked")
    for host in apart.signers:
        assert "mlockall" in hardening(apart, host)


def test_a_keeper_has_one_socket_and_no_network(apart: Apart) -> None:
    for host in apart.signers:
        home = Path(f"/proc/{keeper(host)}")
        files = {int(entry.name): os.readlink(entry) for entry in (home / "fd").iterdir()}
        assert len([file for file in files.values() if file.startswith("socket:")]) == 1
        assert len(files) <= 4, files
        interfaces = (home / "net/dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
        for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "unix"):
            assert len((home / "net" / table).read_text().splitlines()) <= 1, table


def test_nobody_but_root_looks_into_a_keeper(apart: Apart) -> None:
    for host in apart.signers:
        for uid in (host.judge_uid, host.keeper_uid):
            for file in ("mem", "environ", "maps"):
                answer = host.as_user(uid, f"open('/proc/{keeper(host)}/{file}', 'rb').read(1)")
                assert answer.startswith("PermissionError"), (uid, file, answer)
            answer = host.as_user(uid, PTRACE_ATTACH.format(pid=keeper(host)))
            assert answer == "Operation not permitted", (uid, answer)
        answer = host.as_user(host.judge_uid, f"import os; os.kill({keeper(host)}, 9)")
        assert answer.startswith("PermissionError")


def test_these_looks_would_see_an_ordinary_process(apart: Apart) -> None:
    host = apart.signers[1]
    user = {"user": host.keeper_uid, "group": host.keeper_uid, "extra_groups": []}
    with subprocess.Popen(["/bin/sleep", "60"], env={"SEEN": "yes"}, **user) as ordinary:  # type: ignore[call-overload]
        until(lambda: os.readlink(f"/proc/{ordinary.pid}/exe").endswith("sleep"), "sleep runs")
        answer = host.as_user(host.keeper_uid, f"print(open('/proc/{ordinary.pid}/environ').read())")
        assert answer.startswith("SEEN=yes")
        ordinary.kill()


def test_a_judge_cannot_replace_the_keepers_program(apart: Apart) -> None:
    for host in apart.signers:
        program = os.readlink(f"/proc/{keeper(host)}/exe")
        assert host.as_user(host.judge_uid, f"open({program!r}, 'ab')").startswith("PermissionError")
        folder = os.path.dirname(program)
        code = f"import os; print([os.access(path, os.W_OK) for path in ({program!r}, {folder!r})])"
        assert host.as_user(host.judge_uid, code) == "[False, False]"


# ---- hosts


def test_no_signer_reaches_another(apart: Apart) -> None:
    first, second, _ = apart.signers
    dial = f"import socket; socket.create_connection(('10.77.{second.number}.2', 1), 1)"
    assert "unreachable" in first.as_user(first.judge_uid, dial)


def test_no_signer_reads_the_files_of_another_host(apart: Apart) -> None:
    for host in apart.signers:
        for other in (other for other in (apart.server, *apart.signers) if other is not host):
            code = f"import os; os.listdir({str(other.folder)!r})"
            assert host.as_user(host.judge_uid, code).startswith("PermissionError")
            assert host.as_user(host.keeper_uid, code).startswith("PermissionError")
        assert host.as_user(host.keeper_uid, f"import os; os.listdir({str(host.folder)!r})").startswith(
            "PermissionError"
        )


def test_files_belong_to_the_judge_and_to_nobody_else(apart: Apart) -> None:
    for host in apart.signers:
        for path in (host.folder, *host.folder.rglob("*")):
            assert path.lstat().st_uid in (0, host.judge_uid), path
        assert host.folder.stat().st_mode & 0o077 == 0


# ---- a start that production refuses


def test_a_start_under_one_user_is_refused_and_does_no_harm(apart: Apart, requester: Requester) -> None:
    host = apart.signers[2]
    before = status(host)["incarnation"]
    apart.daemons[host.name].terminate()
    apart.daemons[host.name].wait(10)
    started = host.spawn("signer", "run", "--dir", host.folder, passphrase=passphrase(host))
    assert started.wait(30) == 2
    error = json.loads(host.log.read_text().splitlines()[-1])["error"]
    assert (error["code"], error["whose"]) == ("isolation", "caller")
    assert "--judge-user" in error["hint"]
    start_signer(apart, host)
    votes(host)
    assert status(host)["incarnation"] == before + 1
    assert requester.sign_raw("MPC_EDDSA_ED25519", [1729, 1, 0], b"again").status == "COMPLETED"
