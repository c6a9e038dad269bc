"""EIP-712 typed data: schema, values, hashes, and what well-known messages allow."""
