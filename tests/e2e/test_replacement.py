"""A stuck transfer: its fee is raised, or it is taken back, by two of three real signers."""

import time
import uuid
from collections.abc import Iterator

import pytest
from fireblocks.models.drop_transaction_request import DropTransactionRequest

from quorate.client.demo.sdk import Requester, transfer_of, whitelisted
from quorate.client.demo.stage import EXCHANGE
from tests.e2e.cluster import Cluster


@pytest.fixture
def unmined(cluster: Cluster) -> Iterator[None]:
    cluster.chain.call("evm_setAutomine", False)
    yield
    cluster.chain.call("evm_setAutomine", True)
    cluster.chain.call("evm_mine")


def confirming(requester: Requester, id: str, besides: str = "") -> str:
    """The hash under which the transaction waits for a block."""
    for _ in range(300):
        found = requester.sdk.transactions.get_transaction(id).result().data
        if found.status == "CONFIRMING" and found.tx_hash != besides:
            return str(found.tx_hash)
        time.sleep(0.1)
    raise AssertionError(f"{found.status} {found.tx_hash}")


def stuck(cluster: Cluster, requester: Requester) -> tuple[dict[str, object], str, str]:
    """What was asked for, the externalTxId and the id."""
    asked = transfer_of(
        cluster.account, "ETH", "0.25", whitelisted("whitelist-1"), external := str(uuid.uuid4())
    )
    return asked, external, requester.submit(asked)


@pytest.mark.usefixtures("unmined")
def test_a_fee_bump_by_whoever_is_there(cluster: Cluster, requester: Requester) -> None:
    """One of the two that signed first is gone: the third learns of the first bytes, and compares."""
    before = cluster.chain.balance(EXCHANGE)
    asked, external, id = stuck(cluster, requester)
    first = confirming(requester, id)
    gone, other = sorted(entry.signer for entry in cluster.logs.wait_for("release", external))
    cluster.signer("kill", gone)
    try:
        assert requester.submit({**asked, "replaceTxByHash": first}) == id
        second = confirming(requester, id, first)
    finally:
        cluster.start_all()
    cluster.chain.call("evm_mine")
    done = requester.finish(id)
    assert (done.status, done.hash) == ("COMPLETED", second)
    assert cluster.chain.balance(EXCHANGE) == before + 25 * 10**16
    released = [entry.signer for entry in cluster.logs.about(external) if entry.event == "release"]
    third = next(signer for signer in cluster.signers() if signer not in (gone, other))
    assert sorted(released) == sorted([gone, other, other, third])


@pytest.mark.usefixtures("unmined")
def test_a_transfer_that_is_taken_back(cluster: Cluster, requester: Requester) -> None:
    before = cluster.chain.balance(EXCHANGE)
    _, external, id = stuck(cluster, requester)
    first = confirming(requester, id)
    drop = DropTransactionRequest(tx_id=id)
    answer = requester.sdk.transactions.drop_transaction(id, drop_transaction_request=drop).result().data
    assert (answer.tx_id, answer.replaced_tx_hash) == (id, first)
    confirming(requester, id, first)
    cluster.chain.call("evm_mine")
    done = requester.finish(id)
    assert (done.status, done.lines[0]) == ("FAILED", "dropped")
    assert cluster.chain.balance(EXCHANGE) == before
    wanted = ["allow", "allow", "cancel", "cancel"]
    for _ in range(50):  # a log is written out twice a second
        verdicts = [e.data["verdict"] for e in cluster.logs.about(external) if e.event == "decision"]
        if len(verdicts) == len(wanted):
            break
        time.sleep(0.1)
    assert sorted(verdicts) == wanted
