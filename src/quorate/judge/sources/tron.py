"""Asks one source about bytes of TRON: `/wallet` and `/walletsolidity` of a node's HTTP interface."""

from quorate.core.chains.tron import expired
from quorate.core.chains.tron.decode import read_tx
from quorate.judge.sources.exchange import Source


async def genesis(source: Source) -> str:
    """Raises as `gone`."""
    return expired.genesis_of(await source.post("/wallet/getblockbynum", {"num": 0}))


async def gone(source: Source, data: bytes) -> bool:
    """Whether they have expired and no block has them. Raises QuorateError: source_unreachable, chain_answer,
    malformed_transaction.
    """
    unsigned = read_tx(data)
    # asked first: what is looked for afterwards is in the blocks up to this one, or in none
    solid = await source.post("/walletsolidity/getblock", {"detail": False})
    if not expired.is_over(solid, unsigned.expiration):
        return False
    named = {"value": unsigned.txid.hex()}
    for path in ("/wallet/gettransactionbyid", "/walletsolidity/gettransactioninfobyid"):
        if not expired.is_unknown(await source.post(path, named)):
            return False
    return True
