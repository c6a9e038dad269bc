"""All that the decoder may use beside the bytes. It decides nothing here: policies read the effects."""

from dataclasses import dataclass, field

from quorate.core.chains.evm.knowledge.annotations import Annotations


@dataclass(frozen=True)
class Knowledge:
    """Addresses are EIP-55 text.

    `sender` signs: the account of a transaction, the owner of an approval by signature. `chain_id` is the
    chain that was requested, where it is known. `safes` are Safes of ours beside the own addresses.
    `trusted_delegatecall` are contracts whose code may run as a Safe of ours.
    """

    sender: str | None = None
    chain_id: int | None = None
    own_addresses: frozenset[str] = frozenset()
    safes: frozenset[str] = frozenset()
    trusted_delegatecall: frozenset[str] = frozenset()
    annotations: Annotations = field(default_factory=Annotations)

    def is_ours(self, address: str) -> bool:
        return address == self.sender or address in self.own_addresses or address in self.safes
