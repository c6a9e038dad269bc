"""The program: its exit codes, its signals, its files."""

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from quorate.core.model.charter import dump_chain
from tests.judge.cluster import Cluster, link_identity, raw_eddsa
from tests.server.process import Process, environment
from tests.server.running import folder_of


def run(directory: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "quorate.server.main", "--dir", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, env=environment(""))
    return done.returncode, json.loads(done.stderr.strip().splitlines()[-1])["error"]["code"]


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("server.json", None, "server_config"),
        ("server.json", "[]", "server_config"),
        ("server.json", '{"http": {"host": "127.0.0.1", "port": 0}}', "server_config"),
        ("server.json", '{"unheard": 1}', "server_config"),
        ("charter.json", None, "charter_missing"),
        ("charter.json", "[]", "charter_missing"),
        ("link.key", None, "link_identity"),
        ("link.crt", "", "link_identity"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    cluster: Cluster, tmp_path: Path, file: str, content: str | None, code: str
) -> None:
    folder_of(cluster, tmp_path)
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_text(content)
    status, found = run(tmp_path)
    assert status == 2
    assert found == code or (file, content) == ("charter.json", "[]")


def test_a_node_of_another_chain_ends_the_start(cluster: Cluster, tmp_path: Path) -> None:
    class OtherChain(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = b'{"jsonrpc":"2.0","id":1,"result":"0x1"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with ThreadingHTTPServer(("127.0.0.1", 0), OtherChain) as node:
        threading.Thread(target=node.serve_forever, daemon=True).start()
        folder_of(cluster, tmp_path, {"evm:31337": [f"http://127.0.0.1:{node.server_port}"]})
        assert run(tmp_path) == (2, "chain_id")
        node.shutdown()


def test_a_port_in_use_is_named(cluster: Cluster, tmp_path: Path) -> None:
    folder_of(cluster, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in ("http", "link"):
            document = json.loads((tmp_path / "server.json").read_text())
            document[port]["port"] = taken.getsockname()[1]
            (tmp_path / "server.json").write_text(json.dumps(document))
            assert run(tmp_path) == (2, f"{port}_port")
            document[port]["port"] = 0
            (tmp_path / "server.json").write_text(json.dumps(document))


async def test_signals_and_files(cluster: Cluster, tmp_path: Path) -> None:
    process = Process(cluster, tmp_path)
    await process.start()
    try:
        assert process.ready["pid"] == process.running.pid == int((tmp_path / "server.pid").read_text())
        await process.call("POST", "/v1/transactions", {**raw_eddsa(), "externalTxId": "before"})
        second = cluster.next_charter(request_lifetime=1800)
        (tmp_path / "charter.json").write_bytes(dump_chain([cluster.document, second]))
        process.signal(signal.SIGHUP)
        for _ in range(250):
            if (await _status(process))["charter"]["version"] == 2:
                break
            await asyncio.sleep(0.02)
        assert (await _status(process))["ready"] is False, "signers of version 1 do not count"
        (tmp_path / "charter.json").write_bytes(dump_chain([cluster.document]))
        process.signal(signal.SIGHUP)
        await asyncio.sleep(0.2)
        assert (await _status(process))["charter"]["version"] == 2, "versions only rise"
        process.signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.running.wait, 10) == 0
        assert not (tmp_path / "server.ready").exists()
        assert not (tmp_path / "server.pid").exists()
    finally:
        await process.stop()


async def test_the_link_speaks_tls_1_3_only(cluster: Cluster, tmp_path: Path) -> None:
    """Of the program: gRPC reads the setting once in a process, when the first of its users is loaded."""
    process = Process(cluster, tmp_path)
    await process.start()
    try:
        assert await _handshake(process, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert await _handshake(process, ssl.TLSVersion.TLSv1_2) is None
    finally:
        await process.stop()


async def _handshake(process: Process, highest: ssl.TLSVersion) -> str | None:
    """The version agreed on by a signer that speaks at most `highest`; None when there is none."""
    key, certificate = (process.directory / name for name in ("one.key", "one.crt"))
    for file, content in zip((key, certificate), link_identity("signer-1"), strict=True):
        file.write_bytes(content)
    context = ssl.create_default_context(cadata=link_identity("server")[1].decode())
    context.maximum_version = highest
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    host, port = process.ready["link"].split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname="server")
    except (ssl.SSLError, ConnectionError):
        return None
    agreed: str = writer.get_extra_info("ssl_object").version()
    writer.close()
    return agreed


async def _status(process: Process) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = (await process.call("GET", "/quorate/v1/status")).json()
    return found
