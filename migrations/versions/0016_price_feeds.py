"""How sources of prices on the network went when they were asked last.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the table; nothing was asked yet."""
    op.create_table(
        "price_feed",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("tried_ms", BIG, nullable=False),
        sa.Column("succeeded_ms", BIG, nullable=True),
        sa.Column("as_of_ms", BIG, nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("said", BIG, nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Forget how they went; what they proposed stays."""
    op.drop_table("price_feed")
