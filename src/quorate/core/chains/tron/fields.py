"""Fields of messages that hold more than numbers and bytes."""

from quorate.core.chains.tron import address
from quorate.core.chains.tron.wire import Message, malformed


def address_of(m: Message, name: str) -> str:
    """Text of an address. Raises QuorateError malformed_transaction."""
    data = m.octets(name, address.LENGTH)
    if data[:1] != address.PREFIX:
        raise malformed(f"{m.where}.{name} does not begin with 0x41")
    return address.from_bytes(data)


def text_of(m: Message, name: str) -> str:
    """A string. Raises QuorateError malformed_transaction."""
    try:
        return m.octets(name).decode()
    except UnicodeDecodeError:
        raise malformed(f"{m.where}.{name} is not UTF-8") from None
