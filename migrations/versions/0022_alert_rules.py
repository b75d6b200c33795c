"""Rules of alerts, and incidents of more than failing calls.

Revision ID: 0022
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0022"
down_revision = "0020"

_NAMES = ("rule", "subject", "severity")
#: 13 is the code of `rate_limited`.
_FILL = """
    UPDATE incident SET
        rule = CASE kind WHEN 'availability' THEN 'down' WHEN 'account' THEN 'account'
            ELSE 'network' END,
        subject = COALESCE(CAST(endpoint_id AS VARCHAR), ''),
        severity = CASE WHEN kind = 'availability' OR (kind = 'account' AND outcome <> 13)
            THEN 'critical' ELSE 'warning' END
"""


def upgrade() -> None:
    """Say of each incident whose rule it is, of whom, how loud, and what is known of it."""
    op.create_table(
        "alert_rule",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("reach", sa.JSON(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("since_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("incident") as batch_op:
        batch_op.alter_column("outcome", existing_type=sa.SmallInteger(), nullable=True)
        batch_op.alter_column("call_id", existing_type=BIG, nullable=True)
        for name in _NAMES:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
    op.execute(_FILL)
    with op.batch_alter_table("incident") as batch_op:
        for name in (*_NAMES, "facts"):
            batch_op.alter_column(name, server_default=None)
    _create_indexes()


def _create_indexes() -> None:
    """What a rule found is open once, and is opened once, however many say so."""
    for name, columns, where in (
        ("incident_rule_open", ["rule", "subject"], "call_id IS NULL AND closed_ms IS NULL"),
        ("incident_rule_once", ["rule", "subject", "confirmed_ms"], "call_id IS NULL"),
    ):
        op.create_index(
            name,
            "incident",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    """Forget what no call opened, and the rules."""
    gone = "SELECT id FROM incident WHERE call_id IS NULL"
    members = f"SELECT alert_id FROM alert_incident WHERE incident_id IN ({gone})"  # noqa: S608 -- no input
    op.execute(f"DELETE FROM delivery WHERE alert_id IN ({members})")  # noqa: S608 -- as above
    for name in ("alert_incident", "acknowledgement", "note", "outbox"):
        op.execute(f"DELETE FROM {name} WHERE incident_id IN ({gone})")  # noqa: S608 -- as above
    told = "SELECT alert_id FROM alert_incident"
    op.execute(f"DELETE FROM alert WHERE outbox_id IS NULL AND id NOT IN ({told})")  # noqa: S608 -- as above
    op.execute("DELETE FROM incident WHERE call_id IS NULL")
    for name in ("incident_rule_open", "incident_rule_once"):
        op.drop_index(name, "incident")
    with op.batch_alter_table("incident") as batch_op:
        for name in (*_NAMES, "facts"):
            batch_op.drop_column(name)
        batch_op.alter_column("outcome", existing_type=sa.SmallInteger(), nullable=False)
        batch_op.alter_column("call_id", existing_type=BIG, nullable=False)
    op.drop_table("alert_rule")
