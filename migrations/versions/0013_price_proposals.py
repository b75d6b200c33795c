"""What sources say that endpoints cost, to be accepted or not.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table; nothing is proposed yet."""
    op.create_table(
        "price_proposal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("as_of_ms", BIG, nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.String(), nullable=False),
        sa.Column("decided_ms", BIG, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_price_proposal_endpoint_id"), "price_proposal", ["endpoint_id"])


def downgrade() -> None:
    """Forget them; prices that were accepted stay."""
    op.drop_table("price_proposal")
