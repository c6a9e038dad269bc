"""Safe's MultiSend: many calls packed into one byte string.

Each is operation (1 byte), target (20), value (32), length of the data (32), data: `abi.encodePacked`, so
there is no padding, and the string ends with the last call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import blind
from quorate.core.chains.evm import address
from quorate.core.chains.evm.abi.types import signature
from quorate.core.chains.evm.call import ZERO, Args, Call, DelegateCall, Item, method

KNOWN: Final[Mapping[str, str]] = {
    "0x8D29bE29923b68abfDD21e541b9374737B49cdAD": "MultiSend 1.1.1",
    "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761": "MultiSend 1.3.0",
    "0x998739BFdAAdde7C933B942a68053933098f9EDa": "MultiSend 1.3.0",
    "0x0dFcccB95225ffB03c6FBB2559B530C2B7C8A912": "MultiSend 1.3.0",
    "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526": "MultiSend 1.4.1",
    "0x309D0B190FeCCa8e1D5D8309a16F7e3CB133E885": "MultiSend 1.4.1",
    "0x218543288004CD07832472D464648173c77D7eB7": "MultiSend 1.5.0",
    "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D": "MultiSendCallOnly 1.3.0",
    "0xA1dabEF33b3B82c7814B6D82A79e50F4AC44102B": "MultiSendCallOnly 1.3.0",
    "0xf220D3b4DFb23C4ade8C88E526C1353AbAcbC38F": "MultiSendCallOnly 1.3.0",
    "0x9641d764fc13c8B624c04430C7356C1C7C8102e2": "MultiSendCallOnly 1.4.1",
    "0x0408EF011960d02349d50286D20531229BCef773": "MultiSendCallOnly 1.4.1",
    "0xA83c336B20401Af773B6219BA5027174338D1836": "MultiSendCallOnly 1.5.0",
}
"""Deployments of the Safe project (safe-deployments), all chains together."""
SIGNATURE: Final = signature("multiSend(bytes)")
MALFORMED: Final = "multisend_malformed"
ZERO_TARGET: Final = "multisend_zero_target"
_HEAD: Final = 85


@dataclass(frozen=True, slots=True)
class Packed:
    """`operation` is 0 for a call, 1 for a delegatecall."""

    operation: int
    to: str
    value: int
    data: bytes


def unpack(packed: bytes) -> list[Packed] | None:
    """The calls; None unless the bytes are exactly calls."""
    found: list[Packed] = []
    at = 0
    while at < len(packed):
        start = at + _HEAD
        length = int.from_bytes(packed[start - 32 : start], "big")
        operation, end = packed[at], start + length
        if end > len(packed) or operation > 1:
            return None
        to = address.from_bytes(packed[at + 1 : at + 21])
        found.append(
            Packed(operation, to, int.from_bytes(packed[at + 21 : at + 53], "big"), packed[start:end])
        )
        at = end
    return found


def inside(outer: Call, library: str, sender: str, packed: bytes) -> Iterator[Item]:
    """What MultiSend at `library` does when it runs as `sender`."""
    calls = unpack(packed)
    if calls is None:
        yield blind(MALFORMED)
        return
    for one in calls:
        if one.to == ZERO:  # version 1.5.0 takes it for the sender itself, earlier ones for the zero address
            yield blind(ZERO_TARGET)
        step = f"multisend:{library}"
        call = outer.into(step, sender=sender, to=one.to, value=one.value, data=one.data)
        yield DelegateCall(call) if one.operation else call


def multi_send(call: Call, args: Args) -> Iterator[Item]:
    """Called, not delegatecalled: the inner calls come from MultiSend itself."""
    return inside(call, call.to, call.to, args[0])


METHODS: Final = (method(SIGNATURE.text, multi_send, wraps=True, only_at=frozenset(KNOWN)),)
