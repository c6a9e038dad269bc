"""Vault accounts: a path below the chain's root key, and the address that anyone can derive from the key
certificate.
"""

from collections.abc import Mapping

from quorate.core.chains import addresses, hd
from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.records import KeyCertificate


def account_path(chain: Chain, account: str, index: int = 0, change: int = 0) -> tuple[int, ...]:
    """Purpose / coin type / vault account / change / index (docs/spec/key-certificate.md); the family has the
    purpose. Raises QuorateError identifier.
    """
    purpose = addresses.FORMS[chain.family].purpose
    return (purpose, chain.coin_type, int(members.account(account, "vault account")), change, index)


def account_address(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str, index: int = 0
) -> str:
    """The address of an asset in a vault account; `certificates` are verified, by key id.

    Raises QuorateError: unknown_asset, key_missing (the chain's key has not been created yet), identifier.
    """
    return chain_address(_chain_of(charter, asset_id), certificates, account, index)


def holding_addresses(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str
) -> tuple[str, ...]:
    """Where an account's coins lie: its address, and on chains with change the address that change returns
    to. Raises as account_address.
    """
    chain = _chain_of(charter, asset_id)
    branches = addresses.FORMS[chain.family].branches
    return tuple(chain_address(chain, certificates, account, change=branch) for branch in branches)


def chain_address(
    chain: Chain, certificates: Mapping[str, KeyCertificate], account: str, index: int = 0, change: int = 0
) -> str:
    """As account_address, for the native coin and every token of one chain."""
    certificate = certificates.get(chain.key)
    if certificate is None:
        raise QuorateError(
            "key_missing",
            f"key {chain.key} of chain {chain.id} has no certificate yet",
            "state",
            f"quorate key create {chain.key}",
        )
    path = account_path(chain, account, index, change)
    child = hd.derive(certificate.curve, certificate.public_key, certificate.chain_code, path)
    return addresses.of_key(chain.id, child)


def _chain_of(charter: Charter, asset_id: str) -> Chain:
    asset = charter.asset(asset_id)
    chain = charter.chain(asset.chain) if asset else None
    if chain is None:
        raise QuorateError(
            "unknown_asset", f"asset {asset_id[:64]} is not in the charter", "caller", "see supported assets"
        )
    return chain
