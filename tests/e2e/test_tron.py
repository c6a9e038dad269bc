"""TRON on a whole cluster: `quorate dev --tron`, the official SDK, two of three real signers, and a node that
recovers the owner from each signature and keeps the balances.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quorate.client.demo.sdk import Destination, Outcome, Requester, one_time, own_account, whitelisted
from quorate.client.demo.signer_logs import SignerLogs
from quorate.client.dev import report
from quorate.client.dev.cluster import Cluster
from quorate.client.dev.options import Options, Token
from tests.judge.tron import CHAIN, STALL, TOKEN, TRX
from tests.server.chains.front import front
from tests.server.chains.tron_node import Node

STRANGER = "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"


@dataclass
class Bank:
    node: Node
    requester: Requester
    logs: SignerLogs
    account: str
    address: str

    def pay(
        self, amount: str, asset: str = "TRX", destination: Destination | None = None
    ) -> tuple[Outcome, str]:
        id = str(uuid.uuid4())
        to = destination or whitelisted("whitelist-1")
        return self.requester.transfer(self.account, asset, amount, to, id), id


@pytest.fixture(scope="module")
def bank() -> Iterator[Bank]:
    # A short path: the path of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    node = Node(TOKEN, {STALL: 0})
    with front(node) as running:
        tokens, known = (Token("USDT", CHAIN, TOKEN, 6),), ((CHAIN, STALL),)
        cluster = Cluster(Options(folder / "c", None, 3, 2, None, tokens, known, tron=running.url))
        try:
            cluster.prepare()
            cluster.start()
            document = report.build(cluster.layout, cluster.charter(), cluster.ready())
            requester = Requester(document["api"])
            account = requester.account("funded")
            address, _ = requester.address(account, "TRX")
            node.coins[address], node.tokens[address] = 20_000 * TRX, 50_000 * 10**6
            yield Bank(node, requester, SignerLogs(document["signers"]), account, address)
        finally:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)


def test_coins_to_the_whitelist(bank: Bank) -> None:
    before = bank.node.coins[STALL]
    done, id = bank.pay("0.000001")
    assert done.status == "COMPLETED", done
    assert bank.node.coins[STALL] == before + 1
    assert done.hash in bank.node.executed
    assert len({entry.signer for entry in bank.logs.wait_for("release", id)}) == 2


def test_tokens_to_the_whitelist(bank: Bank) -> None:
    done, _ = bank.pay("12.345678", "USDT")
    assert done.status == "COMPLETED", done
    assert bank.node.tokens[STALL] == 12_345_678


def test_between_own_accounts(bank: Bank) -> None:
    other = bank.requester.account("other")
    address, _ = bank.requester.address(other, "TRX")
    done, _ = bank.pay("0.5", destination=own_account(other))
    assert done.status == "COMPLETED", done
    assert bank.node.coins[address] == TRX // 2


@pytest.mark.parametrize(
    ("asset", "amount", "destination", "field"),
    [
        ("TRX", "10000.000001", whitelisted("whitelist-1"), "max_amount"),
        ("USDT", "10000.000001", whitelisted("whitelist-1"), "max_amount"),
        ("TRX", "1", one_time(STRANGER), "destinations"),
        ("USDT", "1", one_time(STRANGER), "destinations"),
    ],
)
def test_the_policy_refuses_and_says_why(
    bank: Bank, asset: str, amount: str, destination: Destination, field: str
) -> None:
    done, id = bank.pay(amount, asset, destination)
    assert done.status == "BLOCKED", done
    assert any(field in line for line in done.lines), done
    assert {entry.data["check"] for entry in bank.logs.wait_for("refusal", id)} == {"policy"}
    assert STRANGER not in bank.node.coins
    assert STRANGER not in bank.node.tokens
