"""The document of `quorate tx decode --format evm-tx`, of the bytes alone."""

from quorate.core.chains.evm.item import EVM_TX, decode_item


def report(data: bytes) -> dict[str, object]:
    """Raises what `decode_item` raises."""
    return decode_item(EVM_TX, data).to_json()
