"""The most that a transaction can cost. Parts of it are parameters of the chain, not in the bytes."""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains.tron.contracts import RUNS_CODE
from quorate.core.chains.tron.decode import TronTransaction

SIGNATURE: Final = 67
"""Bytes of one signature in the signed transaction: tag, length, r, s and v."""
ENVELOPE: Final = 4
"""Bytes around raw_data: tag and the length of up to 500 KiB."""
RESULT: Final = 64
"""MAX_RESULT_SIZE_IN_TX of java-tron: charged as if it were part of the transaction."""

_CREATES_ACCOUNT: Final = frozenset({0, 1, 2})
_PERMISSION_UPDATE: Final = 46


@dataclass(frozen=True, slots=True)
class Prices:
    """Sun. Named and set as in `getchainparameters` of mainnet; votes of the chain may change them."""

    transaction: int = 1_000
    """getTransactionFee: a byte of bandwidth."""
    create_account: int = 100_000
    """getCreateAccountFee."""
    create_account_in_contract: int = 1_000_000
    """getCreateNewAccountFeeInSystemContract."""
    memo: int = 1_000_000
    """getMemoFee."""
    multi_sign: int = 1_000_000
    """getMultiSignFee: from the second signature on."""
    update_permission: int = 100_000_000
    """getUpdateAccountPermissionFee."""


MAINNET: Final = Prices()


def most(transaction: TronTransaction, prices: Prices = MAINNET, *, signatures: int = 1) -> int:
    """Sun, as if nothing were staked for it and the recipient were new.

    Only right for transactions without a blind part: the types that are not read may have fees of their own.
    """
    size = transaction.size + ENVELOPE + signatures * SIGNATURE + RESULT
    fee = size * prices.transaction
    fee += transaction.fee_limit if transaction.contract_type in RUNS_CODE else 0
    if transaction.contract_type in _CREATES_ACCOUNT:
        fee += prices.create_account + prices.create_account_in_contract
    fee += prices.update_permission if transaction.contract_type == _PERMISSION_UPDATE else 0
    fee += prices.memo if transaction.data else 0
    return fee + (prices.multi_sign if signatures > 1 else 0)
