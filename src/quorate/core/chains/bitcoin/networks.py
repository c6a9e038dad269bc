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

MAX_MONEY: Final = 21_000_000 * 100_000_000
"""Satoshis. No output and no sum of outputs is larger."""


@dataclass(frozen=True, slots=True)
class Network:
    """Prefixes of addresses (BIP173, base58check) and of extended keys (BIP32), coin type (SLIP-44).

    The test networks share all of them; only the regression test network has addresses of its own.
    """

    name: str
    hrp: str
    p2pkh: int
    p2sh: int
    xpub: bytes
    coin_type: int


_XPUB, _TPUB = bytes.fromhex("0488b21e"), bytes.fromhex("043587cf")
NETWORKS: Final[Mapping[str, Network]] = {
    "mainnet": Network("mainnet", "bc", 0x00, 0x05, _XPUB, 0),
    **{
        name: Network(name, "tb", 0x6F, 0xC4, _TPUB, 1)
        for name in ("testnet", "testnet3", "testnet4", "signet")
    },
    "regtest": Network("regtest", "bcrt", 0x6F, 0xC4, _TPUB, 1),
}


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
