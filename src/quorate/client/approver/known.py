"""Addresses that the charter names or an account certifies, and addresses that only look like one of them."""

from collections.abc import Collection, Mapping
from typing import Final

from quorate.client.approver.asked import Asked
from quorate.core.chains.evm.knowledge.of_charter import listed
from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError

EYES: Final = 4
"""Characters at either end that people compare: an address that shares them with another one is taken for
it.
"""


def known(asked: Asked) -> Mapping[str, str]:
    """Address -> what it is called, on the chain of the request."""
    charter, chain = asked.charter, asked.intent.chain
    if chain is None:
        return {}
    names = {
        address: f"list {name}" for name in charter.policy.lists for address in listed(charter.policy, name)
    }
    names |= {
        asset.contract: f"the contract of {asset.id}"
        for asset in charter.assets
        if asset.chain == chain and asset.contract is not None
    }
    names |= {entry.address: f"whitelist {entry.id}" for entry in charter.whitelist if entry.chain == chain}
    return names | _own(asked)


def _own(asked: Asked) -> dict[str, str]:
    """The accounts that the request names, derived from the key certificate."""
    try:
        found = {address: f"vault account {account}" for address, account in asked.subject.own.items()}
    except QuorateError:
        found = {}
    intent = asked.intent
    accounts = [intent.source.vault_account]
    if intent.destination is not None and intent.destination.type == "own_account":
        accounts.append(intent.destination.id)
    for account in accounts:
        for address in () if account is None else _addresses(asked, account):
            found[address] = f"vault account {account}"
    return found


def _addresses(asked: Asked, account: str) -> Collection[str]:
    """Of every kind that the account has."""
    if asked.intent.asset is None:
        return ()
    try:
        return fireblocks.deposit_addresses(
            asked.charter, asked.certificates, asked.intent.asset, account
        ).values()
    except QuorateError:
        return ()


def lookalikes(address: str, names: Mapping[str, str]) -> list[str]:
    """Known addresses, other than this one, that begin and end alike."""
    ends = _ends(address)
    return [
        other
        for other in names
        if other.lower() != address.lower() and _ends(other) == ends and len(other) == len(address)
    ]


def _ends(address: str) -> tuple[str, str]:
    digits = address.lower().removeprefix("0x")
    return digits[:EYES], digits[-EYES:]
