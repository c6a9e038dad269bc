"""TLS of the link: own certificate, the server's certificate pinned from the charter, version 1.3 only."""

import os
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from quorate.core.errors import QuorateError

# gRPC's Python binding cannot set a lowest TLS version. This list names the suites of TLS 1.2 only (those of
# 1.3 are fixed), and the one it names needs a pre-shared key that nobody has: a handshake below 1.3 finds no
# common suite. Read once, when grpc is loaded.
ONLY_TLS_1_3: Final = ("GRPC_SSL_CIPHER_SUITES", "ECDHE-PSK-AES128-CBC-SHA")


def forbid_tls_1_2() -> None:
    """To be called before grpc is imported."""
    os.environ[ONLY_TLS_1_3[0]] = ONLY_TLS_1_3[1]


def server_name(certificate_pem: str) -> str:
    """The name to demand of the server: first DNS name of its pinned certificate, else its common name.
    Raises link_certificate.
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    except ValueError as error:
        raise QuorateError(
            "link_certificate", f"the server's certificate in the charter cannot be read: {error}"
        ) from None
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = names.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        dns = []
    common = [
        str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    ]
    if not dns and not common:
        raise QuorateError("link_certificate", "the server's certificate in the charter carries no name")
    return (dns or common)[0]


def read_own(directory: Path) -> tuple[bytes, bytes]:
    """(private key, certificate), PEM, of DIR/link.key and DIR/link.crt. Raises link_key."""
    try:
        return (directory / "link.key").read_bytes(), (directory / "link.crt").read_bytes()
    except OSError as error:
        raise QuorateError(
            "link_key", f"the link's key or certificate cannot be read: {error}", "storage"
        ) from None
