"""Signatures of administrators and approvers by `ssh-keygen -Y sign`: keys in files, in an agent and on
hardware work alike.
"""

import subprocess
import tempfile
from pathlib import Path

from quorate.core.errors import QuorateError
from quorate.core.evidence import sshsig
from quorate.core.model.charter import Administrator


def sign(namespace: str, body: bytes, key: Path) -> str:
    """The armored SSHSIG over `body`. `key` is a private key, or a public key whose private half an agent or
    a token holds.

    Raises QuorateError ssh_sign when ssh-keygen refuses, with its own words.
    """
    if not key.exists():
        raise QuorateError("file_missing", f"{key} does not exist")
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder, "body")
        message.write_bytes(body)
        # A path that starts with a hyphen must not become an option.
        command = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(key.resolve()), str(message)]
        try:
            done = subprocess.run(
                command, check=False, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            )
        except FileNotFoundError:
            raise QuorateError(
                "ssh_keygen_missing", "ssh-keygen is not installed", "state", "apt install openssh-client"
            ) from None
        if done.returncode:
            raise QuorateError("ssh_sign", done.stderr.strip().replace("\n", "; ") or "ssh-keygen failed")
        return Path(folder, "body.sig").read_text()


def signer_of(
    namespace: str, body: bytes, armor: str, administrators: tuple[Administrator, ...]
) -> Administrator:
    """The administrator whose key made `armor`.

    Raises QuorateError not_an_administrator.
    """
    for administrator in administrators:
        try:
            sshsig.verify(namespace, body, armor, administrator.ssh_key)
        except QuorateError:
            continue
        return administrator
    raise _stranger()


def _stranger() -> QuorateError:
    return QuorateError(
        "not_an_administrator",
        "this key is none of the charter's administrators",
        "caller",
        "choose another --key",
    )


def holder_of(key: Path, administrators: tuple[Administrator, ...]) -> Administrator:
    """The administrator whose public key belongs to `key`, before anything is signed.

    Raises QuorateError: not_an_administrator, file_missing, ssh_key.
    """
    line = public_line(_public_text(key))
    for administrator in administrators:
        if public_line(administrator.ssh_key) == line:
            return administrator
    raise _stranger()


def _public_text(key: Path) -> str:
    """`key` itself if it is public, the file beside it, or what ssh-keygen derives."""
    beside = key.with_name(f"{key.name}.pub")
    for path in (key, beside):
        if path.exists() and (text := path.read_text(errors="replace")).startswith(("ssh-", "sk-")):
            return text
    if not key.exists():
        raise QuorateError("file_missing", f"{key} does not exist")
    command = ["ssh-keygen", "-y", "-f", str(key.resolve())]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise QuorateError(
            "ssh_key", done.stderr.strip().replace("\n", "; "), "caller", f"keep {beside} there"
        )
    return done.stdout


def public_line(text: str) -> str:
    """Type and base64 of a public key line, without its comment.

    Raises QuorateError ssh_key for anything but ed25519 keys.
    """
    parts = text.split()
    if len(parts) < 2 or parts[0] not in ("ssh-ed25519", "sk-ssh-ed25519@openssh.com"):
        raise QuorateError(
            "ssh_key",
            "an ssh-ed25519 or sk-ssh-ed25519 key is expected",
            "caller",
            "ssh-keygen -t ed25519",
        )
    return f"{parts[0]} {parts[1]}"
