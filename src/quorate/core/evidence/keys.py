"""Public keys as the charter carries them, and the Ed25519 signatures of keepers.

Raises QuorateError wrong_type for keys in the wrong form, signature for signatures that do not verify.
"""

from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from quorate.core.errors import QuorateError
from quorate.core.evidence.ssh_key import SshKey
from quorate.core.model import canonical
from quorate.core.model.members import bad

MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192
_MAX_PEM: Final = 16_384
_MAX_SSH_LINE: Final = 1024


def verify_signed(label: str, body: bytes, signature: bytes, public_key: bytes) -> None:
    """Ed25519 (RFC 8032) over labelled(label, body). Raises QuorateError signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, canonical.labelled(label, body))
    except (InvalidSignature, ValueError):
        raise QuorateError(
            "signature",
            f"the signature under {label} is not by the key expected",
            "peer",
            "ask whoever sent it for the original",
        ) from None


def certificate_pem(value: object, where: str) -> str:
    """PEM of exactly one X.509 certificate, in the form in which it re-encodes to itself."""
    pem = _pem(value, where)
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise bad(where, "PEM of one X.509 certificate is expected") from None
    return _same(pem, certificate.public_bytes(Encoding.PEM), where)


@lru_cache(maxsize=512)
def certificate_key(pem: str) -> bytes:
    """The public key of a certificate; raw for Ed25519 so that reuse elsewhere is seen, else its
    SubjectPublicKeyInfo.
    """
    key = x509.load_pem_x509_certificate(pem.encode("ascii")).public_key()
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa_pem(value: object, where: str) -> str:
    """PEM (SubjectPublicKeyInfo) of an RSA key of 2048 to 8192 bits, in the form in which it re-encodes to
    itself.
    """
    pem = _pem(value, where)
    try:
        key = load_pem_public_key(pem.encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise bad(where, f"PEM of an RSA public key of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits is expected")
    return _same(pem, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), where)


@lru_cache(maxsize=4096)
def rsa_public_key(pem: str) -> RSAPublicKey:
    """The key of a PEM that `rsa_pem` accepted. Raises QuorateError wrong_type otherwise."""
    key = load_pem_public_key(pem.encode("ascii"))
    if not isinstance(key, RSAPublicKey):
        raise bad("rsa_public_key", "an RSA public key is expected")
    return key


def rsa_key(pem: str) -> bytes:
    """SubjectPublicKeyInfo in DER: equal keys, equal bytes."""
    return rsa_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def ssh_line(value: object, where: str) -> str:
    """`ssh-ed25519 AAAA...` or `sk-ssh-ed25519@openssh.com AAAA...`, perhaps with a comment; no options."""
    if not isinstance(value, str) or len(value) > _MAX_SSH_LINE or not value.isprintable():
        raise bad(where, "an SSH public key on one line is expected")
    try:
        key = SshKey.from_line(value)
    except ValueError as error:
        raise bad(where, str(error)) from None
    if value != key.line() and not value.startswith(key.line() + " "):
        raise bad(where, "type, one space and base64 are expected, without options")
    return value


def ssh_ed25519_key(line: str) -> bytes:
    """The 32-byte Ed25519 key inside an SSH key line that `ssh_line` accepted."""
    return SshKey.from_line(line).public_key


def _pem(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.isascii() or len(value) > _MAX_PEM:
        raise bad(where, "PEM text is expected")
    return value


def _same(pem: str, encoded: bytes, where: str) -> str:
    """One key, one text: otherwise the same charter could have two hashes. The final line end is free."""
    if pem.rstrip("\n") != encoded.decode("ascii").rstrip("\n"):
        raise bad(where, "the PEM must hold one object, in lines of 64 characters, and nothing else")
    return pem
