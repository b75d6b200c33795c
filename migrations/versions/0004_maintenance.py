"""Declared maintenance.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the windows; none is declared yet."""
    op.create_table(
        "maintenance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("endpoint_id", BIG, nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("to_ms", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("maintenance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_maintenance_to_ms"), ["to_ms"], unique=False)
        batch_op.create_index("maintenance_name", ["source", "name"], unique=True)


def downgrade() -> None:
    """Forget them."""
    op.drop_table("maintenance")
