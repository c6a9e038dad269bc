"""Four hosts on one machine: network namespaces, wired star-like to the server's, each signer with two users
of its own.

The users exist only inside: `ip netns exec` mounts the files of /etc/netns/NAME over those of /etc.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installed import Installation, for_everybody
from tests.e2e.terminal import Terminal
from tests.small_cluster import passphrase_fd

PREFIX = f"q{os.getpid()}"
LINK_PORT, HTTP_PORT = 8443, 8080


@dataclass(frozen=True, slots=True)
class Host:
    """`number` 0 is the server, 1..3 the signers, `address` the one that the server's end of its wire has."""

    name: str
    number: int
    folder: Path
    installed: Installation

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
        return [*inside, self.installed.python, "-m", "quorate.client.cli.main", *map(str, arguments)]

    def run(self, *arguments: str | Path, passphrase: str | None = None) -> Any:
        """The JSON answer of a command that must succeed."""
        with passphrase_fd(passphrase) as (fds, options):
            done = subprocess.run(
                [*self.command(*arguments), *options, "--json"],
                check=False,
                capture_output=True,
                env=self.installed.environment,
                pass_fds=fds,
            )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def spawn(self, *arguments: str | Path, passphrase: str | None = None) -> subprocess.Popen[bytes]:
        """A daemon; its output goes to a log beside its folder."""
        with passphrase_fd(passphrase) as (fds, options), self.log.open("ab") as log:
            return subprocess.Popen(
                [*self.command(*arguments), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.installed.environment,
                pass_fds=fds,
                start_new_session=True,
            )

    def run_typed(self, *arguments: str | Path, passphrase: str) -> Any:
        """The JSON answer of a command that asks for a new passphrase, twice, on its terminal."""
        terminal, (read, write) = Terminal(), os.pipe()
        process = terminal.start([*self.command(*arguments), "--json"], self.installed.environment, write)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            terminal.answer(b"Passphrase of", passphrase)
            terminal.answer(b"Once more", passphrase)
            document = answer.read()
        assert process.wait(30) == 0, terminal.rest()
        assert passphrase.encode() not in terminal.rest(), "it was echoed"
        terminal.close()
        return json.loads(document)

    def spawn_typed(
        self, *arguments: str | Path, passphrase: str
    ) -> tuple[subprocess.Popen[bytes], Terminal]:
        """A daemon that asks for its passphrase on its terminal, which must stay open."""
        terminal = Terminal()
        process = terminal.start(self.command(*arguments), self.installed.environment)
        terminal.answer(b"Passphrase of", passphrase)
        return process, terminal

    def as_user(self, uid: int, code: str) -> str:
        """What a line of Python prints that this user runs on this host, or the last line of its error."""
        inside = ["ip", "netns", "exec", self.namespace, "setpriv", f"--reuid={uid}", f"--regid={uid}"]
        command = [*inside, "--clear-groups", self.installed.python, "-c", code]
        done = subprocess.run(
            command, env=self.installed.environment, cwd="/", check=False, capture_output=True, text=True
        )
        return done.stdout.strip() if done.returncode == 0 else done.stderr.strip().splitlines()[-1]

    @property
    def log(self) -> Path:
        return self.folder.parent / f"{self.name}.log"


@contextlib.contextmanager
def hosts(folder: Path) -> Iterator[list[Host]]:
    """The server's host and three signers', wired; everything is taken down again."""
    installed = for_everybody(folder / "opt")
    made = [Host("server", 0, folder / "server", installed)]
    made += [Host(f"signer-{n}", n, folder / f"signer-{n}", installed) for n in (1, 2, 3)]
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


def end(daemons: Sequence[subprocess.Popen[bytes]]) -> None:
    for daemon in daemons:
        daemon.terminate()
    for daemon in daemons:
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
