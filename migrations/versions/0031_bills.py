"""What providers say that their days cost, beside our own sums.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make room for bills."""
    op.create_table(
        "bill_source",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("first_day", BIG, nullable=True),
        sa.Column("through_day", BIG, nullable=True),
        sa.Column("tried_ms", BIG, nullable=False),
        sa.Column("succeeded_ms", BIG, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
    )
    op.create_table(
        "bill_line",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("source", sa.String(), sa.ForeignKey("bill_source.name"), nullable=False),
        sa.Column("day", BIG, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("nano_usd", BIG, nullable=False),
        sa.Column("requests", BIG, nullable=True),
        sa.Column("tokens", BIG, nullable=True),
    )
    op.create_index("bill_line_source_day", "bill_line", ["source", "day"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("bill_line")
    op.drop_table("bill_source")
