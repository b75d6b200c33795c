"""How channels fare, and what one passed to another; the outbox counts no tries of its own.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """No channel is known to fail. The settings are written down again at every start."""
    with op.batch_alter_table("channel") as batch_op:
        for name in ("pace", "fallback", "mark", "off_reason"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in ("refusing_ms", "off_ms"):
            batch_op.add_column(sa.Column(name, BIG, nullable=True))
        for name in ("refusals", "for_good"):
            batch_op.add_column(sa.Column(name, BIG, nullable=False, server_default="0"))
    with op.batch_alter_table("channel") as batch_op:
        for name in ("refusals", "for_good"):
            batch_op.alter_column(name, server_default=None)
    op.add_column("delivery", sa.Column("passed_from", sa.String(), nullable=True))
    op.add_column("delivery", sa.Column("passed_ms", BIG, nullable=True))
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_column("attempts")


def downgrade() -> None:
    """Forget it. What was passed on could not be delivered by its own channel."""
    op.execute("UPDATE delivery SET state = 'dead' WHERE state = 'passed'")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("attempts", BIG, nullable=False, server_default="0"))
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.alter_column("attempts", server_default=None)
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_column("passed_ms")
        batch_op.drop_column("passed_from")
    with op.batch_alter_table("channel") as batch_op:
        for name in (
            *("for_good", "refusals", "off_ms", "refusing_ms"),
            *("off_reason", "mark", "fallback", "pace"),
        ):
            batch_op.drop_column(name)
