"""The coins of one vault account below the root key of a certificate: P2WPKH, and nothing else of that root.

A signer that took coins of other accounts, or of the same account's other purposes, for the payer's own would
sign away what the request does not name.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from quorate.core.chains.bitcoin.networks import P2WPKH, PURPOSES
from quorate.core.chains.bitcoin.networks import network as _network
from quorate.core.chains.bitcoin.wallet import Wallet, from_root
from quorate.core.errors import QuorateError

RECEIVING, CHANGE = 0, 1
"""Branches below an account (BIP44)."""
MAX_INPUTS: Final = 16
"""One signature each; a session makes 16 (docs/spec/vote.md)."""


@lru_cache(maxsize=1024)
def wallet(public_key: bytes, chain_code: bytes, network: str, account: int) -> Wallet:
    """Raises QuorateError: public_key, chain_code, hardened_index, network."""
    whole = from_root(public_key, chain_code, network=network, account=account)
    return Wallet(whole.fingerprint, {P2WPKH: whole.accounts[P2WPKH]})


def account_of(path: Sequence[int], network: str) -> int:
    """The account of a path 84 / coin type / account / change / index. Raises QuorateError path_scheme."""
    if len(path) != 5 or tuple(path[:2]) != (PURPOSES[P2WPKH], _network(network).coin_type):
        raise QuorateError("path_scheme", f"{'/'.join(map(str, path))} is no path of an account on {network}")
    return path[2]
