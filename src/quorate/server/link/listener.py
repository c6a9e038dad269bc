"""The mTLS listener. Its trust anchors are the link certificates of the charter in force, read anew for
each handshake."""

import ssl
from pathlib import Path
from typing import Any, Final

import grpc

from quorate.core.errors import QuorateError
from quorate.core.proto.link_pb2_grpc import add_LinkServicer_to_server
from quorate.server.book import CharterBook
from quorate.server.config import Endpoint
from quorate.server.link.hub import Hub
from quorate.server.link.service import LinkService

LARGEST_MESSAGE: Final = 16 << 20
OPTIONS: Final = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.so_reuseport", 0),
)


class Listener:
    """`await start()` binds; `port` is then the bound one."""

    def __init__(self, endpoint: Endpoint, directory: Path, hub: Hub) -> None:
        self._endpoint = endpoint
        self._identity = _identity(directory, hub.book)
        self._hub = hub
        self._server: Any = None
        self.port = 0

    async def start(self) -> None:
        """Raises QuorateError link_port."""
        self._server = grpc.aio.server(options=OPTIONS)
        add_LinkServicer_to_server(LinkService(self._hub), self._server)
        try:
            self.port = self._server.add_secure_port(str(self._endpoint), self._credentials())
        except RuntimeError as failure:
            raise QuorateError(
                "link_port", f"cannot listen at {self._endpoint}: {failure}", "caller"
            ) from None
        await self._server.start()

    async def stop(self) -> None:
        for signer in self._hub.attached():
            signer.close()
        if self._server is not None:
            await self._server.stop(grace=1.0)

    def _credentials(self) -> Any:
        return grpc.dynamic_ssl_server_credentials(
            self._configuration(), self._configuration, require_client_authentication=True
        )

    def _configuration(self) -> Any:
        roots = "\n".join(signer.link_certificate.strip() for signer in self._hub.book.charter.signers)
        return grpc.ssl_server_certificate_configuration([self._identity], root_certificates=roots.encode())


def _identity(directory: Path, book: CharterBook) -> tuple[bytes, bytes]:
    """(private key, certificate). Raises QuorateError link_identity: a signer would refuse a server with
    another certificate."""
    try:
        key, certificate = (directory / "link.key").read_bytes(), (directory / "link.crt").read_bytes()
        same = ssl.PEM_cert_to_DER_cert(certificate.decode()) == ssl.PEM_cert_to_DER_cert(
            book.charter.server_link_certificate.strip() + "\n"
        )
    except (OSError, ValueError) as failure:
        raise QuorateError(
            "link_identity", f"cannot read the link key: {failure}", "caller", "quorate server init"
        ) from None
    if not same:
        message = "link.crt is not the server certificate of the charter"
        raise QuorateError(
            "link_identity", message, "caller", "restore link.key and link.crt or change the charter"
        )
    return key, certificate
