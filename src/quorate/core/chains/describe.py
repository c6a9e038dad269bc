"""What a transfer's bytes do on Bitcoin, TRON and Solana, for people to read: with what the reader
knows of the paying account.
"""

from typing import Any

from quorate.core.chains.bitcoin.account import wallet
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.decode import decode_bytes
from quorate.core.chains.effects import Decoded
from quorate.core.chains.reading import View
from quorate.core.chains.to_sign import BITCOIN_PSBT
from quorate.core.model.charter import Chain


def describe(format: str, data: bytes, view: View) -> Decoded:
    """Change is told from payments by the account's own keys. Raises QuorateError of the format's decoder."""
    if format != BITCOIN_PSBT:
        return decode_bytes(format, data, _context(view.chain), {"from": view.sender})
    key, network = view.certificate, view.chain.network
    own = wallet(key.public_key, key.chain_code, network, int(view.account))
    return decode_psbt(data, own, network)


def _context(chain: Chain) -> dict[str, Any]:
    """As contexts of `tx decode` name a chain."""
    word = "cluster" if chain.family == "solana" else "network"
    return {"chain": {"family": chain.family, word: chain.network}}
