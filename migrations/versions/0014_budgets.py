"""Budgets, and an outbox that tells of more than incidents.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the tables, empty; what lies in the outbox stays, under a key of its own."""
    _create_budget()
    _create_firing()
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index("outbox_once")
        batch_op.alter_column("incident_id", existing_type=BIG, nullable=True)
        for name in ("key", "kind", "subject", "state"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("payload", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("attempts", BIG, nullable=False, server_default="0"))
    op.execute(
        "UPDATE outbox SET kind = 'incident', subject = CAST(incident_id AS VARCHAR), "
        "key = 'incident/' || CAST(incident_id AS VARCHAR) || '/' || transition, "
        "state = CASE WHEN delivered_ms IS NULL THEN 'waiting' ELSE 'delivered' END"
    )
    with op.batch_alter_table("outbox") as batch_op:
        for name in ("key", "kind", "subject", "state", "payload", "attempts"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_unique_constraint("outbox_key", ["key"])
        batch_op.create_index("outbox_subject", ["kind", "subject"])
        batch_op.create_index("ix_outbox_incident_id", ["incident_id"])


def downgrade() -> None:
    """Forget budgets and what was told of them; incidents keep their messages."""
    for name in ("budget_tripwire", "budget_firing", "budget_override", "budget"):
        op.drop_table(name)
    op.execute("DELETE FROM outbox WHERE incident_id IS NULL")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index("ix_outbox_incident_id")
        batch_op.drop_index("outbox_subject")
        batch_op.drop_constraint("outbox_key", type_="unique")
        for name in ("key", "kind", "subject", "state", "payload", "attempts"):
            batch_op.drop_column(name)
        batch_op.alter_column("incident_id", existing_type=BIG, nullable=False)
        batch_op.create_index("outbox_once", ["incident_id", "transition"], unique=True)


def _create_budget() -> None:
    op.create_table(
        "budget",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("scope_name", sa.String(), nullable=False),
        sa.Column("amount_nano_usd", BIG, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("has_probes", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "budget_override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("budget", sa.String(), nullable=False),
        sa.Column("amount_nano_usd", BIG, nullable=False),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("until_ms", BIG, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_ms", BIG, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_budget_override_budget"), "budget_override", ["budget"])
    op.create_table(
        "budget_tripwire",
        sa.Column("budget", sa.String(), nullable=False),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("to_ms", BIG, nullable=False),
        sa.Column("left_nano_usd", BIG, nullable=False),
        sa.ForeignKeyConstraint(["budget"], ["budget.name"]),
        sa.PrimaryKeyConstraint("budget"),
    )


def _create_firing() -> None:
    op.create_table(
        "budget_firing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("budget", sa.String(), nullable=False),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("percent", BIG, nullable=False),
        sa.Column("is_projected", sa.Boolean(), nullable=False),
        sa.Column("to_ms", BIG, nullable=False),
        sa.Column("fired_ms", BIG, nullable=False),
        sa.Column("amount_nano_usd", BIG, nullable=False),
        sa.Column("spent_nano_usd", BIG, nullable=False),
        sa.Column("projected_nano_usd", BIG, nullable=True),
        sa.Column("calls", BIG, nullable=False),
        sa.Column("unpriced", BIG, nullable=False),
        sa.Column("no_usage", BIG, nullable=False),
        sa.Column("outbox_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_budget_firing_fired_ms"), "budget_firing", ["fired_ms"])
    op.create_index(
        "budget_firing_once",
        "budget_firing",
        ["budget", "from_ms", "percent", "is_projected"],
        unique=True,
    )
