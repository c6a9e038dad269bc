"""The unmodified official SDK, 35.1.0, against the running server. Its warning "Failed to
deserialize" is an error here: it means that a member had another type than the SDK's strict models
allow."""

import asyncio
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
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


async def test_errors_are_the_sdks_own(sdk: Fireblocks) -> None:
    with pytest.raises(NotFoundException):
        await ask(sdk.transactions.get_transaction("no-such-id"))
    with pytest.raises(NotFoundException):
        await ask(sdk.vaults.get_vault_account("404"))
    with pytest.raises(ApiException) as unknown:
        await ask(sdk.vaults.get_vault_assets())
    assert unknown.value.status == 404
