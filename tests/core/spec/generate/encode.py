"""The encodings of docs/spec, by the shortest way there is."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def canonical(value: Any) -> bytes:
    """RFC 8785, for values without floats and with ASCII member names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def labelled(label: str, body: bytes) -> bytes:
    return label.encode() + b"\n" + body


def digest(label: str, body: bytes) -> bytes:
    return hashlib.sha256(labelled(label, body)).digest()


def lp(data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return len(raw).to_bytes(4, "big") + raw


def seed(name: str) -> bytes:
    """The Ed25519 seed of a named key in the examples."""
    return hashlib.sha256(b"quorate example seed " + name.encode()).digest()


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def public_key(name: str) -> bytes:
    return private_key(name).public_key().public_bytes_raw()


def sign(name: str, label: str, body: bytes) -> bytes:
    return private_key(name).sign(labelled(label, body))


# -- SSH: RFC 4251, PROTOCOL.sshsig, PROTOCOL.u2f

SK_APPLICATION = b"ssh:"


def ssh_blob(name: str, *, fido: bool = False) -> bytes:
    if fido:
        return lp("sk-ssh-ed25519@openssh.com") + lp(public_key(name)) + lp(SK_APPLICATION)
    return lp("ssh-ed25519") + lp(public_key(name))


def ssh_line(name: str, *, fido: bool = False) -> str:
    kind = "sk-ssh-ed25519@openssh.com" if fido else "ssh-ed25519"
    return f"{kind} {base64.b64encode(ssh_blob(name, fido=fido)).decode()}"


def sshsig(
    name: str,
    namespace: str,
    body: bytes,
    *,
    fido: bool = False,
    flags: int = 1,
    hash_name: str = "sha512",
    reserved: bytes = b"",
) -> str:
    """What `ssh-keygen -Y sign` writes; with `fido`, what a security key answers under `flags`."""
    hashed = hashlib.new(hash_name, body).digest()
    message = b"SSHSIG" + lp(namespace) + lp(reserved) + lp(hash_name) + lp(hashed)
    if fido:
        trailer = bytes([flags]) + (7).to_bytes(4, "big")
        message = hashlib.sha256(SK_APPLICATION).digest() + trailer + hashlib.sha256(message).digest()
        signature = lp("sk-ssh-ed25519@openssh.com") + lp(private_key(name).sign(message)) + trailer
    else:
        signature = lp("ssh-ed25519") + lp(private_key(name).sign(message))
    blob = b"SSHSIG" + (1).to_bytes(4, "big") + lp(ssh_blob(name, fido=fido)) + lp(namespace)
    return armor(blob + lp(reserved) + lp(hash_name) + lp(signature))


def armor(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])
