"""Intent -> raw_data that does exactly the intent's one effect. Run by the server.

Has its own small protobuf writer; signers read the result with their own decoder, which shares no code with
this.
"""

from collections.abc import Sequence
from typing import Final

from quorate.core.chains.tron import address
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Effect, Intent

_TRANSFER_CONTRACT, _TRIGGER_CONTRACT = 1, 31
_TRANSFER: Final = bytes.fromhex("a9059cbb")
"""keccak256("transfer(address,uint256)")[0:4]."""
_MOST: Final = (1 << 63) - 1


def build(
    intent: Intent,
    chain: Chain,
    assets: Sequence[Asset],
    *,
    sender: str,
    block_id: bytes,
    expiration: int,
    timestamp: int,
    fee_limit: int,
) -> bytes:
    """raw_data of a transfer of TRX, or of a TRC-20 token.

    `block_id` is the 32-byte id of a recent block: its number (8 bytes, big-endian) and the rest of its hash.
    Times are Unix milliseconds. `fee_limit` (sun) is for tokens, and 0 for TRX.

    Raises QuorateError: unbuildable (not one effect of this chain and of the intent's asset, or a value out
    of range), fee_ceiling (fee_limit exceeds the intent's), address (sender, destination or token is none).
    """
    if intent.chain != chain.id or len(intent.effects) != 1:
        raise _unbuildable(f"one effect on {chain.id} is expected")
    effect = intent.effects[0]
    _check_asset(intent, effect, assets)
    _check_numbers(effect, block_id, expiration, timestamp, fee_limit)
    if intent.fee_ceiling is None or fee_limit > intent.fee_ceiling:
        raise QuorateError(
            "fee_ceiling", f"a fee of {fee_limit} exceeds the ceiling of {intent.fee_ceiling}", "state"
        )
    return (
        _bytes(1, block_id[6:8])
        + _bytes(4, block_id[8:16])
        + _integer(8, expiration)
        + _bytes(11, _contract(address.to_bytes(sender), effect))
        + _integer(14, timestamp)
        + _integer(18, fee_limit)
    )


def _contract(owner: bytes, effect: Effect) -> bytes:
    if effect.token is None:
        coins = _bytes(1, owner) + _bytes(2, address.to_bytes(effect.to)) + _integer(3, effect.amount)
        return _parameter(_TRANSFER_CONTRACT, b"TransferContract", coins)
    call = _TRANSFER + bytes(12) + address.to_bytes(effect.to)[1:] + effect.amount.to_bytes(32, "big")
    trigger = _bytes(1, owner) + _bytes(2, address.to_bytes(effect.token)) + _bytes(4, call)
    return _parameter(_TRIGGER_CONTRACT, b"TriggerSmartContract", trigger)


def _parameter(number: int, name: bytes, value: bytes) -> bytes:
    """The contract's type, and its message as google.protobuf.Any."""
    packed = _bytes(1, b"type.googleapis.com/protocol." + name) + _bytes(2, value)
    return _integer(1, number) + _bytes(2, packed)


def _check_asset(intent: Intent, effect: Effect, assets: Sequence[Asset]) -> None:
    asset = next((asset for asset in assets if asset.id == intent.asset), None)
    if asset is None or asset.chain != intent.chain or asset.contract != effect.token:
        raise _unbuildable(f"the effect does not move {intent.asset}")


def _check_numbers(effect: Effect, block_id: bytes, expiration: int, timestamp: int, fee_limit: int) -> None:
    most = _MOST if effect.token is None else (1 << 256) - 1
    if not 0 < effect.amount <= most or len(block_id) != 32:
        raise _unbuildable(f"amount {effect.amount}, or a block id of {len(block_id)} bytes")
    if not 0 < timestamp < expiration <= _MOST:
        raise _unbuildable(f"expiration {expiration} is not after timestamp {timestamp}")
    if not 0 <= fee_limit <= _MOST or (fee_limit > 0) is not (effect.token is not None):
        raise _unbuildable(f"fee limit {fee_limit}: tokens have one, TRX has none")


def _integer(number: int, value: int) -> bytes:
    """A varint field; zero is not written."""
    return _varint(number * 8) + _varint(value) if value else b""


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number * 8 + 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    if value < 128:
        return bytes([value])
    return bytes([value % 128 + 128]) + _varint(value // 128)


def _unbuildable(message: str) -> QuorateError:
    return QuorateError("unbuildable", message, "bug")
