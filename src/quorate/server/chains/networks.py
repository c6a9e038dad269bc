"""Genesis block hashes of known networks, as their nodes write them. Networks of one's own have theirs."""

from collections.abc import Mapping
from typing import Final

from quorate.core.chains.solana import clusters

GENESIS: Final[Mapping[tuple[str, str], str]] = {
    ("bitcoin", "mainnet"): "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    ("bitcoin", "testnet3"): "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    ("bitcoin", "testnet4"): "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
    ("bitcoin", "signet"): "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
    ("bitcoin", "regtest"): "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    **{("solana", name): genesis for name, genesis in clusters.GENESIS.items()},
    ("tron", "mainnet"): "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc",
    ("tron", "nile"): "0000000000000000d698d4192c56cb6be724a558448e2684802de4d6cd8690dc",
    ("tron", "shasta"): "0000000000000000de1aa88295e1fcf982742f773e0419c5a9c134c994a9059e",
}
"""(family, network) -> hash of block 0 (Bitcoin, TRON), or of the genesis configuration (Solana)."""
