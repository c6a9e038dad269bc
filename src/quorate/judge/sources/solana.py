"""Asks one source about a message of Solana, over JSON-RPC. Everything is asked of finalized state."""

from typing import Any, Final

from quorate.core.chains.solana import expired
from quorate.core.chains.solana.message import parse
from quorate.core.errors import QuorateError
from quorate.judge.sources.exchange import Source

FINALIZED: Final = {"commitment": "finalized"}
BASE64: Final = {"encoding": "base64"}


async def genesis(source: Source) -> str:
    """Raises as `gone`."""
    return expired.genesis_of(await _call(source, "getGenesisHash", []))


async def gone(source: Source, data: bytes, *, known_s: int, since_s: int) -> bool:
    """Whether its blockhash is dead and it was never executed, by a bank whose time is ten minutes after
    `known_s`. Before `since_s` it cannot have been executed. Both in Unix seconds.

    Raises QuorateError: source_unreachable, source_refused, chain_answer, malformed_transaction.
    """
    message = parse(data)
    clock = expired.chain_time(await _call(source, "getAccountInfo", [expired.CLOCK, _at(0, BASE64)]))
    if clock.seconds < known_s + expired.WAIT_S:
        return False
    valid = await _call(source, "isBlockhashValid", [message.blockhash, _at(clock.slot)])
    dead = expired.is_dead(valid, clock.slot)
    if dead is None:
        return False
    return not await _was_executed(source, data, message.keys[0], since_s, dead)


async def _was_executed(source: Source, data: bytes, payer: str, since_s: int, slot: int) -> bool:
    """True also where the source cannot rule it out."""
    limit = {"limit": expired.MOST + 1}
    answer = await _call(source, "getSignaturesForAddress", [payer, _at(slot, limit)])
    executed = expired.executed_since(answer, since_s)
    if executed is None:
        return True
    for entry in executed:
        options = {**FINALIZED, **BASE64, "maxSupportedTransactionVersion": 0}
        found = await _call(source, "getTransaction", [entry.signature, options])
        if expired.message_of(found, entry.signature) == data:
            return True
    return False


def _at(slot: int, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """Of a bank not before that slot: several nodes may answer behind one address."""
    return {**FINALIZED, **(more or {}), "minContextSlot": slot}


async def _call(source: Source, method: str, params: list[Any]) -> object:
    answer = await source.post("", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    if not isinstance(answer, dict) or answer.get("error") is not None or "result" not in answer:
        raise QuorateError("source_refused", f"{source.label}: {method}: an error", "peer")
    return answer["result"]
