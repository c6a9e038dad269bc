"""The ABI of a contract, pinned by charter version 2: real processes, a real chain, the commands that people
run, and a server that hands out another document. The tests follow one another on one cluster.
"""

import json
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from eth_hash.auto import keccak

from quorate.client.demo.chain import Chain, anvil
from quorate.client.demo.sdk import Outcome, Requester, one_time
from quorate.client.dev import commands
from quorate.core.chains.evm.address import checksum
from quorate.core.chains.evm.knowledge.documents import digest
from quorate.core.errors import QuorateError
from tests.small_cluster import SECP, SIGNERS, SmallCluster, small_cluster, until

CHAIN: Final = "evm:31337"
RUNTIME: Final = "600435600055" + "00"
"""Keeps its first argument in slot 0, whatever the method: sstore(0, calldataload(4))."""
CREATION: Final = f"0x66{RUNTIME}60005260076019f3"
"""Leaves the seven bytes above as the contract's code."""
METHODS: Final = ("stake(uint256)", "drain(uint256)")
ABI: Final = json.dumps(
    [
        {
            "type": "function",
            "name": text.partition("(")[0],
            "inputs": [{"name": "amount", "type": "uint256"}],
        }
        for text in METHODS
    ]
).encode()
DRAFT: Final = """
mode: dev
threshold: 2
administrators: {quorum: 1, members: {alice: alice.pub}}
users: [{id: payments, name: Payments, role: requester, key: requester.pub}]
keys: {root-secp256k1: secp256k1}
chains: [{id: "evm:31337", key: root-secp256k1, native_asset: ETH, fee_cap: 0.05 ETH}]
assets: [{id: ETH, chain: "evm:31337", decimals: 18}]
policy:
  rules:
    - {name: staking, operations: [CONTRACT_CALL], contracts: ["CONTRACT"], methods: ["stake(uint256)"], verdict: allow}
"""  # noqa: E501


@dataclass
class Place:
    cluster: SmallCluster
    chain: Chain
    contract: str
    requester: Requester

    @property
    def abi(self) -> Path:
        return self.cluster.folder / "vault.abi.json"

    def call(self, method: str, amount: int) -> Outcome:
        data = "0x" + keccak(method.encode())[:4].hex() + f"{amount:064x}"
        body = {
            "operation": "CONTRACT_CALL",
            "assetId": "ETH",
            "amount": "0",
            "source": {"type": "VAULT_ACCOUNT", "id": "0"},
            "destination": one_time(self.contract),
            "extraParameters": {"contractCallData": data},
            "externalTxId": str(uuid.uuid4()),
        }
        return self.requester.finish(self.requester.submit(body))

    def stored(self) -> int:
        return int(self.chain.call("eth_getStorageAt", self.contract, "0x0", "latest"), 16)

    def problems(self) -> set[str | None]:
        """Of the one document, as each signer says."""
        return {self.cluster.status(id)["documents"][0]["problem"] for id in SIGNERS}

    def annotate(self, *options: str | Path) -> dict[str, Any]:
        return commands.run("charter", "annotate", self.abi, "--charter", self.cluster.charter, *options)

    def stop_server(self) -> None:
        self.cluster.stop("server")
        (self.cluster.server / "server.ready").unlink(missing_ok=True)

    def put_in_its_database(self, content: bytes) -> None:
        """Under the hash of the true document: what a hostile server would hand out."""
        with sqlite3.connect(self.cluster.server / "server.sqlite") as file:
            file.execute("DELETE FROM documents")
            file.execute("INSERT INTO documents VALUES (?, ?, 0)", (digest(ABI), content))
        file.close()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    try:
        anvil()
    except QuorateError as error:
        pytest.skip(f"anvil: {error.message}")
    folder = Path(tempfile.mkdtemp(prefix="quorate-"))
    with Chain(folder / "chain") as chain:
        contract = checksum(str(chain.send(data=CREATION, gas=hex(200_000))["contractAddress"]))
        draft = DRAFT.replace('"CONTRACT"', f'"{contract}"')
        with small_cluster(draft=draft, chains=(f"{CHAIN}={chain.url}",)) as cluster:
            try:
                cluster.init_server()
                cluster.init_signers()
                cluster.make_charter()
                cluster.start()
                cluster.start_server()
                cluster.all_vote()
                cluster.create_key(SECP)
                requester = cluster.requester()
                chain.fund(requester.address(requester.account("hot"), "ETH")[0], 10)
                yield Place(cluster, chain, contract, requester)
            finally:
                for name in ("server", *SIGNERS):
                    print(f"--- {name}\n{cluster.log(name)[-3000:]}")
    shutil.rmtree(folder, ignore_errors=True)


def test_before_the_document_the_call_is_blind(place: Place) -> None:
    outcome = place.call("stake(uint256)", 7)
    assert (outcome.status, outcome.lines[0].split(":")[0]) == ("BLOCKED", "blind"), outcome
    assert place.stored() == 0


def test_version_2_pins_it_and_alone_changes_nothing(place: Place) -> None:
    """The charter is in force, the document nowhere: every signer says which one it lacks."""
    cluster = place.cluster
    place.abi.write_bytes(ABI)
    draft, second = cluster.folder / "draft.yaml", cluster.folder / "second.json"
    entry = f'{{chain: "{CHAIN}", contract: "{place.contract}", file: {place.abi.name}}}'
    draft.write_text(draft.read_text() + f"annotations: [{entry}]\n")
    made = commands.run("charter", "propose", "--charter", cluster.charter, "--draft", draft, "--out", second)
    words = f"document for {CHAIN} {place.contract} is added"
    assert made["changes"] == [{"words": words, "loosens": True}]
    commands.run("charter", "sign", second, "--key", cluster.folder / "alice")
    commands.run("charter", "activate", second, "--server", cluster.url)
    second.replace(cluster.charter)
    until(lambda: all(cluster.status(id)["charter_version"] == 2 for id in SIGNERS), "version 2 everywhere")
    until(lambda: all(cluster.status(id)["connected"] for id in SIGNERS), "all are back")
    assert place.problems() == {"missing"}
    outcome = place.call("stake(uint256)", 7)
    assert outcome.status == "BLOCKED"
    assert f"sha256 {digest(ABI).hex()}, is not here" in str(outcome), outcome
    (pinned,) = commands.run("status", "--server", cluster.url)["documents"]
    assert (pinned["held"], pinned["held_by"]) == (False, [])


@pytest.mark.parametrize(
    "content",
    [ABI.replace(b"drain", b"stake", 1), ABI + b" ", b"[]"],
    ids=["another ABI", "a byte more", "an empty one"],
)
def test_a_server_that_hands_out_another_one_gets_nothing(place: Place, content: bytes) -> None:
    assert content != ABI
    refused = place.cluster.log("server").count("document_unpinned")
    place.stop_server()
    place.put_in_its_database(content)
    place.cluster.start_server()
    until(lambda: all(place.cluster.status(id)["connected"] for id in SIGNERS), "all are connected")
    until(
        lambda: place.cluster.log("server").count("document_unpinned") >= refused + len(SIGNERS),
        "every signer refused it",
    )
    assert place.problems() == {"missing"}
    outcome = place.call("stake(uint256)", 7)
    assert (outcome.status, outcome.lines[0].split(":")[0]) == ("BLOCKED", "blind"), outcome
    assert place.stored() == 0


def test_with_the_document_the_named_call_is_mined(place: Place) -> None:
    """Through the server for two signers; the third is handed it past the server."""
    place.stop_server()
    with sqlite3.connect(place.cluster.server / "server.sqlite") as file:
        file.execute("DELETE FROM documents")
    file.close()
    given = place.annotate("--signer", place.cluster.signer("signer-3"))
    assert given["documents"][0]["signers"] == {str(place.cluster.signer("signer-3")): "held"}
    place.cluster.start_server()
    until(lambda: all(place.cluster.status(id)["connected"] for id in SIGNERS), "all are connected")
    given = until(
        lambda: (
            (answer := place.annotate("--server", place.cluster.url))
            and len(answer["documents"][0]["signers"]) == 3
            and answer
        ),
        "the server has all signers",
    )
    assert set(given["documents"][0]["signers"].values()) == {"held"}
    assert place.problems() == {None}
    outcome = place.call("stake(uint256)", 7)
    assert outcome.status == "COMPLETED", outcome
    assert place.stored() == 7


def test_another_method_of_the_contract_is_refused(place: Place) -> None:
    outcome = place.call("drain(uint256)", 8)
    assert outcome.status == "BLOCKED", outcome
    assert outcome.lines[0].split(":")[0] == "unknown_contract_call", outcome
    unknown = place.call("sweep(uint256)", 9)
    assert (unknown.status, unknown.lines[0].split(":")[0]) == ("BLOCKED", "blind"), unknown
    assert place.stored() == 7


def test_a_restart_of_everybody_keeps_it(place: Place) -> None:
    place.cluster.stop()
    (place.cluster.server / "server.ready").unlink(missing_ok=True)
    place.cluster.start_server()
    place.cluster.start()
    place.cluster.all_vote()
    assert place.problems() == {None}
    outcome = place.call("stake(uint256)", 11)
    assert outcome.status == "COMPLETED", outcome
    assert place.stored() == 11
