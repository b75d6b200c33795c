"""Repricing: what calls cost anew, beside what they cost before.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the tables; nothing was priced anew yet."""
    op.create_table(
        "repricing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("to_ms", BIG, nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.Column("undone_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rating",
        sa.Column("repricing_id", BIG, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("old_cost_state", sa.SmallInteger(), nullable=False),
        sa.Column("old_cost_nano_usd", BIG, nullable=True),
        sa.Column("old_price_list_id", BIG, nullable=True),
        sa.Column("cost_state", sa.SmallInteger(), nullable=False),
        sa.Column("cost_nano_usd", BIG, nullable=True),
        sa.Column("price_list_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["repricing_id"], ["repricing.id"]),
        sa.PrimaryKeyConstraint("repricing_id", "call_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rating_call_id"), "rating", ["call_id"], unique=False)


def downgrade() -> None:
    """Forget how costs came about; the calls and their sums agree as they are."""
    op.drop_table("rating")
    op.drop_table("repricing")
