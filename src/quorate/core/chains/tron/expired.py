"""What a source must answer so that TRON bytes are known to have had no effect, and to have none any more.

Nodes take a transaction into a block only while its expiration lies after the block before (java-tron,
`Manager.validateCommon`), and never take back a block that is solidified. So once a solidified block is later
than the expiration, either a solidified block has the transaction or none ever will.
"""

from typing import Final

from quorate.core.chains.answers import integer, mapping, octets

SETTLED_MS: Final = 60_000
"""How much later that block is: nodes behind one address answer, some of them from a minute ago."""


def genesis_of(block: object) -> str:
    """The id of block 0."""
    return octets(mapping(block, "getblockbynum").get("blockID"), "genesis", 32).hex()


def is_over(solid: object, expiration: int) -> bool:
    """Whether no later block can have what expires then, in Unix milliseconds. `solid` is the newest
    solidified block. Raises QuorateError chain_answer.
    """
    what = "walletsolidity/getblock"
    header = mapping(mapping(mapping(solid, what).get("block_header"), what).get("raw_data"), what)
    return integer(header.get("timestamp"), what, 1) >= expiration + SETTLED_MS


def is_unknown(found: object) -> bool:
    """An empty object is how nodes say that there is no such transaction. All else, an error too, is not."""
    return found == {}
