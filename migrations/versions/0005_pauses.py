"""Pauses, with who made and who ended them.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing is paused yet."""
    op.create_table(
        "pause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("paused_ms", BIG, nullable=False),
        sa.Column("until_ms", BIG, nullable=True),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_ms", BIG, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Everything is probed."""
    op.drop_table("pause")
