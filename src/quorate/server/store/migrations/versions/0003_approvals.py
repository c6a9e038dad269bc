"""Approvers' statements, and the bytes they were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("intent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("armor", sa.Text(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("intent_hash", "approver", "round", name=op.f("pk_statements")),
    )
    op.create_table(
        "first_attempts",
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("built_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_first_attempts")),
    )


def downgrade() -> None:
    op.drop_table("first_attempts")
    op.drop_table("statements")
