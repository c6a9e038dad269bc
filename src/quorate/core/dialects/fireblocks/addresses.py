"""Vault accounts: a path below the chain's root key, and the address that anyone can derive from the key
certificate.
"""

from collections.abc import Mapping

from quorate.core.chains import hd
from quorate.core.chains.evm import address as evm_address
from quorate.core.errors import QuorateError
from quorate.core.model import members
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.records import KeyCertificate

PURPOSE = 44


def account_path(chain: Chain, account: str, index: int = 0, change: int = 0) -> tuple[int, ...]:
    """44 / coin type / vault account / change / index (docs/spec/key-certificate.md). Raises QuorateError
    identifier.
    """
    return (PURPOSE, chain.coin_type, int(members.account(account, "vault account")), change, index)


def account_address(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str, index: int = 0
) -> str:
    """The address of an asset in a vault account; `certificates` are verified, by key id.

    Raises QuorateError: unknown_asset, key_missing (the chain's key has not been created yet), identifier.
    """
    asset = charter.asset(asset_id)
    chain = charter.chain(asset.chain) if asset else None
    if chain is None:
        raise QuorateError(
            "unknown_asset", f"asset {asset_id[:64]} is not in the charter", "caller", "see supported assets"
        )
    return chain_address(chain, certificates, account, index)


def chain_address(
    chain: Chain, certificates: Mapping[str, KeyCertificate], account: str, index: int = 0
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
    path = account_path(chain, account, index)
    child = hd.derive(certificate.curve, certificate.public_key, certificate.chain_code, path)
    return evm_address.from_public_key(child)
