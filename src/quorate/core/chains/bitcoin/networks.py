"""The networks, the script kinds that keys of ours hold coins in, and the purpose of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.errors import QuorateError

P2PKH: Final = "p2pkh"
P2SH_P2WPKH: Final = "p2sh-p2wpkh"
P2WPKH: Final = "p2wpkh"
P2WSH: Final = "p2wsh"
P2TR: Final = "p2tr"

PURPOSES: Final[Mapping[str, int]] = {P2PKH: 44, P2SH_P2WPKH: 49, P2WPKH: 84, P2TR: 86}
"""Kind of script -> first index of the path (BIP44, 49, 84, 86)."""
KINDS: Final = (P2WPKH, P2SH_P2WPKH, P2PKH, P2TR)
"""The kinds that an account holds coins in: first the one whose address stands for the account."""

MAX_MONEY: Final = 21_000_000 * 100_000_000
"""Satoshis. No output and no sum of outputs is larger."""


@dataclass(frozen=True, slots=True)
class Network:
    """Prefixes of addresses (BIP173, base58check) and of extended keys (BIP32), coin type (SLIP-44), and the
    hash of block 0 as explorers show it.

    The test networks share all of them; only the regression test network has addresses of its own.
    """

    name: str
    hrp: str
    p2pkh: int
    p2sh: int
    xpub: bytes
    coin_type: int
    genesis: str


_XPUB, _TPUB = bytes.fromhex("0488b21e"), bytes.fromhex("043587cf")
_TESTNET3: Final = "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"
_TEST_GENESIS: Final = {
    "testnet": _TESTNET3,
    "testnet3": _TESTNET3,
    "testnet4": "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
    "signet": "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
}
NETWORKS: Final[Mapping[str, Network]] = {
    "mainnet": Network(
        "mainnet", "bc", 0x00, 0x05, _XPUB, 0,
        "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    ),
    **{
        name: Network(name, "tb", 0x6F, 0xC4, _TPUB, 1, genesis) for name, genesis in _TEST_GENESIS.items()
    },
    "regtest": Network(
        "regtest", "bcrt", 0x6F, 0xC4, _TPUB, 1,
        "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    ),
}  # fmt: skip
CHAINS: Final = ("mainnet", "testnet3", "testnet4", "signet", "regtest")
"""Networks that a charter may name. Context files say `testnet` for either of the test networks."""


def network(name: str) -> Network:
    """Raises QuorateError network."""
    found = NETWORKS.get(name)
    if found is None:
        raise QuorateError(
            "network", f"{name[:32]} is no Bitcoin network", "caller", f"one of {', '.join(NETWORKS)}"
        )
    return found
