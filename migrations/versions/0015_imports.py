"""How far files were read into the ledger.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the table; no file was read yet."""
    op.create_table(
        "import_file",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", BIG, nullable=False),
        sa.Column("bad", BIG, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("noted_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    """Forget it: a file that is imported again is read from its beginning, and changes nothing."""
    op.drop_table("import_file")
