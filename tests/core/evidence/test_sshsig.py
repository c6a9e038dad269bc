"""Our verification against OpenSSH itself: what `ssh-keygen -Y sign` makes, and what `ssh-keygen -Y verify`
accepts.
"""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.errors import QuorateError
from quorate.core.evidence import sshsig
from quorate.core.evidence.ssh_key import SshKey
from tests.core.spec.generate.encode import ssh_line
from tests.core.spec.generate.encode import sshsig as make

NAMESPACE = "quorate/charter/v1"
BODY = b'{"version":1}'


def keygen(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=stdin, capture_output=True, check=False)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ssh") / "key"
    assert keygen("-q", "-t", "ed25519", "-N", "", "-C", "alice@host", "-f", str(path)).returncode == 0
    return path


@pytest.mark.parametrize("body", [b"", BODY, bytes(range(256)) * 400], ids=["empty", "text", "binary"])
def test_what_ssh_keygen_signs_is_accepted(key: Path, body: bytes) -> None:
    made = keygen("-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, stdin=body)
    public = key.with_suffix(".pub").read_text().strip()
    sshsig.verify(NAMESPACE, body, made.stdout.decode(), public)
    for namespace, changed in (("quorate/order/v1", body), (NAMESPACE, body + b"x")):
        with pytest.raises(QuorateError, match="sshsig"):
            sshsig.verify(namespace, changed, made.stdout.decode(), public)


def test_other_key_types_of_ssh_keygen_are_refused(tmp_path: Path) -> None:
    for kind in ("rsa", "ecdsa"):
        path = tmp_path / kind
        assert keygen("-q", "-t", kind, "-N", "", "-f", str(path)).returncode == 0
        made = keygen("-Y", "sign", "-q", "-f", str(path), "-n", NAMESPACE, stdin=BODY)
        with pytest.raises(QuorateError, match="is expected, not"):
            sshsig.verify(NAMESPACE, BODY, made.stdout.decode(), path.with_suffix(".pub").read_text().strip())


@pytest.mark.parametrize("fido", [False, True], ids=["ssh-ed25519", "sk-ssh-ed25519"])
@pytest.mark.parametrize("tampered", [False, True])
def test_ssh_keygen_and_we_say_the_same(tmp_path: Path, fido: bool, tampered: bool) -> None:
    """FIDO signatures are made in software here, so OpenSSH is the judge of their form."""
    line = ssh_line("carol", fido=fido)
    (tmp_path / "allowed").write_text(f'carol namespaces="{NAMESPACE}" {line}\n')
    (tmp_path / "sig").write_text(make("carol", NAMESPACE, BODY, fido=fido))
    body = BODY + b" " if tampered else BODY
    verdict = keygen(
        *("-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "carol", "-n", NAMESPACE),
        *("-s", str(tmp_path / "sig")),
        stdin=body,
    )
    assert verdict.returncode == (255 if tampered else 0), verdict.stderr
    if tampered:
        with pytest.raises(QuorateError, match="sshsig"):
            sshsig.verify(NAMESPACE, body, (tmp_path / "sig").read_text(), line)
    else:
        sshsig.verify(NAMESPACE, body, (tmp_path / "sig").read_text(), line)


@pytest.mark.parametrize("flags", range(256))
def test_user_presence_is_needed(flags: int) -> None:
    armor, line = make("carol", NAMESPACE, BODY, fido=True, flags=flags), ssh_line("carol", fido=True)
    if flags & 1:
        sshsig.verify(NAMESPACE, BODY, armor, line)
    else:
        with pytest.raises(QuorateError, match="user presence"):
            sshsig.verify(NAMESPACE, BODY, armor, line)


@settings(max_examples=300)
@given(st.integers(0), st.sampled_from(["A", "b", "/", "=", "\n", " ", ""]))
def test_a_changed_armor_never_verifies(position: int, character: str) -> None:
    armor = make("alice", NAMESPACE, BODY).rstrip("\n")
    at = position % len(armor)
    changed = armor[:at] + character + armor[at + 1 :]
    if changed == armor or "".join(changed.split("\n")) == "".join(armor.split("\n")):
        return  # where lines are broken is no part of the signature
    with pytest.raises(QuorateError, match="sshsig"):
        sshsig.verify(NAMESPACE, BODY, changed, ssh_line("alice"))


def test_key_lines() -> None:
    for fido in (False, True):
        line = ssh_line("alice", fido=fido)
        assert SshKey.from_line(line).line() == line
        assert SshKey.from_line(line + " a comment") == SshKey.from_line(line)
    for bad in (
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-rsa AAAAB3NzaC1yc2E=",
        ssh_line("a").replace("ssh-", "sk-", 1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - the message is for people, the type is the contract
            SshKey.from_line(bad)
