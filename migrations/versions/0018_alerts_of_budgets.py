"""Alerts that tell of a budget.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Let an alert name what it tells; those that stand tell of incidents."""
    with op.batch_alter_table("alert") as batch_op:
        batch_op.add_column(sa.Column("outbox_id", BIG, nullable=True))
        batch_op.create_foreign_key("alert_outbox", "outbox", ["outbox_id"], ["id"])


def downgrade() -> None:
    """Forget what was told of budgets."""
    of_budgets = "SELECT id FROM alert WHERE outbox_id IS NOT NULL"
    op.execute(f"DELETE FROM delivery WHERE alert_id IN ({of_budgets})")  # noqa: S608 -- no input
    op.execute("DELETE FROM alert WHERE outbox_id IS NOT NULL")
    with op.batch_alter_table("alert") as batch_op:
        batch_op.drop_constraint("alert_outbox", type_="foreignkey")
        batch_op.drop_column("outbox_id")
