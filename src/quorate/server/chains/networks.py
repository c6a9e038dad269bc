"""Genesis block hashes of known networks, as their nodes write them. Networks of one's own have theirs."""

from collections.abc import Mapping
from typing import Final

from quorate.core.chains.bitcoin.networks import CHAINS, NETWORKS
from quorate.core.chains.solana import clusters
from quorate.core.chains.tron import networks as tron

GENESIS: Final[Mapping[tuple[str, str], str]] = {
    **{("bitcoin", name): NETWORKS[name].genesis for name in CHAINS},
    **{("solana", name): genesis for name, genesis in clusters.GENESIS.items()},
    **{("tron", name): id for name, id in tron.GENESIS.items()},
}
"""(family, network) -> hash of block 0 (Bitcoin, TRON), or of the genesis configuration (Solana)."""
