"""Bitcoin on a whole cluster: `quorate dev --bitcoin`, the official SDK, two of three real signers, and
Bitcoin Core's consensus code behind the answers of a node.
"""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quorate.client.demo.sdk import Destination, Outcome, Requester, one_time, own_account, whitelisted
from quorate.client.demo.signer_logs import SignerLogs
from quorate.client.dev import commands, report
from quorate.client.dev.cluster import Cluster
from quorate.client.dev.options import Options
from quorate.core.chains.bitcoin.networks import KINDS
from tests.server.chains.kernel import COIN, Kernel
from tests.server.chains.kernel_front import nodes
from tests.server.chains.miner import miner

EXCHANGE = "bcrt1qsy0kj864stxjgkx774n4wk3suep6cf0tx3d777"
STRANGER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"


@dataclass
class Bank:
    kernel: Kernel
    requester: Requester
    logs: SignerLogs
    account: str
    address: str
    addresses: dict[str, str]
    proof: dict[str, Any]
    charter: Path

    def pay(self, amount: str, destination: Destination | None = None) -> tuple[Outcome, str]:
        id = str(uuid.uuid4())
        to = destination or whitelisted("whitelist-1")
        return self.requester.transfer(self.account, "BTC", amount, to, id), id

    def received(self, address: str) -> int:
        return sum(output.amount for _, output, _ in self.kernel.unspent(address))


@pytest.fixture(scope="module")
def bank() -> Iterator[Bank]:
    # A short path: the path of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    (folder / "kernel").mkdir()
    kernel = Kernel(folder / "kernel")
    with nodes(kernel, "core") as (url, _), miner(kernel):
        options = Options(folder / "c", None, 3, 2, None, (), (("bitcoin:regtest", EXCHANGE),), bitcoin=url)
        cluster = Cluster(options)
        try:
            cluster.prepare()
            cluster.start()
            document = report.build(cluster.layout, cluster.charter(), cluster.ready())
            requester = Requester(document["api"])
            account = requester.account("funded")
            address, raw = requester.address(account, "BTC")
            answer = json.loads(raw)
            yield Bank(
                kernel, requester, SignerLogs(document["signers"]), account, address,
                answer["addresses"], answer["proof"], cluster.layout.charter,
            )  # fmt: skip
        finally:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)


def test_to_the_whitelist(bank: Bank) -> None:
    bank.kernel.pay((bank.address, COIN))
    before = bank.received(EXCHANGE)
    done, id = bank.pay("0.00123456")
    assert done.status == "COMPLETED", done
    assert bank.received(EXCHANGE) == before + 123_456
    assert bank.kernel.mined[done.hash].fee < 1_000
    assert len({entry.signer for entry in bank.logs.wait_for("release", id)}) == 2


def test_each_kind_of_address_is_proved_without_the_server(bank: Bank, tmp_path: Path) -> None:
    assert tuple(bank.addresses) == KINDS
    (tmp_path / "proof.json").write_text(json.dumps(bank.proof))
    about = ("--charter", bank.charter, "--proof", tmp_path / "proof.json", "--asset", "BTC")
    for kind, address in bank.addresses.items():
        good = commands.verdict("address", "verify", address, *about, "--account", bank.account)
        assert (good["outcome"], good["kind"]) == ("valid", kind)
        other = commands.verdict("address", "verify", address, *about, "--account", "999")
        assert (other["outcome"], other["error"]["code"]) == ("invalid", "address_mismatch")


@pytest.mark.parametrize("kind", KINDS)
def test_a_coin_of_each_kind(bank: Bank, kind: str) -> None:
    """Signed by two keepers' shares; the kernel took it into its pool and into a block."""
    account = bank.requester.account(kind)
    _, raw = bank.requester.address(account, "BTC")
    address = json.loads(raw)["addresses"][kind]
    bank.kernel.pay((address, COIN))
    before = bank.received(EXCHANGE)
    id = str(uuid.uuid4())
    done = bank.requester.transfer(account, "BTC", "0.9", whitelisted("whitelist-1"), id)
    assert done.status == "COMPLETED", done
    assert bank.received(EXCHANGE) == before + 90_000_000
    assert bank.received(address) == 0
    witness = bank.kernel.mined[done.hash].raw[-70:-4]
    assert (witness[:2] == b"\x01\x40") == (kind == "p2tr"), "one signature of 64 bytes is the key path"


def test_all_kinds_in_one_session(bank: Bank) -> None:
    account = bank.requester.account("every kind")
    _, raw = bank.requester.address(account, "BTC")
    addresses = json.loads(raw)["addresses"]
    for address in addresses.values():
        bank.kernel.pay((address, COIN))
    id = str(uuid.uuid4())
    done = bank.requester.transfer(account, "BTC", "3.9", whitelisted("whitelist-1"), id)
    assert done.status == "COMPLETED", done
    assert len(bank.kernel.mined[done.hash].inputs) == len(addresses) == 4
    assert len({entry.data["session"] for entry in bank.logs.wait_for("release", id)}) == 1


def test_many_inputs_take_one_session(bank: Bank) -> None:
    for _ in range(12):
        bank.kernel.pay((bank.address, COIN))
    done, id = bank.pay("9.99")
    assert done.status == "COMPLETED", done
    assert len(bank.kernel.mined[done.hash].inputs) >= 10
    assert len({entry.data["session"] for entry in bank.logs.wait_for("release", id)}) == 1


def test_between_own_accounts(bank: Bank) -> None:
    other = bank.requester.account("other")
    address, _ = bank.requester.address(other, "BTC")
    done, _ = bank.pay("0.5", own_account(other))
    assert done.status == "COMPLETED", done
    assert bank.received(address) == COIN // 2


@pytest.mark.parametrize(
    ("amount", "destination", "field"),
    [("10.00000001", whitelisted("whitelist-1"), "max_amount"), ("0.1", one_time(STRANGER), "destinations")],
)
def test_the_policy_refuses_and_says_why(
    bank: Bank, amount: str, destination: Destination, field: str
) -> None:
    for _ in range(2):
        bank.kernel.pay((bank.address, 12 * COIN))
    done, id = bank.pay(amount, destination)
    assert done.status == "BLOCKED", done
    assert any(field in line for line in done.lines), done
    assert {entry.data["check"] for entry in bank.logs.wait_for("refusal", id)} == {"policy"}
    assert bank.received(STRANGER) == 0
