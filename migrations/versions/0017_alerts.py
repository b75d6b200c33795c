"""Alerts, and each message of them to each channel.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tables. What lay in the outbox until now is history, and told to nobody."""
    op.execute("UPDATE outbox SET state = 'planned' WHERE kind = 'incident'")
    op.create_index(op.f("ix_outbox_state"), "outbox", ["state"])
    op.create_table(
        "channel",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("place", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("opened_ms", BIG, nullable=False),
        sa.Column("changed_ms", BIG, nullable=False),
        sa.Column("is_flapping", sa.Boolean(), nullable=False),
        sa.Column("closed_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_alert_closed_ms"), "alert", ["closed_ms"])
    op.create_table(
        "alert_incident",
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_index(op.f("ix_alert_incident_alert_id"), "alert_incident", ["alert_id"])
    op.create_table(
        "delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("telling", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("due_ms", BIG, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tried_ms", BIG, nullable=True),
        sa.Column("delivered_ms", BIG, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("delivery_alert_channel", "delivery", ["alert_id", "channel"])
    op.create_index("delivery_state", "delivery", ["state", "due_ms"])
    op.create_index("delivery_channel", "delivery", ["channel", "id"])


def downgrade() -> None:
    """Forget what was told to whom."""
    for name in ("delivery", "alert_incident", "alert", "channel"):
        op.drop_table(name)
    op.drop_index(op.f("ix_outbox_state"), "outbox")
    op.execute("UPDATE outbox SET state = 'waiting' WHERE kind = 'incident'")
