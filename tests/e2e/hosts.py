"""Four hosts on one machine: network namespaces, wired star-like to the server's, each signer with two users
of its own.

The users exist only inside: `ip netns exec` mounts the files of /etc/netns/NAME over those of /etc.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".venv/lib/python3.11/site-packages"
PREFIX = f"q{os.getpid()}"
LINK_PORT, HTTP_PORT = 8443, 8080


@dataclass(frozen=True, slots=True)
class Host:
    """`number` 0 is the server, 1..3 the signers, `address` the one that the server's end of its wire has."""

    name: str
    number: int
    folder: Path
    python: str

    @property
    def namespace(self) -> str:
        return f"{PREFIX}-{self.name}"

    @property
    def judge_uid(self) -> int:
        return 70_000 + 10 * self.number

    @property
    def keeper_uid(self) -> int:
        return self.judge_uid + 1

    @property
    def server_address(self) -> str:
        """Where the server is, seen from this host."""
        return f"10.77.{self.number}.1"

    def command(self, *arguments: str | Path) -> list[str]:
        """`quorate ARGUMENTS` on this host, as root."""
        inside = ["ip", "netns", "exec", self.namespace]
        return [*inside, self.python, "-m", "quorate.client.cli.main", *map(str, arguments)]

    def run(self, *arguments: str | Path, passphrase: str | None = None) -> Any:
        """The JSON answer of a command that must succeed."""
        with _fd(passphrase) as (fds, options):
            done = subprocess.run(
                [*self.command(*arguments), *options, "--json"],
                check=False,
                capture_output=True,
                env=environment(),
                pass_fds=fds,
            )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def spawn(self, *arguments: str | Path, passphrase: str | None = None) -> subprocess.Popen[bytes]:
        """A daemon; its output goes to a log beside its folder."""
        with _fd(passphrase) as (fds, options), self.log.open("ab") as log:
            return subprocess.Popen(
                [*self.command(*arguments), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                pass_fds=fds,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.folder.parent / f"{self.name}.log"


@contextlib.contextmanager
def _fd(passphrase: str | None) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """A pipe that holds the passphrase, and the option that names it."""
    if passphrase is None:
        yield (), ()
        return
    read, write = os.pipe()
    os.write(write, passphrase.encode() + b"\n")
    os.close(write)
    try:
        yield (read,), ("--passphrase-fd", str(read))
    finally:
        os.close(read)


def environment() -> dict[str, str]:
    """What the programs need to be found by an interpreter outside the virtual environment."""
    path = f"{ROOT / '.venv/bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "PYTHONPATH": f"{ROOT / 'src'}:{SITE}", "PYTHONDONTWRITEBYTECODE": "1"}


def python_for_everybody() -> str:
    """An interpreter that other users may start, with the installed packages.

    Skips the test where there is none: a checkout or a Python below a home folder that is closed to others.
    """
    if os.geteuid() != 0:
        pytest.skip("os-users: not root")
    for python in (str(ROOT / ".venv/bin/python"), "/usr/bin/python3.11", "/usr/bin/python3"):
        done = subprocess.run(
            [python, "-c", "import grpc, quorate.judge.main"],
            user=70_000,
            group=70_000,
            extra_groups=[],
            env=environment(),
            cwd="/",
            check=False,
            capture_output=True,
        ) if os.path.exists(python) and _executable(python) else None  # fmt: skip
        if done is not None and done.returncode == 0:
            return python
    pytest.skip("os-users: no Python 3.11 with the installed packages that another user may start")


def _executable(python: str) -> bool:
    """Whether a stranger may execute the file behind `python`."""
    real = Path(python).resolve()
    return all(place.stat().st_mode & 0o001 for place in (real, *real.parents))


@contextlib.contextmanager
def hosts(folder: Path) -> Iterator[list[Host]]:
    """The server's host and three signers', wired; everything is taken down again."""
    python = python_for_everybody()
    made = [Host("server", 0, folder / "server", python)]
    made += [Host(f"signer-{n}", n, folder / f"signer-{n}", python) for n in (1, 2, 3)]
    try:
        for host in made:
            _add(host)
        for host in made[1:]:
            _wire(made[0], host)
        _wire_outside(made[0])
        yield made
    finally:
        for host in made:
            subprocess.run(["ip", "netns", "del", host.namespace], check=False, capture_output=True)
            shutil.rmtree(f"/etc/netns/{host.namespace}", ignore_errors=True)


def _add(host: Host) -> None:
    done = subprocess.run(["ip", "netns", "add", host.namespace], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"namespaces: {done.stderr.strip()}")
    etc = Path("/etc/netns", host.namespace)
    etc.mkdir(parents=True, exist_ok=True)
    users = [("root", 0), ("quorate-judge", host.judge_uid), ("quorate-keeper", host.keeper_uid)]
    (etc / "passwd").write_text("".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in users))
    (etc / "group").write_text("".join(f"{name}:x:{uid}:\n" for name, uid in users))
    _ip("-n", host.namespace, "link", "set", "lo", "up")


def _wire(server: Host, host: Host) -> None:
    """A cable between the two; there is no route from one signer to another."""
    near, far = f"{PREFIX}s{host.number}", f"{PREFIX}h{host.number}"
    done = _ip("link", "add", near, "netns", server.namespace, "type", "veth", "peer", "name", far, "netns",
               host.namespace, check=False)  # fmt: skip
    if done.returncode:
        pytest.skip(f"namespaces: {done.stderr.strip()}")
    for end, name, last in ((server, near, 1), (host, far, 2)):
        _ip("-n", end.namespace, "address", "add", f"10.77.{host.number}.{last}/30", "dev", name)
        _ip("-n", end.namespace, "link", "set", name, "up")


def _wire_outside(server: Host) -> None:
    """Where requesters and the chain are: the machine's own namespace, 10.77.9.1."""
    near, far = f"{PREFIX}s9", f"{PREFIX}h9"
    _ip("link", "add", far, "type", "veth", "peer", "name", near, "netns", server.namespace)
    _ip("-n", server.namespace, "address", "add", "10.77.9.2/30", "dev", near)
    _ip("-n", server.namespace, "link", "set", near, "up")
    _ip("address", "add", "10.77.9.1/30", "dev", far)
    _ip("link", "set", far, "up")


def _ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)


def until(ready: Any, what: str, seconds: float = 30) -> Any:
    """The first true answer of `ready`."""
    limit = time.monotonic() + seconds
    while True:
        with contextlib.suppress(AssertionError, OSError):
            if answer := ready():
                return answer
        assert time.monotonic() < limit, f"not after {seconds:.0f} s: {what}"
        time.sleep(0.1)


def end(daemons: Sequence[subprocess.Popen[bytes]]) -> None:
    for daemon in daemons:
        daemon.terminate()
    for daemon in daemons:
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
