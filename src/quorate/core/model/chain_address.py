"""An address as a member of a signed structure."""

from quorate.core.chains import addresses
from quorate.core.errors import QuorateError
from quorate.core.model import members


def address_on(chain: str, value: object, where: str) -> str:
    """The one text of an address on a chain (id of the charter). Raises wrong_type.

    Without a chain it is only text: a structure that has addresses and no chain is refused as a whole.
    """
    text = members.text(value, where)
    if not chain:
        return text
    try:
        return addresses.read(chain, text)
    except QuorateError as error:
        raise members.bad(where, error.message) from None
