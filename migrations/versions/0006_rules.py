"""What the rules of health remember, and incidents of our own.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the memories, empty: what was seen before is not judged again by new rules."""
    nothing = "x''" if op.get_context().dialect.name == "sqlite" else "''"
    with op.batch_alter_table("health") as batch_op:
        batch_op.add_column(
            sa.Column("trail", sa.LargeBinary(), nullable=False, server_default=sa.text(nothing))
        )
        batch_op.add_column(sa.Column("excess", BIG, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("excess_from_ms", BIG, nullable=True))
    op.create_table(
        "pace",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("ttfts_us", sa.LargeBinary(), nullable=False),
        sa.Column("wrongs", sa.LargeBinary(), nullable=False),
        sa.Column("hour", BIG, nullable=True),
        sa.Column("usual_us", BIG, nullable=True),
        sa.Column("last_ms", BIG, nullable=True),
        sa.Column("gap_ms", BIG, nullable=False),
        sa.Column("is_slow", sa.Boolean(), nullable=False),
        sa.Column("is_poor", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_table(
        "meter",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("policy", sa.SmallInteger(), nullable=False),
        sa.Column("minute", BIG, nullable=True),
        sa.Column("good", BIG, nullable=False),
        sa.Column("failed", BIG, nullable=False),
        sa.Column("started_ms", BIG, nullable=False),
        sa.Column("ended_ms", BIG, nullable=False),
        sa.Column("gap_ms", BIG, nullable=False),
        sa.Column("first_failed_ms", BIG, nullable=True),
        sa.Column("last_failed_ms", BIG, nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"]),
        sa.PrimaryKeyConstraint("endpoint_id", "policy"),
    )
    with op.batch_alter_table("incident") as batch_op:
        batch_op.alter_column("endpoint_id", existing_type=BIG, nullable=True)
    op.create_index(
        "call_infer",
        "call",
        ["endpoint_id", "started_ms"],
        unique=False,
        sqlite_where=sa.text("kind = 3"),
        postgresql_where=sa.text("kind = 3"),
    )


def downgrade() -> None:
    """Forget them, and the incidents that no endpoint had."""
    op.drop_index("call_infer", "call")
    ours = "SELECT id FROM incident WHERE endpoint_id IS NULL"
    op.execute(f"DELETE FROM outbox WHERE incident_id IN ({ours})")  # noqa: S608 -- no input in it
    op.execute("DELETE FROM incident WHERE endpoint_id IS NULL")
    with op.batch_alter_table("incident") as batch_op:
        batch_op.alter_column("endpoint_id", existing_type=BIG, nullable=False)
    op.drop_table("meter")
    op.drop_table("pace")
    with op.batch_alter_table("health") as batch_op:
        batch_op.drop_column("excess_from_ms")
        batch_op.drop_column("excess")
        batch_op.drop_column("trail")
