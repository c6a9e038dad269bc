"""Who may attach to whom: a signer to the server of its own cluster, under its own name and certificate."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from quorate.core.model.charter import load_chain, verify_chain
from quorate.core.proto import link_pb2 as pb
from tests.identity.conftest import Two
from tests.small_cluster import SmallCluster, until

METHOD = "/quorate.link.v1.Link/Attach"


def journal(cluster: SmallCluster, id: str, event: str, after: int = 0) -> dict[str, Any]:
    """The newest such entry of a signer's journal after its first `after` characters, or nothing."""
    lines = (line for line in cluster.log(id)[after:].splitlines() if f'"{event}"' in line)
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return entries[-1] if entries else {}


@contextmanager
def restarted(cluster: SmallCluster, id: str, server: str | None = None) -> Iterator[int]:
    """The signer started anew, for a while against another server; the length of its log before."""
    cluster.stop(id)
    before = len(cluster.log(id))
    cluster.start(id, server=server)
    try:
        yield before
    finally:
        cluster.stop(id)


def _lost(cluster: SmallCluster, before: int) -> dict[str, Any]:
    """What signer-3 says of the end of its connection."""
    found = until(lambda: journal(cluster, "signer-3", "link_lost", before), "a refusal")
    return dict(found)


def test_a_signer_does_not_attach_to_the_server_of_another_cluster(two: Two) -> None:
    for mine, other in ((two.a, two.b), (two.b, two.a)):
        with restarted(mine, "signer-3", other.link) as before:
            lost = _lost(mine, before)
            assert (lost["code"], lost["whose"]) == ("server_identity", "peer")
            assert other.link in lost["detail"]
            assert "charter show" in lost["hint"]
            assert not mine.status("signer-3")["connected"]
        mine.start("signer-3")
        mine.votes("signer-3")


def test_a_signer_with_the_link_key_of_another_is_refused(two: Two) -> None:
    """The server says why, and the signer says what the server said."""
    own, other = two.b.signer("signer-3"), two.b.signer("signer-2")
    two.b.stop("signer-3")
    kept = {name: (own / name).read_bytes() for name in ("link.key", "link.crt")}
    try:
        for name in kept:
            shutil.copyfile(other / name, own / name)
        before = len(two.b.log("signer-3"))
        two.b.start("signer-3")
        lost = _lost(two.b, before)
        assert (lost["code"], lost["whose"]) == ("link_certificate", "peer")
        assert "the charter gives signer-3" in lost["detail"]
        assert lost["hint"]
        assert "link_certificate: the TLS certificate is not the one" in two.b.log("server")
    finally:
        two.b.stop("signer-3")
        for name, content in kept.items():
            (own / name).write_bytes(content)
        two.b.start("signer-3")
        two.b.votes("signer-3")


# ---- Hellos that no signer of ours would send


@dataclass(frozen=True)
class Case:
    """A Hello of signer-1 of B with these changes, over the link key of `holder` ("a" or "b", id)."""

    code: str
    holder: tuple[str, str]
    changes: dict[str, Any]


CASES = {
    "another signer's name": Case("link_certificate", ("b", "signer-1"), {"signer": "signer-2"}),
    "another signer's certificate": Case("link_certificate", ("b", "signer-2"), {}),
    "a name that the charter does not have": Case("link_signer", ("b", "signer-1"), {"signer": "signer-9"}),
    "another cluster": Case("link_cluster", ("b", "signer-1"), {"cluster": "of a"}),
    "a certificate of another cluster": Case("UNAVAILABLE", ("a", "signer-1"), {}),
}


async def attach(to: SmallCluster, folder: Path, hello: pb.Hello) -> str:
    """The code with which the server refuses, or "welcome"."""
    key, own = (folder / "link.key").read_bytes(), (folder / "link.crt").read_bytes()
    credentials = grpc.ssl_channel_credentials((to.server / "link.crt").read_bytes(), key, own)
    options = (("grpc.ssl_target_name_override", "server"),)
    async with grpc.aio.secure_channel(to.link, credentials, options) as channel:
        call: Any = channel.stream_stream(
            METHOD,
            request_serializer=pb.ToServer.SerializeToString,
            response_deserializer=pb.ToSigner.FromString,
        )()
        try:
            await call.write(pb.ToServer(hello=hello))
            answer = await call.read()
            return str(answer.WhichOneof("message"))
        except grpc.aio.AioRpcError as error:
            refused = error.code() is grpc.StatusCode.PERMISSION_DENIED
            return (error.details() or "").partition(": ")[0] if refused else error.code().name


@pytest.mark.parametrize("name", CASES)
async def test_a_hello_under_a_false_flag_is_refused(two: Two, name: str) -> None:
    case, clusters = CASES[name], {"a": two.a, "b": two.b}
    charters = {
        of: verify_chain(load_chain(cluster.charter.read_bytes()))[-1] for of, cluster in clusters.items()
    }
    honest = {"protocol": 1, "signer": "signer-1", "cluster": charters["b"].cluster, "incarnation": 1}
    hello = pb.Hello(**{**honest, **case.changes})
    if "cluster" in case.changes:
        hello.cluster = charters["a"].cluster
    holder, id = case.holder
    assert await asyncio.wait_for(attach(two.b, clusters[holder].signer(id), hello), 10) == case.code
    if case.code != "UNAVAILABLE":
        assert f"a stream was refused: {case.code}: " in two.b.log("server")
