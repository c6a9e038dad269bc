"""What is signed for the bytes of an attempt: one item a signature, in order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from quorate.core.chains import hd
from quorate.core.chains.evm.digest import digest as evm_digest

EVM_TX: Final = "evm-tx"


class ToSign(NamedTuple):
    """Scheme number of docs/spec/vote.md, path below the root key, digest or message."""

    scheme: int
    path: tuple[int, ...]
    message: bytes


def _evm(data: bytes, path: tuple[int, ...]) -> Sequence[ToSign]:
    return (ToSign(hd.ECDSA, path, evm_digest(data)),)


TO_SIGN: Final[Mapping[str, Callable[[bytes, tuple[int, ...]], Sequence[ToSign]]]] = {EVM_TX: _evm}
"""Format -> what is signed, given the bytes and the path of the intent."""
FORMATS: Final[Mapping[str, str]] = {"evm": EVM_TX}
"""Family -> the format of its transactions."""


def format_of(chain: str) -> str:
    """The format in which transfers on a chain are carried out; empty for a family without one."""
    return FORMATS.get(chain.partition(":")[0], "")
