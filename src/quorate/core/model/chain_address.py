"""An address as a member of a signed structure."""

from collections.abc import Callable

from quorate.core.chains import addresses
from quorate.core.errors import QuorateError
from quorate.core.model import members


def address_on(chain: str, value: object, where: str) -> str:
    """The one text of an address on a chain (id of the charter). Raises wrong_type.

    Without a chain it is only text: a structure that has addresses and no chain is refused as a whole.
    """
    return _read(addresses.read, chain, value, where)


def contract_on(chain: str, value: object, where: str) -> str:
    """As `address_on`, for the address of a token."""
    return _read(addresses.read_contract, chain, value, where)


def _read(read: Callable[[str, str], str], chain: str, value: object, where: str) -> str:
    text = members.text(value, where)
    if not chain:
        return text
    try:
        return read(chain, text)
    except QuorateError as error:
        raise members.bad(where, error.message) from None
