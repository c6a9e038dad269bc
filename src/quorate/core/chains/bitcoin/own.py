"""Where the coins of a vault account lie: script, kind and path of each output that is the account's own.

Part of the builder. A signer recognises the same outputs by other code (`account.wallet`, `ownership`).
"""

from quorate.core.chains.bitcoin.account import CHANGE, RECEIVING
from quorate.core.chains.bitcoin.holding import Holding, below_root
from quorate.core.chains.bitcoin.networks import KINDS, P2WPKH, PURPOSES
from quorate.core.chains.bitcoin.networks import network as _network


def own_holdings(public_key: bytes, chain_code: bytes, network: str, account: int) -> tuple[Holding, ...]:
    """Of every kind of script the first key of the receiving and of the change branch, below the root key of
    a certificate. Raises QuorateError: public_key, chain_code, hardened_index, network.
    """
    return tuple(
        _holding((public_key, chain_code), kind, network, account, branch)
        for kind in KINDS
        for branch in (RECEIVING, CHANGE)
    )


def change_holding(public_key: bytes, chain_code: bytes, network: str, account: int) -> Holding:
    """Where change goes, whatever kinds of coins are spent. Raises as own_holdings."""
    return _holding((public_key, chain_code), P2WPKH, network, account, CHANGE)


def _holding(root: tuple[bytes, bytes], kind: str, network: str, account: int, branch: int) -> Holding:
    return below_root(*root, (PURPOSES[kind], _network(network).coin_type, account, branch, 0))
