"""RAW content that is a transaction of a chain after all.

Only content that is signed as it is can be recognised: Ed25519 signs the message itself. An ECDSA content is
a digest, and no digest says what it is the digest of.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from quorate.core.chains.solana.message import parse as parse_solana
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain

PARSERS: Final[Mapping[str, Callable[[bytes], object]]] = {"solana": parse_solana}
"""Family -> what reads its messages, or raises QuorateError."""


def chain_of(content: bytes, chains: Iterable[Chain]) -> str:
    """The id of the first chain of the charter that would take this content for a transaction; or empty."""
    for chain in chains:
        parser = PARSERS.get(chain.family)
        if parser is not None and _parses(parser, content):
            return chain.id
    return ""


def _parses(parser: Callable[[bytes], object], content: bytes) -> bool:
    try:
        parser(content)
    except QuorateError:
        return False
    return True
