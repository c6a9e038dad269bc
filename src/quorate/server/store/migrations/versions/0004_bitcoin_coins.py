"""Coins that transactions of this server spend."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bitcoin_coins",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("txid", sa.Text(), nullable=False),
        sa.Column("vout", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "txid", "vout", name=op.f("pk_bitcoin_coins")),
    )
    op.create_index("ix_bitcoin_coins_transaction_id", "bitcoin_coins", ["transaction_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_bitcoin_coins_transaction_id", table_name="bitcoin_coins")
    op.drop_table("bitcoin_coins")
