"""The unmodified official SDK, 35.1.0, against the running server. Its warning "Failed to
deserialize" is an error here: it means that a member had another type than the SDK's strict models
allow."""

import asyncio
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from fireblocks.client import Fireblocks
from fireblocks.client_configuration import ClientConfiguration
from fireblocks.exceptions import ApiException, BadRequestException, NotFoundException
from fireblocks.models.create_address_request import CreateAddressRequest
from fireblocks.models.create_vault_account_request import CreateVaultAccountRequest
from fireblocks.models.destination_transfer_peer_path import DestinationTransferPeerPath
from fireblocks.models.extra_parameters import ExtraParameters
from fireblocks.models.one_time_address import OneTimeAddress
from fireblocks.models.source_transfer_peer_path import SourceTransferPeerPath
from fireblocks.models.transaction_operation import TransactionOperation
from fireblocks.models.transaction_request import TransactionRequest
from fireblocks.models.transaction_request_amount import TransactionRequestAmount
from fireblocks.models.transfer_peer_path_type import TransferPeerPathType
from fireblocks.models.update_vault_account_request import UpdateVaultAccountRequest
from fireblocks.unknown_model import UnknownBaseModel

from quorate.client.demo.chain import Chain
from quorate.core.dialects.fireblocks import deposit_addresses
from tests.judge.cluster import SHOP, TOKEN, Cluster
from tests.server.running import Running


@pytest.fixture(autouse=True)
def strict(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails on anything that the SDK could not read."""
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        yield
    said = [str(entry.message) for entry in caught] + caplog.messages
    assert not [text for text in said if "deserialize" in text.lower()], said


@pytest.fixture
def sdk(on_chain: Running) -> Fireblocks:
    return client(on_chain)


def client(running: Running) -> Fireblocks:
    user = running.cluster.user
    secret = user.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Fireblocks(ClientConfiguration(api_key=user.id, secret_key=secret, base_path=running.url + "/v1"))


async def ask(future: Any) -> Any:
    """The SDK answers from its own threads."""
    response = await asyncio.to_thread(future.result)
    assert response.data is None or not isinstance(response.data, UnknownBaseModel)
    return response


async def finished(sdk: Fireblocks, id: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            found = (await ask(sdk.transactions.get_transaction(id))).data
            if found.status in ("COMPLETED", "FAILED", "BLOCKED", "REJECTED"):
                return found
            await asyncio.sleep(0.05)


def vault(id: str) -> dict[str, Any]:
    return {"type": TransferPeerPathType.VAULT_ACCOUNT, "id": id}


def transfer(
    destination: DestinationTransferPeerPath, asset: str, amount: str, **more: Any
) -> TransactionRequest:
    return TransactionRequest(
        operation=TransactionOperation.TRANSFER,
        asset_id=asset,
        source=SourceTransferPeerPath(**vault("0")),
        destination=destination,
        amount=TransactionRequestAmount(amount),
        **more,
    )


async def test_vault_accounts_and_addresses(sdk: Fireblocks, cluster: Cluster) -> None:
    created = await ask(
        sdk.vaults.create_vault_account(
            create_vault_account_request=CreateVaultAccountRequest(name="ops", auto_fuel=False)
        )
    )
    account = created.data.id
    assert created.data.name == "ops"
    await ask(
        sdk.vaults.update_vault_account(
            account, update_vault_account_request=UpdateVaultAccountRequest(name="operations")
        )
    )
    for call in (sdk.vaults.hide_vault_account(account), sdk.vaults.unhide_vault_account(account)):
        await ask(call)
    wallet = (await ask(sdk.vaults.create_vault_account_asset(account, "ETH"))).data
    assert (wallet.id, wallet.address, wallet.status) == ("ETH", cluster.address(account), "READY")
    more = (
        await ask(
            sdk.vaults.create_vault_account_asset_address(
                account, "ETH", create_address_request=CreateAddressRequest(description="x")
            )
        )
    ).data
    assert more.bip44_address_index == 1
    page = (await ask(sdk.vaults.get_vault_account_asset_addresses_paginated(account, "ETH"))).data
    assert [entry.address for entry in page.addresses] == [wallet.address, more.address]
    found = (await ask(sdk.vaults.get_vault_account(account))).data
    assert (found.name, [asset.id for asset in found.assets]) == ("operations", ["ETH"])
    asset = (await ask(sdk.vaults.get_vault_account_asset(account, "ETH"))).data
    assert asset.total == "0"
    paged = (await ask(sdk.vaults.get_paged_vault_accounts(limit=2))).data
    assert len(paged.accounts) == 2
    assert paged.paging.after is not None
    rest = (await ask(sdk.vaults.get_paged_vault_accounts(limit=2, after=paged.paging.after))).data
    assert {a.id for a in paged.accounts + rest.accounts} == {"0", "1", "2"}


async def test_bitcoin_addresses_of_every_kind(willing: Running, cluster: Cluster) -> None:
    """The dialect has a legacy address beside the own one; the answers name all kinds under `addresses`."""
    sdk = client(willing)
    await ask(sdk.vaults.create_vault_account(CreateVaultAccountRequest(name="coins")))
    kinds = deposit_addresses(cluster.charter, cluster.keys, "BTC", "0")
    made = await ask(sdk.vaults.create_vault_account_asset("0", "BTC"))
    assert (made.data.address, made.data.legacy_address) == (kinds["p2wpkh"], kinds["p2pkh"])
    assert list(json.loads(made.raw_data)["addresses"].items()) == list(kinds.items())
    legacy = await ask(sdk.vaults.create_legacy_address("0", "BTC", kinds["p2wpkh"]))
    assert (legacy.data.legacy_address, legacy.data.bip44_address_index) == (kinds["p2pkh"], 0)
    more = await ask(sdk.vaults.create_vault_account_asset_address("0", "BTC"))
    assert (more.data.legacy_address, "addresses" in json.loads(more.raw_data)) == ("", False)
    page = (await ask(sdk.vaults.get_vault_account_asset_addresses_paginated("0", "BTC"))).data
    assert [(a.address_format, a.legacy_address) for a in page.addresses] == [
        ("SEGWIT", kinds["p2pkh"]), ("SEGWIT", ""),
    ]  # fmt: skip
    held = await ask(sdk.vaults.get_vault_account_asset("0", "BTC"))
    assert json.loads(held.raw_data)["addresses"] == kinds
    for address in (more.data.address, kinds["p2pkh"], "nobody"):
        with pytest.raises(ApiException) as refused:
            await ask(sdk.vaults.create_legacy_address("0", "BTC", address))
        assert refused.value.status == 400
    ether = await ask(sdk.vaults.create_vault_account_asset("0", "ETH"))
    assert (ether.data.legacy_address, "addresses" in json.loads(ether.raw_data)) == ("", False)
    with pytest.raises(ApiException):
        await ask(sdk.vaults.create_legacy_address("0", "ETH", ether.data.address))


async def test_assets(sdk: Fireblocks) -> None:
    found = (await ask(sdk.blockchains_assets.get_supported_assets())).data
    assert [(a.id, a.type, a.native_asset, a.decimals) for a in found] == [
        ("ETH", "BASE_ASSET", "ETH", 18),
        ("USDC", "ERC20", "ETH", 6),
        ("BTC", "BASE_ASSET", "BTC", 8),
    ]
    assert found[1].contract_address == TOKEN


async def test_native_transfer_is_mined(sdk: Fireblocks, chain: Chain) -> None:
    before = chain.balance(SHOP)
    destination = DestinationTransferPeerPath(type=TransferPeerPathType.EXTERNAL_WALLET, id="shop")
    request = transfer(destination, "ETH", "0.25", note="rent", external_tx_id="rent-1", customer_ref_id="c")
    created = (await ask(sdk.transactions.create_transaction(transaction_request=request))).data
    assert created.status == "SUBMITTED"
    found = await finished(sdk, created.id)
    assert found.status == "COMPLETED", found
    assert chain.balance(SHOP) - before == 25 * 10**16
    assert (found.amount_info.amount, found.amount, found.note) == ("0.25", 0.25, "rent")
    assert found.num_of_confirmations >= 1
    assert chain.receipt(found.tx_hash)["status"] == "0x1"
    assert (found.source.name, found.destination.name) == ("treasury", "Shop")
    again = (await ask(sdk.transactions.get_transaction_by_external_id("rent-1"))).data
    assert again.id == created.id
    with pytest.raises(BadRequestException) as refused:
        await ask(sdk.transactions.create_transaction(transaction_request=request))
    assert '"code": 1438' in refused.value.body


async def test_token_transfer_between_accounts_and_to_an_address(
    sdk: Fireblocks, chain: Chain, cluster: Cluster
) -> None:
    own = DestinationTransferPeerPath(**vault("1"))
    other = DestinationTransferPeerPath(
        type=TransferPeerPathType.ONE_TIME_ADDRESS, one_time_address=OneTimeAddress(address=SHOP)
    )
    before = chain.token_balance(TOKEN, cluster.address("1"))
    ids = [
        (
            await ask(sdk.transactions.create_transaction(transaction_request=transfer(to, "USDC", "12.5")))
        ).data.id
        for to in (own, other)
    ]
    for id in ids:
        assert (await finished(sdk, id)).status == "COMPLETED"
    assert chain.token_balance(TOKEN, cluster.address("1")) - before == 12_500_000


async def test_raw_and_lists(sdk: Fireblocks) -> None:
    def request(scheme: str, path: list[int], content: str) -> TransactionRequest:
        messages = [{"content": content, "derivationPath": path}]
        extra = ExtraParameters(raw_message_data={"messages": messages, "algorithm": scheme})
        return TransactionRequest(operation=TransactionOperation.RAW, extra_parameters=extra)

    wanted = [
        request("MPC_EDDSA_ED25519", [1729, 1, 7], "aa"),
        request("MPC_ECDSA_SECP256K1", [1729, 0, 7], "bb" * 32),
    ]
    for each in wanted:
        created = (await ask(sdk.transactions.create_transaction(transaction_request=each))).data
        found = await finished(sdk, created.id)
        assert found.status == "COMPLETED", found
        assert len(found.signed_messages[0].signature.full_sig) == 128
        assert found.signed_messages[0].derivation_path[0] == 1729
    first = await ask(sdk.transactions.get_transactions(limit=1, order_by="createdAt"))
    assert len(first.data) == 1
    second = await ask(sdk.transactions.get_transactions(next=first.headers["next-page"]))
    assert len(second.data) == 1
    assert second.data[0].id != first.data[0].id
    assert "next-page" not in second.headers
    back = await ask(sdk.transactions.get_transactions(prev=second.headers["prev-page"]))
    assert back.data[0].id == first.data[0].id


async def test_calls_and_typed_messages(sdk: Fireblocks, chain: Chain, cluster: Cluster) -> None:
    data = "0xa9059cbb" + SHOP[2:].lower().rjust(64, "0") + f"{2_500_000:064x}"
    before = chain.token_balance(TOKEN, SHOP)
    to = DestinationTransferPeerPath(
        type=TransferPeerPathType.ONE_TIME_ADDRESS, one_time_address=OneTimeAddress(address=TOKEN)
    )
    request = TransactionRequest(
        operation=TransactionOperation.CONTRACT_CALL,
        asset_id="ETH",
        source=SourceTransferPeerPath(**vault("0")),
        destination=to,
        amount=TransactionRequestAmount("0"),
        extra_parameters=ExtraParameters(contract_call_data=data),
    )
    created = (await ask(sdk.transactions.create_transaction(transaction_request=request))).data
    found = await finished(sdk, created.id)
    assert (found.status, found.operation) == ("COMPLETED", TransactionOperation.CONTRACT_CALL), found
    assert found.extra_parameters.contract_call_data == data
    assert chain.token_balance(TOKEN, SHOP) - before == 2_500_000

    typed = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}],
            "Login": [{"name": "text", "type": "string"}],
        },
        "primaryType": "Login",
        "domain": {"name": "Dashboard"},
        "message": {"text": "Zoë"},
    }
    messages = [{"content": b"Sign in".hex(), "type": "EIP191"}, {"content": typed, "type": "EIP712"}]
    request = TransactionRequest(
        operation=TransactionOperation.TYPED_MESSAGE,
        asset_id="ETH",
        source=SourceTransferPeerPath(**vault("0")),
        extra_parameters=ExtraParameters(raw_message_data={"messages": messages}),
    )
    created = (await ask(sdk.transactions.create_transaction(transaction_request=request))).data
    found = await finished(sdk, created.id)
    assert (found.status, found.operation) == ("COMPLETED", TransactionOperation.TYPED_MESSAGE), found
    signable = (encode_defunct(b"Sign in"), encode_typed_data(full_message=typed))
    for signed, expected in zip(found.signed_messages, signable, strict=True):
        full, v = signed.signature.full_sig, int(signed.signature.v)
        signer = Account.recover_message(expected, signature=bytes.fromhex(full) + bytes([27 + v]))
        assert signer == cluster.address("0")
        assert (signed.algorithm, signed.derivation_path) == ("MPC_ECDSA_SECP256K1", [44, 60, 0, 0, 0])
        assert len(signed.content) == 64
    asked = found.extra_parameters.raw_message_data["messages"]
    assert [(m["type"], m["content"]) for m in asked] == [(m["type"], m["content"]) for m in messages]


async def test_a_call_that_would_fail_is_not_signed(on_chain: Running) -> None:
    body = {
        "operation": "CONTRACT_CALL",
        "assetId": "ETH",
        "source": {"type": "VAULT_ACCOUNT", "id": "0"},
        "destination": {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": TOKEN}},
        "extraParameters": {"contractCallData": "0xdeadbeef"},
    }
    found = await on_chain.finished(await on_chain.submit(body))
    assert (found["status"], found["subStatus"]) == ("FAILED", "execution_reverted")
    assert not any(signer.opened for signer in on_chain.signers.values())


async def test_errors_are_the_sdks_own(sdk: Fireblocks) -> None:
    with pytest.raises(NotFoundException):
        await ask(sdk.transactions.get_transaction("no-such-id"))
    with pytest.raises(NotFoundException):
        await ask(sdk.vaults.get_vault_account("404"))
    with pytest.raises(ApiException) as unknown:
        await ask(sdk.vaults.get_vault_assets())
    assert unknown.value.status == 404
