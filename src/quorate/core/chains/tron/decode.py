"""raw_data of a TRON transaction -> what it does.

Strict: one encoding, exactly one contract, every field in range, every byte accounted for. What is well
formed but not understood is `blind`, with a stable reason.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import Decoded, Digest, Effect, effect
from quorate.core.chains.tron.context import TronContext
from quorate.core.chains.tron.contracts import RUNS_CODE, TRX, contract_effects
from quorate.core.chains.tron.wire import MAX_BYTES, Field, Message, Schema, malformed, read

FORMAT: Final = "tron-tx"
TYPE_URL: Final = "type.googleapis.com/protocol."
MAX_PERMISSION_ID: Final = 9
"""Owner 0, witness 1, active 2 to 9."""
_TYPE_URL: Final = re.compile(rb"type\.googleapis\.com/protocol\.([A-Za-z0-9]{1,64})")

RAW_DATA: Final[Schema] = {
    1: Field("ref_block_bytes"),
    4: Field("ref_block_hash"),
    8: Field("expiration", 63),
    10: Field("data"),
    11: Field("contract", repeated=True, message=True),
    14: Field("timestamp", 63),
    18: Field("fee_limit", 63),
}
"""Without ref_block_num, auths and scripts, which the chain does not use."""
CONTRACT: Final[Schema] = {
    1: Field("type", 31),
    2: Field("parameter", message=True),
    5: Field("Permission_id", 31),
}
"""Without provider and ContractName, which the chain does not use."""
ANY: Final[Schema] = {1: Field("type_url"), 2: Field("value")}


@dataclass(frozen=True, slots=True)
class TronTransaction:
    """The fields as signed. Times are Unix milliseconds, amounts sun (10^-6 TRX).

    `contract` is the name of the one contract, `contract_type` its number, `value` its message. `owner` is
    whose account acts; None where the contract is not read. `fee_limit` bounds what the execution of code
    costs, 0 where the bytes have none; it does not bound what bandwidth, memo, a new account or several
    signatures cost (see fee.py). `effects` is all that the transaction does, the fee included. `size` is that
    of raw_data.
    """

    ref_block_bytes: bytes
    ref_block_hash: bytes
    expiration: int
    timestamp: int
    fee_limit: int
    data: bytes
    contract_type: int
    contract: str
    value: bytes
    permission_id: int
    owner: str | None
    effects: tuple[Effect, ...]
    size: int
    txid: bytes


def decode_tx(data: bytes, context: TronContext | None = None) -> Decoded:
    """The document of `quorate tx decode --format tron-tx`. Raises what `read_tx` raises."""
    transaction = read_tx(data)
    network = (context or TronContext()).network
    digest = Digest("sha256", "0x" + transaction.txid.hex(), {})
    return Decoded(FORMAT, {"family": "tron", "network": network}, transaction.effects, (digest,))


def read_tx(data: bytes) -> TronTransaction:
    """What the bytes are and do. Raises QuorateError malformed_transaction."""
    if not 0 < len(data) <= MAX_BYTES:
        raise malformed(f"raw_data has 1 to {MAX_BYTES} bytes, these are {len(data)}")
    raw = read(data, RAW_DATA, "raw_data")
    contract = _contract(raw)
    number, name, value = _parameter(contract)
    owner, effects = contract_effects(number, name, value)
    return TronTransaction(
        ref_block_bytes=raw.octets("ref_block_bytes", 2),
        ref_block_hash=raw.octets("ref_block_hash", 8),
        expiration=raw.positive("expiration"),
        timestamp=raw.integer("timestamp"),
        fee_limit=raw.integer("fee_limit"),
        data=raw.octets("data"),
        contract_type=number,
        contract=name,
        value=value,
        permission_id=_permission_id(contract),
        owner=owner,
        effects=(*effects, *_memo(raw), *_permission(contract), _fee(raw, number)),
        size=len(data),
        txid=txid(data),
    )


def txid(data: bytes) -> bytes:
    """SHA-256 of raw_data: what is signed, and the transaction's id."""
    return hashlib.sha256(data).digest()


def _contract(raw: Message) -> Message:
    contracts = raw.many("contract")
    if len(contracts) != 1:
        raise malformed(f"a transaction has one contract, this one {len(contracts)}")
    return read(contracts[0], CONTRACT, "contract")


def _parameter(contract: Message) -> tuple[int, str, bytes]:
    """ContractType, and the google.protobuf.Any that holds the contract itself."""
    parameter = read(contract.octets("parameter"), ANY, "parameter")
    named = _TYPE_URL.fullmatch(parameter.octets("type_url"))
    if named is None:
        raise malformed(f"parameter.type_url is not {TYPE_URL}NAME")
    return contract.integer("type"), named.group(1).decode(), parameter.octets("value")


def _permission_id(contract: Message) -> int:
    number = contract.integer("Permission_id")
    if number > MAX_PERMISSION_ID:
        raise malformed(f"contract.Permission_id {number} is not 0 to {MAX_PERMISSION_ID}")
    return number


def _permission(contract: Message) -> list[Effect]:
    """Which of the account's permissions signs: 0, the owner's, is not mentioned."""
    number = _permission_id(contract)
    return [effect("permission_id", value=str(number))] if number else []


def _memo(raw: Message) -> list[Effect]:
    """Text where it is UTF-8, bytes otherwise."""
    data = raw.octets("data")
    if not data:
        return []
    try:
        return [effect("memo", text=data.decode())]
    except UnicodeDecodeError:
        return [effect("data", hex=data.hex())]


def _fee(raw: Message, contract_type: int) -> Effect:
    """`max_amount` only where fee_limit says something: the other fees are the chain's parameters."""
    bounded = contract_type in RUNS_CODE
    return effect("fee", asset=TRX, max_amount=str(raw.integer("fee_limit")) if bounded else None)
