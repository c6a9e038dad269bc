"""A site that runs: three real signers attached to a Hub. Set up once, then started from copies of its
folders.
"""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quorate.core.model import canonical
from quorate.core.model.records import KeyCertificate
from quorate.core.proto import link_pb2 as pb
from tests.hostile.ceremony import EDDSA, SECP, SIGNERS, Site
from tests.hostile.hub import Hub
from tests.hostile.launcher import Build, Signer
from tests.hostile.oracle import Oracle
from tests.hostile.world import Stage


async def make_site(folder: Path, build: Build) -> tuple[Site, dict[str, KeyCertificate]]:
    """The whole ceremony, up to two certified keys; the signers are stopped again, so that folders can be
    copied.
    """
    site = Site(folder)
    await asyncio.to_thread(site.prepare)
    hub = Hub(site.charter)
    address = await hub.serve(site.server)
    signers: dict[str, Signer] = {}
    try:
        signers = await asyncio.to_thread(site.activate, build, address)
        await hub.all_ready(SIGNERS)
        certificates = {key: (await create_key(site, hub, key))[0] for key in (SECP, EDDSA)}
    finally:
        for signer in signers.values():
            await asyncio.to_thread(signer.stop)
        await hub.close()
    return site, certificates


async def create_key(site: Site, hub: Hub, key: str) -> tuple[KeyCertificate, dict[str, object]]:
    """An order signed by a quorum, the ceremony, and the certificate that all signers signed. Raises
    TimeoutError.
    """
    document = await asyncio.to_thread(site.order, key, "--key-create", key)
    order = order_message(document)
    answers = await asyncio.gather(*(hub.ask(name, pb.Request(order=order)) for name in SIGNERS))
    refused = [answer.refusal.message for answer in answers if answer.HasField("refusal")]
    if refused:
        raise RuntimeError(f"{key}: {refused}")
    parts: dict[bytes, dict[str, bytes]] = defaultdict(dict)
    async with asyncio.timeout(60):
        while True:
            name, part = await hub.parts.get()
            if part.HasField("failure"):
                raise RuntimeError(f"{key}: {name}: {part.failure.check}: {part.failure.message}")
            parts[part.certificate.body][name] = part.certificate.signature
            if len(parts[part.certificate.body]) == len(SIGNERS):
                body = part.certificate.body
                break
    certificate = pb.Certificate(body=body, signatures=parts[body])
    for name in SIGNERS:
        hub.tell(name, pb.ToSigner(certificate=certificate))
    await asyncio.sleep(0.3)  # no message says that a signer took it
    return KeyCertificate.from_bytes(body), document


def order_message(document: dict[str, object]) -> pb.Order:
    """The file form of an order as the link carries it."""
    signatures = document["signatures"]
    assert isinstance(signatures, list)
    entries = [pb.SshSignature(administrator=s["administrator"], armor=s["signature"]) for s in signatures]
    return pb.Order(body=canonical.encode(document["order"]), signatures=entries)


@asynccontextmanager
async def running(
    site: Site, certificates: dict[str, KeyCertificate], build: Build, folder: Path
) -> AsyncIterator[Stage]:
    """A cluster over a copy of the site's signers in `folder`; stopped at the end."""
    signers = {}
    for id in SIGNERS:
        await asyncio.to_thread(shutil.copytree, site.folder / id, folder / id, ignore=_sockets)
        signers[id] = Signer(folder / id, id)
    hub = Hub(site.charter)
    address = await hub.serve(site.server)
    oracle = Oracle(certificates)
    hub.on_signed = oracle.saw
    stage = Stage(hub, site.charter, site.alice, site, certificates, oracle, signers, build, address)
    try:
        for signer in signers.values():
            signer.start(build, address)
        await hub.all_ready(SIGNERS)
        yield stage
    finally:
        await asyncio.gather(*(asyncio.to_thread(signer.stop) for signer in signers.values()))
        await hub.close()


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith((".sock", ".log"))]
