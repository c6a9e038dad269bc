"""Chain family -> how the server builds, completes and follows its transactions."""

from collections.abc import Mapping
from typing import Final

from quorate.core.errors import QuorateError
from quorate.server.service.families.bitcoin import Bitcoin
from quorate.server.service.families.evm import Evm
from quorate.server.service.families.family import Family
from quorate.server.service.families.solana import Solana
from quorate.server.service.families.tron import Tron

FAMILIES: Final[Mapping[str, Family]] = {
    "evm": Evm(),
    "bitcoin": Bitcoin(),
    "tron": Tron(),
    "solana": Solana(),
}
EXPIRING: Final = frozenset({"solana"})
"""Families whose bytes die by time alone, in far less than a request lives: while no signer voted for them
they are made anew.
"""


def family_name(chain: str | None) -> str:
    return (chain or "").partition(":")[0]


def family_of(chain: str | None) -> Family:
    """By the id of a chain. Raises QuorateError chain_family."""
    family = FAMILIES.get(family_name(chain))
    if family is None:
        raise QuorateError("chain_family", f"transfers on {chain} are not served by this version", "caller")
    return family
