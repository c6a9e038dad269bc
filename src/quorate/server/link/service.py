"""The gRPC service: one stream per signer, from Hello to the end of either side."""

import asyncio
import logging
import ssl
from typing import Any, Final

import grpc

from quorate.core.errors import QuorateError
from quorate.core.proto import link_pb2
from quorate.core.proto.link_pb2_grpc import LinkServicer
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.hub import PROTOCOL, Hub

HELLO_WITHIN: Final = 10.0
log = logging.getLogger(__name__)


class LinkService(LinkServicer):
    """Admits a stream when its Hello fits the certificate that the TLS handshake proved, then moves
    messages."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def Attach(self, request_iterator: Any, context: Any) -> None:
        try:
            signer = await self._greet(context)
        except QuorateError as refusal:
            log.warning("a stream was refused: %s", refusal)
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, f"{refusal.code}: {refusal.message}")
            return
        tasks = {
            asyncio.create_task(self._read(signer, context)),
            asyncio.create_task(_write(signer, context)),
        }
        self._hub.attach(signer)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.detach(signer)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _greet(self, context: Any) -> AttachedSigner:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                first = await context.read()
        except TimeoutError:
            raise _refuse("hello_missing", f"no Hello within {HELLO_WITHIN:g} s") from None
        if not isinstance(first, link_pb2.ToServer) or first.WhichOneof("message") != "hello":
            raise _refuse("hello_missing", "the first message of a stream is Hello")
        pem = context.auth_context().get("x509_pem_cert", [b""])[0]
        check_hello(first.hello, pem.decode(), self._hub.book)
        return AttachedSigner(first.hello.signer, first.hello)

    async def _read(self, signer: AttachedSigner, context: Any) -> None:
        while True:
            message = await context.read()
            if not isinstance(message, link_pb2.ToServer):
                return
            try:
                self._hub.receive(signer, message)
            except Exception:  # one signer's odd message must not end the others' sessions
                log.exception("a message of %s could not be handled", signer.id)


async def _write(signer: AttachedSigner, context: Any) -> None:
    while (message := await signer.outbox.get()) is not None:
        await context.write(message)


def check_hello(hello: link_pb2.Hello, certificate_pem: str, book: CharterBook) -> None:
    """Raises QuorateError: link_protocol, link_cluster, link_signer, link_certificate."""
    charter = book.charter
    if hello.protocol != PROTOCOL:
        raise _refuse("link_protocol", f"protocol {hello.protocol} is not spoken here, {PROTOCOL} is")
    if hello.cluster != charter.cluster:
        raise _refuse(
            "link_cluster", f"this is cluster {charter.cluster}, {hello.signer} belongs to {hello.cluster}"
        )
    signer = charter.signer(hello.signer)
    if signer is None:
        raise _refuse("link_signer", f"the charter names no signer {hello.signer}")
    if not certificate_pem or _der(certificate_pem) != _der(signer.link_certificate):
        raise _refuse(
            "link_certificate", f"the TLS certificate is not the one the charter gives {hello.signer}"
        )


def _der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem.strip() + "\n")


def _refuse(code: str, message: str) -> QuorateError:
    return QuorateError(code, message, "peer", "compare the signer's charter with the server's")
