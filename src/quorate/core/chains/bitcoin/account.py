"""The coins of one vault account below the root key of a certificate, and nothing else of that root.

A signer that took coins of other accounts for the payer's own would sign away what the request does not name.
An account holds all four kinds of single-key scripts, each below its own purpose: 44, 49, 84 and 86.
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
    """How a signer knows the account's outputs. Raises QuorateError: public_key, chain_code, hardened_index,
    network.
    """
    return from_root(public_key, chain_code, network=network, account=account)


def account_of(path: Sequence[int], network: str) -> int:
    """The account of a path 84 / coin type / account / change / index: the first path of an account, whatever
    kinds of coins it spends. Raises QuorateError path_scheme.
    """
    if len(path) != 5 or tuple(path[:2]) != (PURPOSES[P2WPKH], _network(network).coin_type):
        raise QuorateError("path_scheme", f"{'/'.join(map(str, path))} is no path of an account on {network}")
    return path[2]
