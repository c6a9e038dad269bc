"""Tables. The migrations build exactly these; a test compares the two.

Times end in their unit; amounts are decimal text of the smallest unit; JSON is text written by this
package."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s",
    }
)

vault_accounts: Final = Table(
    "vault_accounts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("auto_fuel", Boolean, nullable=False),
    Column("customer_ref_id", Text),
    Column("created_ms", BigInteger, nullable=False),
)

vault_wallets: Final = Table(
    "vault_wallets",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("asset", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("balance", Text),
    Column("block_height", BigInteger),
    Column("block_hash", Text),
    PrimaryKeyConstraint("account", "asset"),
)

vault_addresses: Final = Table(
    "vault_addresses",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("asset", Text, nullable=False),
    Column("address_index", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("description", Text),
    Column("customer_ref_id", Text),
    Column("created_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "asset", "address_index"),
)

transactions: Final = Table(
    "transactions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request_id", LargeBinary, nullable=False, unique=True),
    Column("intent_hash", LargeBinary, nullable=False),
    Column("user", Text, nullable=False),
    Column("external_id", Text),
    Column("operation", Text, nullable=False),
    Column("asset", Text),
    Column("source_account", Text),
    Column("destination_type", Text),
    Column("destination_id", Text),
    Column("note", Text),
    Column("customer_ref_id", Text),
    Column("status", Text, nullable=False),
    Column("sub_status", Text, nullable=False),
    Column("system_messages", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("token", Text, nullable=False),
    Column("intent", LargeBinary, nullable=False),
    Column("admissions", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("released", Boolean, nullable=False),
    Column("attempt_bytes", LargeBinary),
    Column("chain", Text),
    Column("sender", Text),
    Column("nonce", BigInteger),
    Column("result", Text),
    Column("signed_by", Text),
    Column("raw_transaction", LargeBinary),
    Column("transaction_hash", Text),
    Column("replaced_hash", Text),
    Column("block_height", BigInteger),
    Column("block_hash", Text),
    Column("network_fee", Text),
    Column("confirmations", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("admitted_us", BigInteger),
    Column("voted_us", BigInteger),
    Column("signed_us", BigInteger),
    Column("stored_us", BigInteger),
)
Index("ix_transactions_created", transactions.c.created_ms, transactions.c.id)
Index("ix_transactions_updated", transactions.c.updated_ms, transactions.c.id)
Index("ix_transactions_intent", transactions.c.intent_hash)
Index("ix_transactions_sender", transactions.c.chain, transactions.c.sender, transactions.c.nonce)
Index("ix_transactions_external", transactions.c.external_id)
# An externalTxId that was refused before any signer could act on it may be used again.
Index(
    "uq_transactions_external",
    transactions.c.user,
    transactions.c.external_id,
    unique=True,
    sqlite_where=text("status <> 'REJECTED'"),
    postgresql_where=text("status <> 'REJECTED'"),
)
# In queries too, word for word: only then a partial index is used.
UNFINISHED: Final = text("status NOT IN ('COMPLETED', 'FAILED', 'BLOCKED', 'REJECTED', 'CANCELLED')")
Index(
    "ix_transactions_unfinished",
    transactions.c.status,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("transaction_id", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("members", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("votes", Text, nullable=False),
    Column("refusals", Text, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("transaction_id", "number"),
)

# All bytes of a transaction that has more than one; unsigned ones without raw_transaction.
versions: Final = Table(
    "versions",
    metadata,
    Column("transaction_id", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("attempt_bytes", LargeBinary, nullable=False),
    Column("cancels", Boolean, nullable=False),
    Column("released", Boolean, nullable=False),
    Column("raw_transaction", LargeBinary),
    Column("transaction_hash", Text),
    Column("result", Text),
    Column("signed_by", Text),
    Column("expired", Boolean, nullable=False),
    PrimaryKeyConstraint("transaction_id", "number"),
)

idempotency: Final = Table(
    "idempotency",
    metadata,
    Column("user", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("transaction_id", Text),
    Column("status", Integer),
    Column("response", Text),
    Column("created_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("user", "key"),
)
Index("ix_idempotency_created", idempotency.c.created_ms)

evm_accounts: Final = Table(
    "evm_accounts",
    metadata,
    Column("chain", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("next_nonce", BigInteger, nullable=False),
    PrimaryKeyConstraint("chain", "sender"),
)

# Coins that bytes spend, from the commit that stores the bytes; freed only while no share can be out.
bitcoin_coins: Final = Table(
    "bitcoin_coins",
    metadata,
    Column("chain", Text, nullable=False),
    Column("txid", Text, nullable=False),
    Column("vout", BigInteger, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    PrimaryKeyConstraint("chain", "txid", "vout"),
)
Index("ix_bitcoin_coins_transaction_id", bitcoin_coins.c.transaction_id)

tally_entries: Final = Table(
    "tally_entries",
    metadata,
    Column("signer", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("signer", "count"),
)

key_certificates: Final = Table(
    "key_certificates",
    metadata,
    Column("key", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("signatures", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

certificate_parts: Final = Table(
    "certificate_parts",
    metadata,
    Column("order_id", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("order_id", "signer"),
)

orders: Final = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("signatures", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

order_deliveries: Final = Table(
    "order_deliveries",
    metadata,
    Column("order_id", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("refusal", Text),
    PrimaryKeyConstraint("order_id", "signer"),
)

signed_documents: Final = Table(
    "signed_documents",
    metadata,
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signatures", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "id"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("hash", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
)

acknowledgements: Final = Table(
    "acknowledgements",
    metadata,
    Column("signer", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("signer"),
)

statements: Final = Table(
    "statements",
    metadata,
    Column("intent_hash", LargeBinary, nullable=False),
    Column("approver", Text, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("armor", Text, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("intent_hash", "approver", "round"),
)

first_attempts: Final = Table(
    "first_attempts",
    metadata,
    Column("transaction_id", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("built_ms", BigInteger, nullable=False),
)
