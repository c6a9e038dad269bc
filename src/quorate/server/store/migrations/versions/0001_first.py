"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_parts",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "signer", name=op.f("pk_certificate_parts")),
    )
    op.create_table(
        "evm_accounts",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("next_nonce", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sender", name=op.f("pk_evm_accounts")),
    )
    op.create_table(
        "idempotency",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created_ms"], unique=False)
    op.create_table(
        "key_certificates",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_key_certificates")),
    )
    op.create_table(
        "order_deliveries",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", "signer", name=op.f("pk_order_deliveries")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_table(
        "sessions",
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("votes", sa.Text(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("opened_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "number", name=op.f("pk_sessions")),
    )
    op.create_table(
        "tally_entries",
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("signer", "count", name=op.f("pk_tally_entries")),
    )
    op.create_table(
        "transactions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.LargeBinary(), nullable=False),
        sa.Column("intent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=True),
        sa.Column("source_account", sa.Text(), nullable=True),
        sa.Column("destination_type", sa.Text(), nullable=True),
        sa.Column("destination_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("customer_ref_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sub_status", sa.Text(), nullable=False),
        sa.Column("system_messages", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("intent", sa.LargeBinary(), nullable=False),
        sa.Column("admissions", sa.Text(), nullable=False),
        sa.Column("session", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("attempt_bytes", sa.LargeBinary(), nullable=True),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("raw_transaction", sa.LargeBinary(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=True),
        sa.Column("block_height", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.Column("network_fee", sa.Text(), nullable=True),
        sa.Column("confirmations", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("admitted_us", sa.BigInteger(), nullable=True),
        sa.Column("voted_us", sa.BigInteger(), nullable=True),
        sa.Column("signed_us", sa.BigInteger(), nullable=True),
        sa.Column("stored_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        sa.UniqueConstraint("request_id", name=op.f("uq_transactions")),
    )
    op.create_index("ix_transactions_created", "transactions", ["created_ms", "id"], unique=False)
    op.create_index("ix_transactions_external", "transactions", ["external_id"], unique=False)
    op.create_index("ix_transactions_intent", "transactions", ["intent_hash"], unique=False)
    op.create_index("ix_transactions_sender", "transactions", ["chain", "sender", "nonce"], unique=False)
    op.create_index(
        "ix_transactions_unfinished",
        "transactions",
        ["status"],
        unique=False,
        sqlite_where=sa.text("status NOT IN ('COMPLETED', 'FAILED', 'BLOCKED', 'REJECTED', 'CANCELLED')"),
        postgresql_where=sa.text("status NOT IN ('COMPLETED', 'FAILED', 'BLOCKED', 'REJECTED', 'CANCELLED')"),
    )
    op.create_index("ix_transactions_updated", "transactions", ["updated_ms", "id"], unique=False)
    op.create_index(
        "uq_transactions_external",
        "transactions",
        ["user", "external_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'REJECTED'"),
        postgresql_where=sa.text("status <> 'REJECTED'"),
    )
    op.create_table(
        "vault_accounts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("auto_fuel", sa.Boolean(), nullable=False),
        sa.Column("customer_ref_id", sa.Text(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_accounts")),
    )
    op.create_table(
        "vault_addresses",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("address_index", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("customer_ref_id", sa.Text(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "asset", "address_index", name=op.f("pk_vault_addresses")),
    )
    op.create_table(
        "vault_wallets",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.Text(), nullable=True),
        sa.Column("block_height", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account", "asset", name=op.f("pk_vault_wallets")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_table("vault_wallets")
    op.drop_table("vault_addresses")
    op.drop_table("vault_accounts")
    op.drop_index(
        "uq_transactions_external",
        table_name="transactions",
        sqlite_where=sa.text("status <> 'REJECTED'"),
        postgresql_where=sa.text("status <> 'REJECTED'"),
    )
    op.drop_index("ix_transactions_updated", table_name="transactions")
    op.drop_index(
        "ix_transactions_unfinished",
        table_name="transactions",
        sqlite_where=sa.text("status NOT IN ('COMPLETED', 'FAILED', 'BLOCKED', 'REJECTED', 'CANCELLED')"),
        postgresql_where=sa.text("status NOT IN ('COMPLETED', 'FAILED', 'BLOCKED', 'REJECTED', 'CANCELLED')"),
    )
    op.drop_index("ix_transactions_sender", table_name="transactions")
    op.drop_index("ix_transactions_intent", table_name="transactions")
    op.drop_index("ix_transactions_external", table_name="transactions")
    op.drop_index("ix_transactions_created", table_name="transactions")
    op.drop_table("transactions")
    op.drop_table("tally_entries")
    op.drop_table("sessions")
    op.drop_table("orders")
    op.drop_table("order_deliveries")
    op.drop_table("key_certificates")
    op.drop_index("ix_idempotency_created", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("evm_accounts")
    op.drop_table("certificate_parts")
    # ### end Alembic commands ###
