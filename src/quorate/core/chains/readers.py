"""Format -> how a signer reads the bytes. The builders share no code with these."""

from collections.abc import Callable, Mapping
from typing import Final

from quorate.core.chains.bitcoin.reading import read as read_bitcoin
from quorate.core.chains.evm.reading import read as read_evm
from quorate.core.chains.reading import Reading, View
from quorate.core.chains.to_sign import BITCOIN_PSBT, EVM_TX, TRON_TX
from quorate.core.chains.tron.reading import read as read_tron

READERS: Final[Mapping[str, Callable[[bytes, View], Reading]]] = {
    EVM_TX: read_evm,
    BITCOIN_PSBT: read_bitcoin,
    TRON_TX: read_tron,
}


def read(format: str, data: bytes, view: View) -> Reading:
    """Raises QuorateError: trailing_bytes, malformed_transaction, and what else the decoder raises."""
    return READERS[format](data, view)
