"""`quorate dev --solana`: a cluster of processes pays on the real runtime, asked by the official SDK."""

import json
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.demo.sdk import Outcome, Requester, one_time, own_account, whitelisted
from quorate.client.dev.commands import QUORATE
from quorate.core.chains import base58
from tests.core.chains.solana.runtime import text
from tests.server.solana_node import SolanaNode

GENESIS = base58.encode(bytes(range(32)))
SOL = 10**9
BOB = text("bob")


@pytest.fixture(scope="module")
def node() -> Iterator[SolanaNode]:
    running = SolanaNode(GENESIS)
    for standard in ("spl", "token2022"):
        running.issue(standard, BOB, 1)
    yield running
    running.close()


@pytest.fixture(scope="module")
def dev(node: SolanaNode) -> Iterator[dict[str, Any]]:
    """dev.json of a cluster that runs."""
    # A short path: the path of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    command = ["dev", "--dir", str(folder / "c"), "--solana", node.url, "--json"]
    for standard in ("spl", "token2022"):
        command += ["--token", f"{standard.upper()}:solana:localnet:{text(f'mint-{standard}')}:6"]
    command += ["--whitelist", f"solana:localnet:{BOB}"]
    process = subprocess.Popen([*QUORATE, *command], stdout=subprocess.PIPE)
    assert process.stdout is not None
    lines = []
    while line := process.stdout.readline():
        lines.append(line)
        if line == b"}\n":
            break
    yield json.loads(b"".join(lines))
    process.send_signal(signal.SIGINT)
    process.wait(30)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def requester(dev: dict[str, Any]) -> Requester:
    return Requester(dev["api"])


@pytest.fixture(scope="module")
def account(requester: Requester, node: SolanaNode) -> str:
    """5 SOL, and 100 of each token."""
    id = requester.account("funded")
    address, raw = requester.address(id, "SOL")
    assert json.loads(raw)["proof"]
    node.fund(address, 5 * SOL)
    for standard in ("spl", "token2022"):
        assert requester.address(id, standard.upper())[0] == address
        node.issue(standard, address, 100_000_000)
    return id


def pay(
    requester: Requester, account: str, asset: str, amount: str, to: dict[str, Any] | None = None
) -> Outcome:
    return requester.transfer(account, asset, amount, to or whitelisted("whitelist-1"), str(uuid.uuid4()))


def test_the_node_names_its_cluster(dev: dict[str, Any]) -> None:
    server = json.loads((Path(dev["charter"]).parent / "server/server.json").read_text())
    assert server["genesis"] == {"solana:localnet": GENESIS}
    (version,) = json.loads(Path(dev["charter"]).read_text())
    standards = {asset["id"]: asset.get("standard") for asset in version["charter"]["assets"]}
    assert standards == {"SOL": None, "SPL": "spl", "TOKEN2022": "token2022"}


def test_sol_to_the_whitelist(requester: Requester, account: str, node: SolanaNode) -> None:
    before = node.lamports(BOB)
    done = pay(requester, account, "SOL", "0.75")
    assert done.status == "COMPLETED", done
    assert node.lamports(BOB) == before + 3 * SOL // 4


@pytest.mark.parametrize("standard", ["spl", "token2022"])
def test_tokens(requester: Requester, account: str, node: SolanaNode, standard: str) -> None:
    done = pay(requester, account, standard.upper(), "1.25")
    assert done.status == "COMPLETED", done
    assert node.tokens(standard, BOB) == 1_250_001


def test_between_own_accounts(requester: Requester, account: str, node: SolanaNode) -> None:
    other = requester.account("other")
    address, _ = requester.address(other, "SPL")
    done = pay(requester, account, "SPL", "2", own_account(other))
    assert done.status == "COMPLETED", done
    assert node.tokens("spl", address) == 2_000_000


def test_the_policy_refuses(requester: Requester, account: str, node: SolanaNode) -> None:
    done = pay(requester, account, "SOL", "0.1", one_time(text("carol")))
    assert done.status == "BLOCKED", done
    assert node.lamports(text("carol")) == 0
