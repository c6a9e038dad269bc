"""Genesis block hashes of known networks, as their nodes write them. Networks of one's own have theirs."""

from collections.abc import Mapping
from typing import Final

from quorate.core.chains.tron import networks as tron

GENESIS: Final[Mapping[tuple[str, str], str]] = {
    ("bitcoin", "mainnet"): "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    ("bitcoin", "testnet3"): "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    ("bitcoin", "testnet4"): "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
    ("bitcoin", "signet"): "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
    ("bitcoin", "regtest"): "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    ("solana", "mainnet-beta"): "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    ("solana", "devnet"): "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    **{("tron", name): id for name, id in tron.GENESIS.items()},
}
"""(family, network) -> hash of block 0 (Bitcoin, TRON), or of the genesis configuration (Solana)."""
