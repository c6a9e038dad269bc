"""After signing on both curves no share, seed, passphrase or root key lies outside the keepers: not in the
memory of any other process of the cluster, not in a file, log or database, not in an environment or command
line.
"""

import os
import secrets
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from quorate.client.ceremony import keeper
from tests.secrets import scan
from tests.secrets.conftest import Signed
from tests.secrets.forms import pieces
from tests.secrets.needles import Needle
from tests.secrets.scan import Haystack, Report
from tests.small_cluster import SIGNERS, passphrase_fd, until


def test_the_needles_are_those_of_the_keepers(signed: Signed) -> None:
    """Opened by a second implementation, so each kind is there: root, identity, a share on each curve."""
    kinds = Counter(needle.name.split(": ", 1)[1].split(" ")[0] for needle in signed.needles)
    assert kinds["passphrase"] == kinds["root"] == kinds["vote"] == kinds["log"] == kinds["envelope"] == 3
    assert sum("share" in needle.name and needle.scalar for needle in signed.needles) == 6
    assert sum("zero-share seed" in needle.name for needle in signed.needles) == 6
    # A zero-share seed is one secret of two signers.
    assert len({needle.value for needle in signed.needles}) == len(signed.needles) - 3 > 100


def test_no_process_but_a_keeper_holds_a_secret(signed: Signed) -> None:
    """Server, judges (which were the launchers), and the processes of `signer init`."""
    report = Report()
    for process in (*signed.cluster.daemons.values(), *signed.held.values()):
        assert process.poll() is None
        scan.process(process.pid, signed.haystack, report)
    assert (report.found, report.refused) == ({}, [])
    assert report.looked_at > 7 * 20 << 20


def test_no_file_holds_a_secret(signed: Signed) -> None:
    """Databases with their write-ahead logs, audit logs, journals, configuration, what commands printed."""
    report = Report()
    scan.files(signed.cluster.folder, signed.haystack, report)
    assert report.found == {}
    names = {path.name for path in signed.cluster.folder.rglob("*")}
    assert {"judge.sqlite", "judge.sqlite-wal", "server.sqlite", "checkpoint", "signer-1.log"} <= names


def test_no_environment_or_command_line_holds_a_secret(signed: Signed) -> None:
    """Of any process of the machine, the keepers included."""
    report, seen = Report(), set()
    for pid in (int(name) for name in os.listdir("/proc") if name.isdecimal()):
        try:
            scan.words(pid, signed.haystack, report)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        seen.add(pid)
    assert report.found == {}
    assert {signed.keeper(id) for id in SIGNERS} <= seen


def test_a_keeper_at_rest_shows_root_nothing(signed: Signed) -> None:
    """Between uses root key, identity and shares lie in pages that /proc/PID/mem does not give to root (EIO).
    What can be read of the keeper holds none of them, and no passphrase any more.
    """
    if "memfd-secret" not in signed.cluster.log("signer-1"):
        pytest.skip("memfd-secret: the keeper reports locked memory in its place")
    for id in SIGNERS:
        report = Report()
        scan.process(signed.keeper(id), signed.haystack, report)
        assert report.found == {}
        # Root key, three identity keys, two shares.
        assert len(report.refused) >= 6
        assert all("secretmem" in place and "Input/output error" in place for place in report.refused)


# ---- the scan can fail

PLANTED = Needle("planted", secrets.token_bytes(32), scalar=True)


@pytest.mark.parametrize("shift", range(9))
def test_every_form_is_found_wherever_it_lies(shift: int) -> None:
    haystack = Haystack([PLANTED])
    for name, piece in pieces(PLANTED.value, scalar=True):
        data = secrets.token_bytes(40 + shift) + piece + secrets.token_bytes(40)
        assert f"planted ({name})" in haystack.search(data), name
    assert haystack.search(secrets.token_bytes(1 << 16)) == set()


HOLDER = """
import base64, sys
raw = bytes.fromhex(sys.stdin.readline())
kept = [raw, int.from_bytes(raw, "big"), base64.b64encode(b"xy" + raw), str(list(raw)), {raw.hex(): 1}]
print("kept", flush=True)
sys.stdin.read()
"""


def test_what_a_python_process_keeps_is_found(proc_mem: None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin
        assert holder.stdout
        holder.stdin.write(PLANTED.value.hex().encode() + b"\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == b"kept\n"
        report = Report()
        scan.process(holder.pid, Haystack([PLANTED]), report)
    found = {form for forms in report.found.values() for form in forms}
    for form in ("raw", "30-bit limbs", "base64 at 2", "list of numbers", "hex"):
        assert f"planted ({form})" in found, form


def test_what_an_environment_and_a_file_hold_is_found(proc_mem: None, tmp_path: Path) -> None:
    (tmp_path / "core").write_bytes(secrets.token_bytes(1001) + PLANTED.value + b"tail")
    report = Report()
    scan.files(tmp_path, Haystack([PLANTED]), report)
    environment = {"SECRET": PLANTED.value.hex()}
    with subprocess.Popen(["/bin/sleep", "60"], env=environment) as sleeper:
        scan.words(sleeper.pid, Haystack([PLANTED]), report)
        sleeper.kill()
    assert {place.split(": ")[-1] for place in report.found} == {"core", "environ"}


def test_a_keeper_that_waits_for_its_judge_holds_its_passphrase(proc_mem: None) -> None:
    """The scan finds what is there: the passphrase is needed until the judge has brought the seal."""
    passphrase = Needle("passphrase", secrets.token_hex(20).encode())
    judge, end = socket.socketpair()
    with end, passphrase_fd(passphrase.value.decode()) as (fds, options):
        shares = [
            keeper.program(),
            "shares",
            "--judge-fd",
            str(end.fileno()),
            "--signer",
            "signer-1",
            *options,
        ]
        waiting = subprocess.Popen(shares, pass_fds=(end.fileno(), *fds))
    try:
        until(lambda: _found(waiting.pid, passphrase), "the passphrase in the keeper", 10)
    finally:
        judge.close()
        waiting.wait(10)


def _found(pid: int, needle: Needle) -> bool:
    report = Report()
    scan.process(pid, Haystack([needle]), report)
    return any(place.startswith(f"process {pid}: [heap]") for place in report.found)
