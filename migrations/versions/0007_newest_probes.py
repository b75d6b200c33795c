"""The newest probe of each purpose, and which capability a call tested.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"

#: Every kind but a team's own request. Until now none tested a capability.
FILL = """
INSERT INTO newest_probe (endpoint_id, kind, capability, call_id, started_ms, ended_ms, outcome)
SELECT endpoint_id, kind, 0, id, started_ms, ended_ms, outcome FROM call
WHERE id IN (SELECT max(id) FROM call WHERE kind <> 1 GROUP BY endpoint_id, kind)
"""


def upgrade() -> None:
    """Remember the newest probes that the ledger has."""
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("capability", sa.SmallInteger(), nullable=True))
    op.create_table(
        "newest_probe",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("capability", sa.SmallInteger(), nullable=False),
        sa.Column("call_id", BIG, nullable=True),
        sa.Column("started_ms", BIG, nullable=False),
        sa.Column("ended_ms", BIG, nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=True),
        sa.Column("failed_ms", BIG, nullable=True),
        sa.Column("retry_ms", BIG, nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("endpoint_id", "kind", "capability"),
        sqlite_with_rowid=False,
    )
    op.execute(FILL)


def downgrade() -> None:
    """Forget them."""
    op.drop_table("newest_probe")
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        batch_op.drop_column("capability")
