"""Endpoints that were renamed keep their history.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for what endpoints were called before."""
    op.create_table(
        "former_id",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("renamed_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("slug"),
    )
    with op.batch_alter_table("former_id", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_id_endpoint_id"), ["endpoint_id"], unique=False)


def downgrade() -> None:
    """Forget them; the endpoints keep their newest ids."""
    op.drop_table("former_id")
