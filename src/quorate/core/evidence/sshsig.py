"""SSHSIG (OpenSSH PROTOCOL.sshsig): administrators' signatures made by `ssh-keygen -Y sign`, FIDO keys
included.

Own verification because the sshsig package knows no FIDO keys; the tests hold it against ssh-keygen itself.
"""

import base64
import binascii
import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.core.errors import QuorateError
from quorate.core.evidence.ssh_key import SK_ED25519, SshKey, SshReader, string

MAGIC: Final = b"SSHSIG"
BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
END: Final = "-----END SSH SIGNATURE-----"
HASH: Final = b"sha512"
USER_PRESENT: Final = 0x01
_MAX_ARMOR: Final = 4096


def verify(namespace: str, body: bytes, armor: str, ssh_public_key: str) -> None:
    """Checks that the holder of `ssh_public_key` signed `body` under `namespace`. FIDO signatures must
    carry user presence.

    Raises QuorateError sshsig, with what failed.
    """
    try:
        _verify(namespace.encode("ascii"), body, armor, SshKey.from_line(ssh_public_key))
    except ValueError as error:
        raise QuorateError(
            "sshsig", str(error), "caller", f"sign with: ssh-keygen -Y sign -n {namespace}"
        ) from None
    except InvalidSignature:
        raise QuorateError(
            "sshsig", "the signature does not verify", "caller", "sign exactly these bytes"
        ) from None


def _verify(namespace: bytes, body: bytes, armor: str, key: SshKey) -> None:
    reader = SshReader(_dearmor(armor))
    if reader.take(len(MAGIC)) != MAGIC or reader.u32() != 1:
        raise ValueError("not an SSHSIG of version 1")
    blob, claimed, reserved, hash_name, signature = (reader.string() for _ in range(5))
    reader.end()
    if SshKey.from_blob(blob) != key:
        raise ValueError("made with another key")
    if claimed != namespace:
        raise ValueError(
            f"made for namespace {claimed.decode('ascii', 'replace')[:64]}, not {namespace.decode('ascii')}"
        )
    if reserved != b"" or hash_name != HASH:
        raise ValueError("the hash algorithm is sha512 and nothing is reserved")
    message = MAGIC + string(namespace) + string(b"") + string(HASH) + string(hashlib.sha512(body).digest())
    _verify_signature(key, signature, message)


def _verify_signature(key: SshKey, signature: bytes, message: bytes) -> None:
    reader = SshReader(signature)
    if reader.string() != key.type.encode("ascii"):
        raise ValueError("the signature is of another key type")
    raw = reader.string()
    if key.type == SK_ED25519:
        flags, counter = reader.u8(), reader.take(4)
        if not flags & USER_PRESENT:
            raise ValueError("the FIDO signature was made without touching the key (user presence)")
        # PROTOCOL.u2f: SHA256(application) || flags || counter || SHA256(message)
        message = (
            hashlib.sha256(key.application).digest()
            + bytes([flags])
            + counter
            + hashlib.sha256(message).digest()
        )
    reader.end()
    Ed25519PublicKey.from_public_bytes(key.public_key).verify(raw, message)


def _dearmor(armor: str) -> bytes:
    lines = armor.strip("\n").split("\n")
    if len(armor) > _MAX_ARMOR or len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise ValueError("an armored SSH signature is expected")
    encoded = "".join(lines[1:-1])
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("the armor holds no base64") from None
    if base64.b64encode(data).decode("ascii") != encoded:
        raise ValueError("the armor's base64 has stray bits")
    return data
