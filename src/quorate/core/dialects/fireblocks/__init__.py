"""The dialect that unmodified Fireblocks SDKs speak: the body of POST /v1/transactions -> intent."""

from quorate.core.dialects.fireblocks.addresses import (
    account_address,
    account_path,
    deposit_addresses,
    holding_addresses,
)
from quorate.core.dialects.fireblocks.mapping import to_intent

__all__ = ["account_address", "account_path", "deposit_addresses", "holding_addresses", "to_intent"]
