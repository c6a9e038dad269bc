"""The dialect that unmodified Fireblocks SDKs speak: the body of POST /v1/transactions -> intent."""

from quorate.core.dialects.fireblocks.addresses import (
    account_address,
    account_path,
    deposit_addresses,
    holding_addresses,
)
from quorate.core.dialects.fireblocks.mapping import to_intent
from quorate.core.dialects.fireblocks.replacement import asks_the_same, read_replacement, replaces

__all__ = [
    "account_address",
    "account_path",
    "asks_the_same",
    "deposit_addresses",
    "holding_addresses",
    "read_replacement",
    "replaces",
    "to_intent",
]
