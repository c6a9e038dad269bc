"""The key and certificate of one end of the link. The charter names certificates one by one; there is no
authority above them.

This TLS key is a named exception to "no key becomes a Python object": it moves no money
(docs/limitations.md).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from quorate.client.ceremony import files

SERVER_NAME: Final = "server"
_LIFETIME: Final = timedelta(days=3650)


def make(folder: Path, name: str) -> str:
    """Writes link.key (owner only) and link.crt into `folder`, and returns the certificate as PEM.

    P-256 and SHA-256, because every TLS 1.3 stack has them. `name` becomes the DNS name that the other end
    expects. Raises QuorateError file_exists.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, name).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files.write(folder / "link.key", private, mode=0o600, replace=False)
    files.write(folder / "link.crt", certificate, replace=False)
    return certificate.decode()


def _certificate(key: ec.EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(usage, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


def fingerprint(certificate: str) -> str:
    """SHA-256 of the certificate, for two people to compare."""
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()
