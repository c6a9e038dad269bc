"""The networks that a charter may name."""

from collections.abc import Mapping
from typing import Final

MAINNET: Final = "mainnet"
LOCALNET: Final = "localnet"
"""A network of one's own."""
GENESIS: Final[Mapping[str, str]] = {
    MAINNET: "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc",
    "nile": "0000000000000000d698d4192c56cb6be724a558448e2684802de4d6cd8690dc",
    "shasta": "0000000000000000de1aa88295e1fcf982742f773e0419c5a9c134c994a9059e",
}
"""Ids of block 0."""
CHAINS: Final = (*GENESIS, LOCALNET)
COIN_TYPES: Final[Mapping[str, int]] = {name: 195 if name == MAINNET else 1 for name in CHAINS}
"""SLIP-44. Addresses are alike on all networks, and transactions name none: only keys tell them apart."""
