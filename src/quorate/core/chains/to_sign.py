"""What is signed for the bytes of an attempt: one item a signature, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from quorate.core.chains import hd
from quorate.core.chains.evm.digest import digest as evm_digest

EVM_TX: Final = "evm-tx"
SOLANA_MESSAGE: Final = "solana-message"


class ToSign(NamedTuple):
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


def _solana(data: bytes, payer: Payer) -> Sequence[ToSign]:
    """Ed25519 signs the message itself (RFC 8032)."""
    return (ToSign(hd.EDDSA, payer.path, data),)


TO_SIGN: Final[Mapping[str, Callable[[bytes, Payer], Sequence[ToSign]]]] = {
    EVM_TX: _evm,
    SOLANA_MESSAGE: _solana,
}
"""Format -> what is signed. May raise QuorateError of the format's decoder."""
FORMATS: Final[Mapping[str, str]] = {"evm": EVM_TX, "solana": SOLANA_MESSAGE}
"""Family -> the format of its transactions."""


def format_of(chain: str) -> str:
    """The format in which transfers on a chain are carried out; empty for a family without one."""
    return FORMATS.get(chain.partition(":")[0], "")
