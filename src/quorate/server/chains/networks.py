"""Genesis block hashes of known networks, as their nodes write them. Networks of one's own have theirs."""

from collections.abc import Mapping
from typing import Final

from quorate.core.chains.bitcoin.networks import CHAINS, NETWORKS
from quorate.core.chains.tron import networks as tron

GENESIS: Final[Mapping[tuple[str, str], str]] = {
    **{("bitcoin", name): NETWORKS[name].genesis for name in CHAINS},
    ("solana", "mainnet-beta"): "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    ("solana", "devnet"): "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    **{("tron", name): id for name, id in tron.GENESIS.items()},
}
"""(family, network) -> hash of block 0 (Bitcoin, TRON), or of the genesis configuration (Solana)."""
