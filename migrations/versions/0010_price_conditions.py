"""Prices by service tier and by other thresholds, and who said them; calls tell their tier.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

#: Thresholds looked at all input until now; prices were the catalogue's or the settings' own.
_INPUT, _CATALOGUE, _SETTINGS = "1", "1", 3


def upgrade() -> None:
    """Add what is new; what stands keeps its meaning."""
    op.add_column("call", sa.Column("service_tier", sa.SmallInteger(), nullable=True))
    op.execute("ALTER TABLE price RENAME COLUMN above_input_tokens TO above_tokens")
    op.add_column("price", sa.Column("service_tier", sa.SmallInteger(), nullable=True))
    rule = sa.Column("tier_rule", sa.SmallInteger(), nullable=False, server_default=_INPUT)
    op.add_column("price", rule)
    who = sa.Column("authority", sa.SmallInteger(), nullable=False, server_default=_CATALOGUE)
    op.add_column("price_list", who)
    op.execute(f"UPDATE price_list SET authority = {_SETTINGS} WHERE source = 'settings'")  # noqa: S608 -- our number


def downgrade() -> None:
    """Take it back: rates that the older version would misread go, so that it prices nothing."""
    op.execute("DELETE FROM price WHERE service_tier IS NOT NULL OR tier_rule <> 1")
    op.drop_column("price_list", "authority")
    op.drop_column("price", "tier_rule")
    op.drop_column("price", "service_tier")
    op.execute("ALTER TABLE price RENAME COLUMN above_tokens TO above_input_tokens")
    op.drop_column("call", "service_tier")
