"""Intent -> unsigned EIP-1559 transaction that does exactly the intent's one effect, or is its call. Run by
the server.

Encodes with the `rlp` and `eth-abi` libraries; signers read the result with their own decoder, which shares
no code with this.
"""

from collections.abc import Sequence
from typing import Final

import rlp  # type: ignore[import-untyped]
from eth_abi.abi import encode as abi_encode

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset, Chain
from quorate.core.model.intent import Effect, Intent

_TYPE: Final = b"\x02"
_TRANSFER: Final = bytes.fromhex("a9059cbb")


def build(
    intent: Intent,
    chain: Chain,
    assets: Sequence[Asset],
    *,
    nonce: int,
    max_fee: int,
    max_priority: int,
    gas: int,
) -> bytes:
    """The type byte and the RLP without signature. Fees are wei per unit of gas.

    Raises QuorateError: unbuildable (neither one effect of this chain and of the intent's asset, nor one
    call), fee_ceiling
    (gas x max_fee exceeds the intent's), malformed_fee (max_priority above max_fee).
    """
    if intent.chain != chain.id:
        raise _unbuildable(f"an intent on {chain.id} is expected")
    if max_priority > max_fee:
        raise QuorateError("malformed_fee", "the priority fee exceeds the highest fee", "bug")
    if intent.fee_ceiling is None or gas * max_fee > intent.fee_ceiling:
        raise QuorateError(
            "fee_ceiling", f"a fee of {gas * max_fee} exceeds the ceiling of {intent.fee_ceiling}", "state"
        )
    to, value, data = _contract_call(intent) if intent.data is not None else _transfer(intent, assets)
    fields = [chain.chain_id, nonce, max_priority, max_fee, gas, to, value, data, []]
    return _TYPE + bytes(rlp.encode(fields))


def take_back(chain: Chain, sender: str, *, nonce: int, max_fee: int, max_priority: int, gas: int) -> bytes:
    """An unsigned transaction that uses the nonce up: nothing, from the account to itself."""
    fields = [chain.chain_id, nonce, max_priority, max_fee, gas, _address(sender), 0, b"", []]
    return _TYPE + bytes(rlp.encode(fields))


def _contract_call(intent: Intent) -> tuple[bytes, int, bytes]:
    if intent.destination is None or intent.amount is None or intent.data is None:
        raise _unbuildable("a call has a contract, a value and data")
    return _address(intent.destination.address), intent.amount, intent.data


def _transfer(intent: Intent, assets: Sequence[Asset]) -> tuple[bytes, int, bytes]:
    if len(intent.effects) != 1:
        raise _unbuildable("one effect is expected")
    _check_asset(intent, intent.effects[0], assets)
    return _call(intent.effects[0])


def _call(effect: Effect) -> tuple[bytes, int, bytes]:
    """Recipient, value and data of the call that has this effect."""
    if effect.token is None:
        return _address(effect.to), effect.amount, b""
    arguments = abi_encode(["address", "uint256"], [effect.to, effect.amount])
    return _address(effect.token), 0, _TRANSFER + arguments


def _check_asset(intent: Intent, effect: Effect, assets: Sequence[Asset]) -> None:
    asset = next((asset for asset in assets if asset.id == intent.asset), None)
    if asset is None or asset.chain != intent.chain or asset.contract != effect.token:
        raise _unbuildable(f"the effect does not move {intent.asset}")


def _address(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _unbuildable(message: str) -> QuorateError:
    return QuorateError("unbuildable", message, "bug")
