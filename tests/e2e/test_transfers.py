"""Transfers: requested by the official SDK, judged and signed by two of three, mined."""

import uuid

import pytest
from coincurve import PublicKey
from fireblocks.exceptions import BadRequestException

from quorate.client.demo.sdk import Requester, one_time, own_account, transfer_of, whitelisted
from quorate.client.demo.stage import EXCHANGE, TOKEN
from quorate.core.chains.evm.address import checksum
from tests.e2e.cluster import Cluster

STRANGER = checksum("0x" + "5f" * 20)


def test_native_coin_to_the_whitelist(cluster: Cluster) -> None:
    before = cluster.chain.balance(EXCHANGE)
    done, id = cluster.pay("0.000000000000000001")
    assert done.status == "COMPLETED", done
    assert cluster.chain.balance(EXCHANGE) == before + 1
    released = {entry.signer for entry in cluster.logs.wait_for("release", id)}
    assert len(released) == 2


def test_token_to_the_whitelist(cluster: Cluster) -> None:
    token = cluster.stage.token
    before = cluster.chain.token_balance(token, EXCHANGE)
    done, _ = cluster.pay("12.345678", TOKEN)
    assert done.status == "COMPLETED", done
    assert cluster.chain.token_balance(token, EXCHANGE) == before + 12_345_678


def test_between_own_accounts(cluster: Cluster, requester: Requester) -> None:
    other = requester.account("other")
    address, _ = requester.address(other, "ETH")
    done, _ = cluster.pay("0.5", destination=own_account(other))
    assert done.status == "COMPLETED", done
    assert cluster.chain.balance(address) == 5 * 10**17


@pytest.mark.parametrize(
    ("asset", "amount", "destination", "field"),
    [
        ("ETH", "10.000000000000000001", whitelisted("whitelist-1"), "max_amount"),
        (TOKEN, "10000.000001", whitelisted("whitelist-1"), "max_amount"),
        ("ETH", "0.1", one_time(STRANGER), "destinations"),
        (TOKEN, "1", one_time(STRANGER), "destinations"),
    ],
)
def test_the_policy_refuses_and_says_why(
    cluster: Cluster, asset: str, amount: str, destination: dict[str, str], field: str
) -> None:
    before = cluster.chain.balance(cluster.address)
    done, id = cluster.pay(amount, asset, destination)
    assert done.status == "BLOCKED", done
    assert any(field in line for line in done.lines), done
    refusals = cluster.logs.wait_for("refusal", id)
    assert {entry.data["check"] for entry in refusals} == {"policy"}
    assert len({entry.signer for entry in refusals}) == 2
    assert {entry.event for entry in cluster.logs.about(id)} <= {"admission", "refusal", "decision"}
    assert cluster.chain.balance(cluster.address) == before


def test_a_request_with_the_same_external_id_pays_once(cluster: Cluster, requester: Requester) -> None:
    before = cluster.chain.balance(EXCHANGE)
    done, id = cluster.pay("0.01")
    assert done.status == "COMPLETED", done
    with pytest.raises(BadRequestException, match="1438"):
        requester.submit(transfer_of(cluster.account, "ETH", "0.02", whitelisted("whitelist-1"), id))
    assert cluster.chain.balance(EXCHANGE) == before + 10**16


def test_many_transfers_of_one_account_at_once(cluster: Cluster, requester: Requester) -> None:
    """Nonces: each transfer is mined exactly once."""
    before, count = cluster.chain.balance(EXCHANGE), 8
    requests = [
        transfer_of(cluster.account, "ETH", "0.001", whitelisted("whitelist-1"), str(uuid.uuid4()))
        for _ in range(count)
    ]
    ids = [requester.submit(request) for request in requests]
    assert [requester.finish(id).status for id in ids] == ["COMPLETED"] * count
    assert cluster.chain.balance(EXCHANGE) == before + count * 10**15


def test_raw_ecdsa_verifies_with_libsecp256k1(cluster: Cluster, requester: Requester) -> None:
    digest = bytes(range(32))
    done = requester.sign_raw("MPC_ECDSA_SECP256K1", [1729, 0, 7], digest)
    assert done.status == "COMPLETED", done
    ((public_key, signature),) = done.raw
    recovered = [
        PublicKey.from_signature_and_message(bytes.fromhex(signature) + bytes([v]), digest, hasher=None)
        for v in (0, 1)
    ]
    assert bytes.fromhex(public_key) in [key.format() for key in recovered]
    half = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
    assert int(signature[64:], 16) <= half


def test_raw_ed25519_verifies_below_the_certified_key(cluster: Cluster, requester: Requester) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from quorate.core.chains import hd

    content, path = b"anything but a transaction", [1729, 1, 3]
    done = requester.sign_raw("MPC_EDDSA_ED25519", path, content)
    assert done.status == "COMPLETED", done
    ((public_key, signature),) = done.raw
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content)
    proofs = {
        proof["certificate"]["curve"]: proof["certificate"] for proof in cluster.native("/keys")["keys"]
    }
    root = proofs["ed25519"]
    derived = hd.derive("ed25519", bytes.fromhex(root["public_key"]), bytes.fromhex(root["chain_code"]), path)
    assert derived.hex() == public_key


def test_raw_on_the_path_of_an_asset_is_refused(cluster: Cluster, requester: Requester) -> None:
    done = requester.sign_raw("MPC_ECDSA_SECP256K1", [44, 60, 0, 0, 0], bytes(32))
    assert done.status in ("BLOCKED", "FAILED"), done
    assert not done.raw
