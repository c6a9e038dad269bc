"""What is signed for the bytes of an attempt: one item a signature, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains import hd
from quorate.core.chains.bitcoin.account import account_of, wallet
from quorate.core.chains.bitcoin.to_sign import to_sign as bitcoin_to_sign
from quorate.core.chains.evm.digest import digest as evm_digest
from quorate.core.chains.tron.decode import read_tx as read_tron

EVM_TX: Final = "evm-tx"
TRON_TX: Final = "tron-tx"
BITCOIN_PSBT: Final = "bitcoin-psbt"


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


def _bitcoin(data: bytes, payer: Payer) -> Sequence[ToSign]:
    """One for each input, by the key of that input."""
    network = payer.chain.partition(":")[2]
    own = wallet(payer.public_key, payer.chain_code, network, account_of(payer.path, network))
    return [ToSign(i.scheme, i.path, i.digest) for i in bitcoin_to_sign(data, own, network).inputs]


TO_SIGN: Final[Mapping[str, Callable[[bytes, Payer], Sequence[ToSign]]]] = {
    EVM_TX: _evm,
    BITCOIN_PSBT: _bitcoin,
    TRON_TX: _tron,
}
"""Format -> what is signed. May raise QuorateError of the format's decoder."""
FORMATS: Final[Mapping[str, str]] = {"evm": EVM_TX, "bitcoin": BITCOIN_PSBT, "tron": TRON_TX}
"""Family -> the format of its transactions."""


def format_of(chain: str) -> str:
    """The format in which transfers on a chain are carried out; empty for a family without one."""
    return FORMATS.get(chain.partition(":")[0], "")
