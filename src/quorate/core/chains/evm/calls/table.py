"""All methods that the decoder knows, by selector."""

from collections.abc import Iterable, Mapping
from typing import Final

from quorate.core.chains.evm.call import Method
from quorate.core.chains.evm.calls import admin, applications, erc20, multisend, nft, permit2, proxy, safe


def _table(methods: Iterable[Method]) -> Mapping[bytes, Method]:
    """Raises ValueError where two methods share a selector: one of them would be read as the other."""
    found: dict[bytes, Method] = {}
    for known in methods:
        if found.setdefault(known.signature.selector, known) is not known:
            raise ValueError(f"{known.signature.text} has the selector of another method")
    return found


METHODS: Final = _table(
    known
    for family in (erc20, nft, permit2, safe, multisend, proxy, admin, applications)
    for known in family.METHODS
)
