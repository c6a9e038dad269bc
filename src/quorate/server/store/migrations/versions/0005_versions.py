"""Several versions of a transaction's bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transactions", sa.Column("replaced_hash", sa.Text(), nullable=True))
    op.create_table(
        "versions",
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("attempt_bytes", sa.LargeBinary(), nullable=False),
        sa.Column("cancels", sa.Boolean(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("raw_transaction", sa.LargeBinary(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "number", name=op.f("pk_versions")),
    )


def downgrade() -> None:
    op.drop_table("versions")
    op.drop_column("transactions", "replaced_hash")
