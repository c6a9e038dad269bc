"""What an operator states about calls of exactly one contract and selector.

An annotation turns a call that the table of methods does not know into one with decoded arguments, and may
name the typed effect that the call has. It never hides or changes what the table knows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from quorate.core.chains.evm.abi.types import Signature
from quorate.core.errors import QuorateError

EFFECTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "mint": (("asset", "amount"), ("to",)),
    "token_transfer": (("asset", "to"), ("from", "amount", "token_id", "standard")),
    "approval": (("asset", "spender"), ("owner", "amount", "standard")),
    "authority_change": (("new_authority",), ("authority_type", "current_authority", "program")),
    "ownership_change": (("new_owner",), ()),
    "upgrade": (("implementation",), ("contract",)),
}
"""Effect -> members that an annotation has to give, and that it may give; each as a value or an argument."""
MAX_ANNOTATIONS: Final = 10_000


@dataclass(frozen=True)
class Annotation:
    """One call. `to` is EIP-55 text; `chain_id` is None where the context of one item states it.

    `fixed` are members of the typed effect with a stated value, `arguments` those taken from the argument of
    that index. `source` says who states it: `context`, `abi` or `erc7730`.
    """

    to: str
    chain_id: int | None
    signature: Signature
    source: str
    effect: str | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, int] = field(default_factory=dict)
    intent: str | None = None


class Annotations:
    """Annotations by contract and selector."""

    def __init__(self, annotations: Iterable[Annotation] = ()) -> None:
        """Raises QuorateError annotations: too many, or two for one chain, contract and selector."""
        self._found: dict[tuple[str, bytes, int | None], Annotation] = {}
        for annotation in annotations:
            key = (annotation.to, annotation.signature.selector, annotation.chain_id)
            if self._found.setdefault(key, annotation) != annotation:
                raise bad(f"{annotation.to} has two annotations for {annotation.signature.text}")
            if len(self._found) > MAX_ANNOTATIONS:
                raise bad(f"at most {MAX_ANNOTATIONS} annotations")

    @classmethod
    def joined(cls, parts: Iterable["Annotations"]) -> "Annotations":
        """Of several documents, each about calls that no other one is about."""
        made = cls()
        for part in parts:
            made._found |= part._found
        return made

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Annotation]:
        return iter(self._found.values())

    def find(self, chain_id: int | None, to: str, selector: bytes) -> Annotation | None:
        """The annotation of this call; one for this chain goes before one for any."""
        own = self._found.get((to, selector, chain_id))
        return own or self._found.get((to, selector, None))


def bad(message: str) -> QuorateError:
    return QuorateError("annotations", message, "caller", "state each call of a contract once")
