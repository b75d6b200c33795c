"""What a team's calls bring along: endpoints that nobody watches, estimates, users, tags, apps.

What was put into quarantine until now has no digest, and is never the same as anything.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Every endpoint until now is of the settings."""
    op.create_table(
        "app_title",
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("told_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("app"),
    )
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_met", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.alter_column("is_met", server_default=None)
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("estimated_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("user_hash", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("tags", sa.JSON(), nullable=True))
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.LargeBinary(), nullable=True))
        batch_op.create_unique_constraint("quarantine_digest", ["digest"])


def downgrade() -> None:
    """Forget them; the calls stay."""
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_constraint("quarantine_digest", type_="unique")
        batch_op.drop_column("digest")
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        for name in ("tags", "user_hash", "estimated_by"):
            batch_op.drop_column(name)
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.drop_column("is_met")
    op.drop_table("app_title")
