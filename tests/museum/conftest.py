"""One running cluster under the exchange's policy: three signers, a server, four chains."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quorate.client.demo.sdk import Requester
from quorate.client.demo.signer_logs import SignerLogs
from quorate.core.model.records import KeyCertificate, SignedCertificate
from tests.core.vectors import ROOT
from tests.museum.charter import draft
from tests.museum.nodes import Nodes, Rebinding, running
from tests.small_cluster import EDDSA, SECP, SIGNERS, SmallCluster, small_cluster, until


@dataclass
class Museum:
    """Vault account 0 is funded on every chain; those of EVM chains are known to the signers."""

    cluster: SmallCluster
    nodes: Nodes
    requester: Requester
    bound: dict[str, Rebinding]

    @property
    def logs(self) -> SignerLogs:
        return SignerLogs([{"audit": self.cluster.signer(id) / "audit"} for id in SIGNERS])

    def of(self, family: str) -> Rebinding:
        if family not in self.bound:
            pytest.skip("anvil: not installed")
        return self.bound[family]

    def replace_server(self, *program: str) -> None:
        """Returns once all signers are connected to it."""
        self.cluster.stop("server")
        (self.cluster.server / "server.ready").unlink(missing_ok=True)
        self.cluster.start_server(*program)
        for id in SIGNERS:
            until(lambda id=id: self.cluster.status(id)["connected"], f"{id} is connected")

    @property
    def lies(self) -> Path:
        """What a lying server shows the signers, by externalTxId."""
        return self.cluster.server / "lies"


@pytest.fixture(scope="module")
def museum() -> Iterator[Museum]:
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    with running(folder) as nodes:
        made = small_cluster(draft=draft(), chains=tuple(f"{id}={url}" for id, url in nodes.urls.items()))
        with made as cluster:
            cluster.init_server()
            _name_genesis(cluster, nodes)
            cluster.init_signers()
            cluster.make_charter()
            cluster.start()
            cluster.start_server()
            cluster.all_vote()
            yield _opened(cluster, nodes)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def lying(museum: Museum) -> Museum:
    """The same under a server that lies, to the end."""
    museum.replace_server(sys.executable, str(ROOT / "tests/museum/liar.py"))
    return museum


def _name_genesis(cluster: SmallCluster, nodes: Nodes) -> None:
    path = cluster.server / "server.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "genesis": nodes.genesis}))


def _opened(cluster: SmallCluster, nodes: Nodes) -> Museum:
    proof = SignedCertificate.from_json(json.loads(cluster.create_key(SECP).read_text()))
    cluster.create_key(EDDSA)
    requester = cluster.requester()
    museum = Museum(cluster, nodes, requester, nodes.bind(requester, KeyCertificate.from_bytes(proof.body)))
    if nodes.anvil is not None:
        known = {"type": "VAULT_ACCOUNT", "id": "1"}
        paid = requester.transfer("0", "ETH", "0.001", known, "opening")
        assert paid.status == "COMPLETED", f"{paid}"
    return museum
