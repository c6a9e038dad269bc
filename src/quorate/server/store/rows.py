"""The transaction row as a value."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.engine import Row

from quorate.core.model.intent import Intent


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request from its first byte to its end. Column names are field names.

    `admissions`: JSON {signer: {"body": hex, "signature": hex}}. `session`: the highest session number
    spent. `released`: a share of some session may have left a keeper. `result`: JSON list of items
    {"signature": hex, "recovery_id", "public_key": hex}. `replaced_hash`: the name of the bytes that these
    took the place of last.
    """

    id: str
    request_id: bytes
    intent_hash: bytes
    user: str
    external_id: str | None
    operation: str
    asset: str | None
    source_account: str | None
    destination_type: str | None
    destination_id: str | None
    note: str | None
    customer_ref_id: str | None
    status: str
    sub_status: str
    system_messages: str
    uri: str
    body: bytes
    token: str
    intent: bytes
    admissions: str
    session: int
    released: bool
    attempt_bytes: bytes | None
    chain: str | None
    sender: str | None
    nonce: int | None
    result: str | None
    signed_by: str | None
    raw_transaction: bytes | None
    transaction_hash: str | None
    replaced_hash: str | None
    block_height: int | None
    block_hash: str | None
    network_fee: str | None
    confirmations: int
    created_ms: int
    updated_ms: int
    received_us: int
    admitted_us: int | None
    voted_us: int | None
    signed_us: int | None
    stored_us: int | None


COLUMNS: Final = tuple(field.name for field in fields(Transaction))


def as_values(transaction: Transaction) -> dict[str, Any]:
    """Column values of an insert."""
    return {name: getattr(transaction, name) for name in COLUMNS}


def from_row(row: Row[Any]) -> Transaction:
    return Transaction(*tuple(row))


def dump(value: object) -> str:
    """JSON text of this package's own columns."""
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=4096)
def read_intent(data: bytes) -> Intent:
    """The intent of a row. Rows are read often, intents never change."""
    return Intent.from_bytes(data)


def load_messages(text: str) -> Sequence[dict[str, str]]:
    messages: Sequence[dict[str, str]] = json.loads(text)
    return messages
