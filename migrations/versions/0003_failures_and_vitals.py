"""Failures by class and bucket, made from the calls that stand; the monitor's looks at itself.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: The codes of good outcomes, and the length of a bucket, as they were at this revision.
GOOD = (1, 2)
BUCKET_MS = 900_000

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create both tables, and count what has failed."""
    op.create_table(
        "failure_15m",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("bucket", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", "bucket", "origin", "outcome"),
        sqlite_with_rowid=False,
    )
    _count_failures()
    op.create_table(
        "vitals",
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("lag_us", BIG, nullable=True),
        sa.Column("queued", BIG, nullable=False),
        sa.Column("in_flight", BIG, nullable=False),
        sa.Column("missed_runs", BIG, nullable=False),
        sa.Column("skipped_runs", BIG, nullable=False),
        sa.Column("clock_steps", BIG, nullable=False),
        sa.Column("clock_behind_us", BIG, nullable=False),
        sa.Column("is_writable", sa.Boolean(), nullable=False),
        sa.Column("spooled", BIG, nullable=False),
        sa.Column("spool_bytes", BIG, nullable=False),
        sa.Column("spool_limit_bytes", BIG, nullable=False),
        sa.Column("lost", BIG, nullable=False),
        sa.Column("quarantined", BIG, nullable=False),
        sa.Column("database_bytes", BIG, nullable=True),
        sa.Column("wal_bytes", BIG, nullable=True),
        sa.PrimaryKeyConstraint("at_ms"),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("incident_ended", ["ended_ms"])


def _count_failures() -> None:
    call = sa.table("call", *map(sa.column, ("endpoint_id", "started_ms", "origin", "outcome")))
    keys = (call.c.endpoint_id, call.c.started_ms // BUCKET_MS, call.c.origin, call.c.outcome)
    chosen = sa.select(*keys, sa.func.count()).where(call.c.outcome.not_in(GOOD)).group_by(*keys)
    columns = ("endpoint_id", "bucket", "origin", "outcome", "n")
    into = sa.table("failure_15m", *map(sa.column, columns))
    op.execute(sa.insert(into).from_select(columns, chosen))


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("incident_ended")
    op.drop_table("vitals")
    op.drop_table("failure_15m")
