"""Acknowledgements, notes and post-mortems of incidents.

Revision ID: 0020
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "acknowledgement",
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_table(
        "note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("note_incident", "note", ["incident_id", "id"])


def downgrade() -> None:
    """Forget what people said."""
    op.drop_table("note")
    op.drop_table("acknowledgement")
