"""One running cluster under the exchange's policy: three signers, a server, a chain."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from quorate.client.demo.chain import Chain
from quorate.client.demo.sdk import Requester
from quorate.client.demo.signer_logs import SignerLogs
from quorate.core.chains.evm.address import checksum
from tests.core.vectors import ROOT
from tests.museum import rebind
from tests.small_cluster import SECP, SIGNERS, SmallCluster, small_cluster, until

NAMED_CALL = (checksum("5a" * 20), "0xa694fc3a")
"""The one call that is allowed although nobody knows what it does: stake(uint256) of one contract."""
_LISTS = ("known_spenders", "trusted_delegatecall", "allowed_messages")


@dataclass
class Museum:
    """`account` 0 is funded; both accounts are known to the signers."""

    cluster: SmallCluster
    chain: Chain
    requester: Requester
    rebinding: rebind.Rebinding

    @property
    def logs(self) -> SignerLogs:
        return SignerLogs([{"audit": self.cluster.signer(id) / "audit"} for id in SIGNERS])

    def replace_server(self, *program: str) -> None:
        """Returns once all signers are connected to it."""
        self.cluster.stop("server")
        (self.cluster.server / "server.ready").unlink(missing_ok=True)
        self.cluster.start_server(*program)
        for id in SIGNERS:
            until(lambda id=id: self.cluster.status(id)["connected"], f"{id} is connected")

    def lying(self) -> None:
        self.replace_server(sys.executable, str(ROOT / "tests/museum/liar.py"))


def policy() -> dict[str, Any]:
    """examples/policies/exchange.yaml with the lists that the cases speak of, limits, and one named call. The
    delay of new destinations is left out: it would refuse first, and hide whether anything else does.
    """
    found: dict[str, Any] = yaml.load((ROOT / "examples/policies/exchange.yaml").read_text(), yaml.BaseLoader)
    del found["new_destination_delay"]
    lists = {**found["lists"], **{name: rebind.named(name) for name in _LISTS}}
    found["lists"] = {**lists, "own_safes": rebind.own_contracts()}
    contract, method = NAMED_CALL
    lift = {"prohibition": "blind", "subjects": [f"{contract} {method}"]}
    rule = {"name": "named-call", "operations": ["CONTRACT_CALL"], "contracts": [contract]}
    found["rules"].append({**rule, "methods": [method], "lifts": [lift], "verdict": "allow"})
    found["limits"] = [
        {"asset": "ETH", "per_tx": "50 ETH", "rolling": {"seconds": "86400", "max": "200 ETH"}}
    ]
    return found


def draft() -> str:
    whitelist = [
        {"id": f"known-{n}", "chain": rebind.CHAIN, "address": address}
        for n, address in enumerate(rebind.named("whitelist"))
    ]
    chain = {"id": rebind.CHAIN, "key": SECP, "native_asset": "ETH", "fee_cap": "0.05 ETH"}
    document = {
        "mode": "dev",
        "threshold": 2,
        "administrators": {"quorum": 1, "members": {"alice": "alice.pub"}},
        "users": [{"id": "payments", "name": "Payments", "role": "requester", "key": "requester.pub"}],
        "keys": {SECP: "secp256k1"},
        "raw_keys": {"ecdsa-secp256k1": SECP},
        "chains": [chain],
        "assets": rebind.assets(),
        "whitelist": whitelist,
        "policy": policy(),
    }
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False))


@pytest.fixture(scope="module")
def museum() -> Iterator[Museum]:
    if not (ROOT / "node_modules/.bin/anvil").exists() and shutil.which("anvil") is None:
        pytest.skip("anvil: not installed")
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    with Chain(folder / "chain") as chain:
        made = small_cluster(draft=draft(), chains=(f"{rebind.CHAIN}={chain.url}",))
        with made as cluster:
            cluster.init_server()
            cluster.init_signers()
            cluster.make_charter()
            cluster.start()
            cluster.start_server()
            cluster.all_vote()
            cluster.create_key(SECP)
            yield _opened(cluster, chain)
    shutil.rmtree(folder, ignore_errors=True)


def _opened(cluster: SmallCluster, chain: Chain) -> Museum:
    requester = cluster.requester()
    first, second = (requester.address(requester.account(name), "ETH")[0] for name in ("hot", "cold"))
    chain.fund(first, 1000)
    known = {"type": "VAULT_ACCOUNT", "id": "1"}
    paid = requester.transfer("0", "ETH", "0.001", known, "opening")
    assert paid.status == "COMPLETED", f"{paid}"
    return Museum(cluster, chain, requester, rebind.Rebinding((first, second)))
