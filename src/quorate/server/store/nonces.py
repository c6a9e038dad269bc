"""Nonces of EVM accounts: the next one of each (chain, sender), durable before any signer sees the bytes
that use it."""

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from quorate.server.store.schema import evm_accounts


def next_nonce(connection: Connection, chain: str, sender: str) -> int:
    """0 for an account that never sent through this server."""
    where = (evm_accounts.c.chain == chain, evm_accounts.c.sender == sender)
    return connection.execute(select(evm_accounts.c.next_nonce).where(*where)).scalar() or 0


def set_next_nonce(connection: Connection, chain: str, sender: str, nonce: int) -> None:
    connection.execute(
        delete(evm_accounts).where(evm_accounts.c.chain == chain, evm_accounts.c.sender == sender)
    )
    connection.execute(insert(evm_accounts), {"chain": chain, "sender": sender, "next_nonce": nonce})
