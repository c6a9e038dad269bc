"""What is signed for the bytes of an attempt: one item a signature, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains import hd
from quorate.core.chains.evm.digest import digest as evm_digest
from quorate.core.chains.tron.decode import read_tx as read_tron

EVM_TX: Final = "evm-tx"
TRON_TX: Final = "tron-tx"


@dataclass(frozen=True, slots=True)
class ToSign:
    """Scheme number of docs/spec/vote.md, path below the root key, digest or message."""

    scheme: int
    path: tuple[int, ...]
    message: bytes


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: the first path of the account on a chain, below a root key of a certificate."""

    chain: str
    path: tuple[int, ...]
    public_key: bytes
    chain_code: bytes


def _evm(data: bytes, payer: Payer) -> Sequence[ToSign]:
    return (ToSign(hd.ECDSA, payer.path, evm_digest(data)),)


def _tron(data: bytes, payer: Payer) -> Sequence[ToSign]:
    return (ToSign(hd.ECDSA, payer.path, read_tron(data).txid),)


TO_SIGN: Final[Mapping[str, Callable[[bytes, Payer], Sequence[ToSign]]]] = {EVM_TX: _evm, TRON_TX: _tron}
"""Format -> what is signed. May raise QuorateError of the format's decoder."""
FORMATS: Final[Mapping[str, str]] = {"evm": EVM_TX, "tron": TRON_TX}
"""Family -> the format of its transactions."""


def format_of(chain: str) -> str:
    """The format in which transfers on a chain are carried out; empty for a family without one."""
    return FORMATS.get(chain.partition(":")[0], "")
