"""What a new token account costs beside the fee: the lamports that exempt it from rent, bound in it.

Source: Solana SDK, `Rent::default`: (128 + bytes) x 3480 lamports a byte-year x 2 years, which all public
clusters use.
"""

from collections.abc import Mapping
from typing import Final


def exempt(size: int) -> int:
    """Lamports below which an account of `size` bytes of data cannot be."""
    return (128 + size) * 3480 * 2


_ACCOUNT: Final = 165
"""Bytes of an SPL token account."""
_EXTENSIONS: Final = 1 + 4 + (4 + 8) + 4 + (4 + 1) + 4
"""Account type, and what Token-2022 may add by itself to an account of a mint: ImmutableOwner,
TransferFeeAmount, NonTransferableAccount, TransferHookAccount, PausableAccount
(`get_required_init_account_extensions`).
"""
WALLET: Final = exempt(0)
"""The least that a wallet holds, unless it holds nothing: 890,880 lamports."""
TOKEN_ACCOUNT: Final[Mapping[str, int]] = {
    "spl": exempt(_ACCOUNT),
    "token2022": exempt(_ACCOUNT + _EXTENSIONS),
}
"""The most that the creation of an associated account costs, by the token's standard."""
