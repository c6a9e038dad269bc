"""What signers, and people with their own tools, know beside the bytes of an EVM chain: what the charter's
policy lists, and what the documents say that it pins.
"""

import re
from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.knowledge.documents import Documents
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.model.charter import Chain, Policy

OWN_SAFES: Final = "own_safes"
"""The list of the policy that names Safes of the cluster's own accounts."""
TRUSTED_DELEGATECALL: Final = "trusted_delegatecall"
_EVM_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def knowledge(policy: Policy, documents: Documents, chain: Chain, sender: str) -> Knowledge:
    """`sender` is the account that signs, EIP-55 text."""
    return Knowledge(
        sender=sender,
        chain_id=chain.chain_id,
        safes=frozenset(listed(policy, OWN_SAFES)),
        trusted_delegatecall=frozenset(listed(policy, TRUSTED_DELEGATECALL)),
        annotations=documents.on(chain.id),
    )


def listed(policy: Policy, name: str) -> tuple[str, ...]:
    """The EVM addresses of a list, EIP-55."""
    return tuple(
        address.checksum(text) for text in policy.lists.get(name, ()) if _EVM_ADDRESS.fullmatch(text)
    )
