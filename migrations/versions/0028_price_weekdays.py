"""Hours of prices on some weekdays only.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: What holds at an hour has held every day until now.
_EVERY_DAY = "127"


def upgrade() -> None:
    """Add the weekdays."""
    column = sa.Column("weekdays", BIG, nullable=False, server_default=_EVERY_DAY)
    op.add_column("price", column)


def downgrade() -> None:
    """Take them back: rates that the older version would take for every day's go."""
    op.execute(f"DELETE FROM price WHERE weekdays <> {_EVERY_DAY}")  # noqa: S608 -- our number
    op.drop_column("price", "weekdays")
