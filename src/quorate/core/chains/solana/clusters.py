"""Solana's public clusters by the hash of their genesis configuration, in base58 as nodes tell it.

Source: Solana documentation, "Clusters and public RPC endpoints".
"""

from collections.abc import Mapping
from typing import Final

GENESIS: Final[Mapping[str, str]] = {
    "mainnet-beta": "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    "devnet": "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    "testnet": "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY",
}
LOCAL: Final = "localnet"
"""A cluster of one's own."""


def named(genesis: str) -> str:
    """The name of the cluster with that genesis."""
    return next((name for name, known in GENESIS.items() if known == genesis), LOCAL)
