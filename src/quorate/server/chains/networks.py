"""Genesis block hashes of known networks, as their nodes write them. Networks of one's own have theirs."""

from collections.abc import Mapping
from typing import Final

from quorate.core.chains.bitcoin.networks import CHAINS, NETWORKS

GENESIS: Final[Mapping[tuple[str, str], str]] = {
    **{("bitcoin", name): NETWORKS[name].genesis for name in CHAINS},
    ("solana", "mainnet-beta"): "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    ("solana", "devnet"): "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    ("tron", "mainnet"): "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc",
    ("tron", "nile"): "0000000000000000d698d4192c56cb6be724a558448e2684802de4d6cd8690dc",
    ("tron", "shasta"): "0000000000000000de1aa88295e1fcf982742f773e0419c5a9c134c994a9059e",
}
"""(family, network) -> hash of block 0 (Bitcoin, TRON), or of the genesis configuration (Solana)."""
