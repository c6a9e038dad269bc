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
    return _path(chain, addresses.FORMS[chain.family].purpose, account, change, index)


def account_address(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str, index: int = 0
) -> str:
    """The address of an asset in a vault account; `certificates` are verified, by key id.

    Raises QuorateError: unknown_asset, key_missing (the chain's key has not been created yet), identifier.
    """
    return chain_address(_chain_of(charter, asset_id), certificates, account, index)


def deposit_addresses(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str, index: int = 0
) -> Mapping[str, str]:
    """Kind -> address, for every kind of address that the account has; its own address comes first. Where a
    chain has one kind only, that has an empty name. Raises as account_address.
    """
    chain = _chain_of(charter, asset_id)
    kinds = addresses.FORMS[chain.family].kinds
    return {kind.name: _address(chain, certificates, kind, account, 0, index) for kind in kinds}


def holding_addresses(
    charter: Charter, certificates: Mapping[str, KeyCertificate], asset_id: str, account: str
) -> tuple[str, ...]:
    """Where an account's coins lie: its address, on chains with change the address that change returns to,
    and the same of every further kind. Raises as account_address.
    """
    chain = _chain_of(charter, asset_id)
    form = addresses.FORMS[chain.family]
    return tuple(
        _address(chain, certificates, kind, account, branch, 0)
        for kind in form.kinds
        for branch in form.branches
    )


def chain_address(
    chain: Chain, certificates: Mapping[str, KeyCertificate], account: str, index: int = 0, change: int = 0
) -> str:
    """As account_address, for the native coin and every token of one chain."""
    own = addresses.FORMS[chain.family].kinds[0]
    return _address(chain, certificates, own, account, change, index)


def _address(
    chain: Chain,
    certificates: Mapping[str, KeyCertificate],
    kind: addresses.Kind,
    account: str,
    change: int,
    index: int,
) -> str:
    certificate = certificates.get(chain.key)
    if certificate is None:
        raise QuorateError(
            "key_missing",
            f"key {chain.key} of chain {chain.id} has no certificate yet",
            "state",
            f"quorate key create {chain.key}",
        )
    path = _path(chain, kind.purpose, account, change, index)
    child = hd.derive(certificate.curve, certificate.public_key, certificate.chain_code, path)
    return kind.of_key(child, chain.network)


def _path(chain: Chain, purpose: int, account: str, change: int, index: int) -> tuple[int, ...]:
    return (purpose, chain.coin_type, int(members.account(account, "vault account")), change, index)


def _chain_of(charter: Charter, asset_id: str) -> Chain:
    asset = charter.asset(asset_id)
    chain = charter.chain(asset.chain) if asset else None
    if chain is None:
        raise QuorateError(
            "unknown_asset", f"asset {asset_id[:64]} is not in the charter", "caller", "see supported assets"
        )
    return chain
