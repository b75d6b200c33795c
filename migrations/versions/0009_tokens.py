"""Tokens of the monitor's own API.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """There are none yet."""
    op.create_table(
        "api_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("beginning", sa.String(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("expires_ms", BIG, nullable=True),
        sa.Column("revoked_ms", BIG, nullable=True),
        sa.Column("last_used_ms", BIG, nullable=True),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("api_token")
