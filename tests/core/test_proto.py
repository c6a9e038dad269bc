"""The generated messages are those of proto/, and the names that other parts rely on are there."""

import shutil
import subprocess
import sys
from pathlib import Path

from quorate.core.proto import keeper_pb2, link_pb2, link_pb2_grpc


def test_generated_modules_are_current(tmp_path: Path, root: Path) -> None:
    for name in ("tools/proto.sh", "proto/link.proto", "proto/keeper.proto"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    out = tmp_path / "src/quorate/core/proto"
    out.mkdir(parents=True)
    subprocess.run(
        [tmp_path / "tools/proto.sh"], check=True, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    )
    made = {file.name: file.read_text() for file in out.iterdir()}
    assert len(made) == 5
    for name, text in made.items():
        assert (root / "src/quorate/core/proto" / name).read_text() == text, f"{name}: run tools/proto.sh"


def test_messages_round_trip() -> None:
    envelope = link_pb2.Envelope(**{"from": "signer-1"}, to="signer-2", ciphertext=b"x")
    message = link_pb2.ToServer(envelope=envelope)
    assert link_pb2.ToServer.FromString(message.SerializeToString()) == message
    assert getattr(message.envelope, "from") == "signer-1"
    assert keeper_pb2.ToKeeper(status=keeper_pb2.Status()).WhichOneof("request") == "status"
    assert link_pb2.DESCRIPTOR.package == "quorate.link.v1"
    assert hasattr(link_pb2_grpc, "LinkStub")
