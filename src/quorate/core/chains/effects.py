"""What exact bytes are and do: the answer of every decoder, in the vocabulary that people and scripts read.

An effect is a mapping with a `type` and the members that `VOCABULARY` gives it, `via` and further explanations
where they help. Amounts are decimal strings of the smallest unit. Addresses are in the chain's own text form:
EIP-55, bech32 or base58. What cannot be established is an effect too, of type `blind` with a stable `reason`:
a decoder never leaves out what it did not understand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Effect = Mapping[str, object]

VOCABULARY: Final[Mapping[str, tuple[str, ...]]] = {
    "native_transfer": ("asset", "to", "amount"),
    "token_transfer": ("standard", "asset", "to"),
    "approval": ("standard", "asset", "spender", "amount", "unlimited"),
    "order": ("venue", "gives", "takes"),
    "mint": ("asset", "amount"),
    "contract_call": ("to", "selector", "blind"),
    "delegatecall": ("to", "selector"),
    "upgrade": ("contract", "implementation"),
    "ownership_change": ("contract", "new_owner", "method"),
    "authority_change": ("account", "authority_type", "new_authority"),
    "permission_update": ("account", "permission"),
    "delegation_7702": ("authority", "delegate", "chain_id", "nonce"),
    "durable_nonce": ("nonce_account", "nonce_authority"),
    "nonce_advance_not_first": ("nonce_account", "position"),
    "stake_delegate": ("account", "vote", "authority"),
    "stake_deactivate": ("account", "authority"),
    "stake_withdraw": ("account", "to", "amount", "authority"),
    "account_create": ("account", "owner", "asset", "funder"),
    "account_close": ("account", "to"),
    "resource_delegation": ("resource", "from", "to", "amount"),
    "self_destruct": ("contract", "beneficiary"),
    "change": ("asset", "to", "amount", "path"),
    "fee": ("asset",),
    "safe_refund": ("to",),
    "sighash": ("input", "sighash_type", "name", "meaning"),
    "rbf": ("signalled",),
    "locktime": ("value",),
    "data": ("hex",),
    "memo": ("text",),
    "permission_id": ("value",),
    "message": ("kind",),
    "blobs": ("count", "max_fee_per_blob_gas"),
    "inconsistent": ("reason",),
    "blind": ("reason",),
}
"""Type -> members that are always there. A type is never renamed, and its members never change their meaning."""


def effect(type: str, **members: object) -> dict[str, object]:
    """One effect. Members that are None are left out, and `from_` stands for `from`.

    Raises ValueError for a type or a missing member that the vocabulary does not have: a bug of the decoder.
    """
    made = {"type": type} | {
        name.rstrip("_"): value for name, value in members.items() if value is not None
    }
    missing = [name for name in VOCABULARY[type] if name not in made] if type in VOCABULARY else [type]
    if missing:
        raise ValueError(f"effect {type} lacks {missing}")
    return made


def blind(reason: str, **members: object) -> dict[str, object]:
    """What the bytes do could not be established, and why."""
    return effect("blind", reason=reason, **members)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one signature is made over. `value` is 0x and hex; `more` says which input, script, sighash type."""

    algorithm: str
    value: str
    more: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        return {"algorithm": self.algorithm, "value": self.value, **self.more}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The document of `quorate tx decode`: `chain` names family and chain id or network."""

    format: str
    chain: Mapping[str, object]
    effects: tuple[Effect, ...]
    digests: tuple[Digest, ...]

    @property
    def blind(self) -> bool:
        """Whether any part of it could not be established."""
        return any(e["type"] == "blind" or e.get("blind") is True for e in self.effects)

    def to_json(self) -> dict[str, object]:
        return {
            "format": self.format,
            "chain": dict(self.chain),
            "effects": [dict(effect) for effect in self.effects],
            "digests": [digest.to_json() for digest in self.digests],
            "blind": self.blind,
        }
