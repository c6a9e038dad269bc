"""What a decoder of TRON cannot read from the bytes: the name of the network."""

from dataclasses import dataclass

from quorate.core.model import members


@dataclass(frozen=True, slots=True)
class TronContext:
    """Only the reference block ties bytes to a network, by the hash of one of its blocks: no name."""

    network: str = "mainnet"

    @classmethod
    def from_json(cls, value: object) -> "TronContext":
        """From a context object; its member `chain`, where given, is {family: tron, network}.

        Other members are not this decoder's. Raises QuorateError: unknown_member, missing_member,
        wrong_type, identifier.
        """
        if not isinstance(value, dict):
            raise members.bad("context", "an object is expected")
        if value.get("chain") is None:
            return cls()
        chain = members.Members(value["chain"], "context.chain", ("family", "network"))
        chain.one_of("family", ("tron",))
        return cls(chain.identifier("network"))
