"""Silences, what is held until it may be told, and the steps after an alert was told.

Revision ID: 0025
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0025"
down_revision = "0022"


def upgrade() -> None:
    """Nothing is silenced yet. What is open was put on its way as it opened."""
    op.create_table(
        "silence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=True),
        sa.Column("endpoint_id", BIG, nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("made_ms", BIG, nullable=False),
        sa.Column("until_ms", BIG, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_ms", BIG, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_silence_ended_ms"), "silence", ["ended_ms"])
    op.create_table(
        "alert_step",
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.PrimaryKeyConstraint("alert_id", "step"),
    )
    op.add_column("alert", sa.Column("told_ms", BIG, nullable=True))
    op.execute("UPDATE alert SET told_ms = opened_ms")
    op.add_column("delivery", sa.Column("hold", sa.String(), nullable=True))
    op.add_column("delivery", sa.Column("released_ms", BIG, nullable=True))
    op.add_column("maintenance", sa.Column("declared_by", sa.String(), nullable=True))
    op.add_column("maintenance", sa.Column("line", BIG, nullable=True))


def downgrade() -> None:
    """Forget them. What is held goes out, what was gathered was told."""
    op.execute("UPDATE delivery SET state = 'waiting' WHERE state IN ('held', 'gathered')")
    op.execute("UPDATE delivery SET state = 'merged' WHERE state IN ('summed', 'untold')")
    for table, names in (
        ("maintenance", ("line", "declared_by")),
        ("delivery", ("released_ms", "hold")),
        ("alert", ("told_ms",)),
    ):
        with op.batch_alter_table(table) as batch_op:
            for name in names:
                batch_op.drop_column(name)
    op.drop_table("alert_step")
    op.drop_index(op.f("ix_silence_ended_ms"), "silence")
    op.drop_table("silence")
