"""Vault rows in the members that clients know. An absent member is left out: clients' models are
strict about null types."""

from collections.abc import Mapping, Sequence

from quorate.core.chains.bitcoin.networks import P2PKH
from quorate.core.dialects.fireblocks import deposit_addresses
from quorate.core.errors import QuorateError
from quorate.server.api.fireblocks.amounts import to_text
from quorate.server.book import CharterBook
from quorate.server.store.vaults import Account, Address, Wallet


def without_none(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def account(row: Account, wallets: Sequence[Wallet], book: CharterBook) -> dict[str, object]:
    """VaultAccount."""
    return without_none(
        {
            "id": str(row.id),
            "name": row.name,
            "assets": [wallet(entry, book) for entry in wallets],
            "hiddenOnUI": row.hidden,
            "customerRefId": row.customer_ref_id,
            "autoFuel": row.auto_fuel,
        }
    )


def wallet(row: Wallet, book: CharterBook) -> dict[str, object]:
    """VaultAsset. Without amounts until the chain was read once: an unknown balance is not zero."""
    asset = book.charter.asset(row.asset)
    members: dict[str, object] = {"id": row.asset}
    if asset is None or row.balance is None:
        return members
    total = to_text(int(row.balance), asset.decimals)
    return {
        **members,
        "total": total,
        "balance": total,
        "available": total,
        "pending": "0",
        "frozen": "0",
        "lockedAmount": "0",
        "blockHeight": str(row.block_height),
        "blockHash": row.block_hash,
    }


def wallet_with_address(row: Wallet, address: str | None, book: CharterBook) -> dict[str, object]:
    """VaultAsset with the permanent address, those of further kinds, and the proof of them, which the dialect
    does not know and clients ignore."""
    found = kinds(row.account, row.asset, book)
    return without_none(
        {**wallet(row, book), "address": address, "addresses": found or None, "proof": proof(row.asset, book)}
    )


def created_wallet(row: Address, book: CharterBook) -> dict[str, object]:
    """CreateVaultAssetResponse."""
    return {
        "id": row.asset,
        "address": row.address,
        **_kinds(row, book),
        "enterpriseAddress": "",
        "tag": "",
        "eosAccountName": "",
        "status": "READY",
        "activationTxId": "",
        "proof": proof(row.asset, book),
    }


def created_address(row: Address, book: CharterBook) -> dict[str, object]:
    """CreateAddressResponse."""
    return {
        "address": row.address,
        **_kinds(row, book),
        "enterpriseAddress": "",
        "tag": "",
        "bip44AddressIndex": row.address_index,
        "proof": proof(row.asset, book),
    }


def address(row: Address, book: CharterBook) -> dict[str, object]:
    """VaultWalletAddress."""
    return without_none(
        {
            "assetId": row.asset,
            "address": row.address,
            "description": row.description or "",
            "tag": "",
            "type": "Permanent" if row.address_index == 0 else "Deposit",
            "customerRefId": row.customer_ref_id,
            "addressFormat": _format(row, book),
            **_kinds(row, book),
            "enterpriseAddress": "",
            "bip44AddressIndex": row.address_index,
            "userDefined": False,
            "proof": proof(row.asset, book),
        }
    )


def kinds(account: int, asset: str, book: CharterBook) -> Mapping[str, str]:
    """Kind of script -> the account's deposit address of that kind; empty where there is one kind only."""
    try:
        found = deposit_addresses(book.charter, book.certificates, asset, str(account))
    except QuorateError:
        return {}
    return found if len(found) > 1 else {}


def _kinds(row: Address, book: CharterBook) -> dict[str, object]:
    """The dialect knows a legacy address beside the own one; `addresses` names all of them. Only those of the
    first index: what lies at others is not spent.
    """
    found = {} if row.address_index else kinds(row.account, row.asset, book)
    return {"legacyAddress": found.get(P2PKH, ""), **({"addresses": found} if found else {})}


def _format(row: Address, book: CharterBook) -> str | None:
    return "SEGWIT" if kinds(row.account, row.asset, book) else None


def proof(asset_id: str, book: CharterBook) -> Mapping[str, object] | None:
    """The signed key certificate from which anyone can derive the address without this server."""
    asset = book.charter.asset(asset_id)
    chain = book.charter.chain(asset.chain) if asset is not None else None
    return None if chain is None else book.proof_json(chain.key)
