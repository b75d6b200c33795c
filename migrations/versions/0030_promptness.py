"""How long each message was held before its first try, by design.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add it; of messages that arrived at their first try it is known still."""
    op.add_column("delivery", sa.Column("held_ms", BIG, nullable=True))
    op.create_index("delivery_delivered", "delivery", ["delivered_ms"])
    op.execute(
        "UPDATE delivery SET held_ms = due_ms - created_ms "
        "WHERE delivered_ms IS NOT NULL AND attempts = 1 AND due_ms >= created_ms"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("delivery_delivered", "delivery")
    op.drop_column("delivery", "held_ms")
