"""From which day on models are served no longer, as feeds and settings say.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the table; feeds are asked again, since what they said of it was not read."""
    op.create_table(
        "retirement",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", BIG, nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("endpoint_id", "source"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Forget the days."""
    op.drop_table("retirement")
