"""One call of a contract, and a method that the decoder knows.

A method's reader yields effects, and calls that happen inside: those are read in turn, so that a transfer in
a MultiSend in a Safe is found as the transfer it is, with the way to it in `via`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, Union

from quorate.core.chains.effects import Effect, effect
from quorate.core.chains.evm.abi.types import Signature, signature
from quorate.core.chains.evm.knowledge.knowledge import Knowledge

Item: TypeAlias = Union[Effect, "Call", "DelegateCall"]
Args: TypeAlias = tuple[Any, ...]
"""Decoded arguments: their Python types follow from the signature that stands beside the reader."""
Reader: TypeAlias = Callable[["Call", Args], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Call:
    """`sender` is the account that the contract sees as caller; None when it is not known. `value` in wei."""

    sender: str | None
    to: str
    value: int
    data: bytes
    knowledge: Knowledge
    chain_id: int | None
    via: tuple[str, ...] = ()

    @property
    def selector(self) -> str:
        return "0x" + self.data[:4].hex()

    def into(self, *steps: str, sender: str, to: str, value: int, data: bytes) -> "Call":
        """A call that happens inside this one."""
        return replace(self, sender=sender, to=to, value=value, data=data, via=(*self.via, *steps))

    def effect(self, type: str, *, by: str | None = None, **members: Any) -> dict[str, object]:
        """An effect with the way to it.

        `by` names the method where several have this effect: it is `via` itself at the top, the last step of
        it otherwise.
        """
        steps = [*self.via, by] if by is not None else [*self.via]
        via = steps[0] if by is not None and len(steps) == 1 else steps or None
        return effect(type, via=via, **members)


@dataclass(frozen=True, slots=True)
class DelegateCall:
    """Code of `call.to` that runs as `call.sender`; `call.via` leads to it."""

    call: Call


@dataclass(frozen=True)
class Method:
    """`shows_call`: its own `contract_call` effect is reported beside what it does.

    `opaque`: its arguments can be read, but what it does is not in the bytes; an annotation goes before it.
    `only_at`: contracts that this signature is known of; None for any contract.
    """

    signature: Signature
    read: Reader
    shows_call: bool = False
    wraps: bool = False
    opaque: bool = False
    only_at: frozenset[str] | None = None


ZERO: Final = "0x" + "0" * 40


def method(
    text: str,
    read: Reader,
    *,
    shows_call: bool = False,
    wraps: bool = False,
    opaque: bool = False,
    only_at: frozenset[str] | None = None,
) -> Method:
    return Method(signature(text), read, shows_call, wraps, opaque, only_at)


def authority_change(
    call: Call, kind: str, new: str | None, *, account: str | None = None, **more: Any
) -> dict[str, object]:
    """Who may do something is another. `new_authority` is None when it is nobody, or cannot be told."""
    made = call.effect(
        "authority_change", account=account or call.to, authority_type=kind, new_authority=new or "", **more
    )
    return made if new else made | {"new_authority": None}
