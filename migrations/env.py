"""Run migrations in one transaction, with foreign keys off and checked at the end.

A batch rebuild of a parent table would cascade over its children with foreign keys on.
"""

from alembic import context
from sqlalchemy import Connection, create_engine, text

from monitor.storage.models import health, ledger, operations, prices, rollups
from monitor.storage.models.base import Base

MODELS = (health, ledger, operations, prices, rollups)


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_sqlite:
        _check_references(connection)


def _check_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"after the migration {len(broken)} rows point nowhere: {broken[:3]}")


engine = create_engine(str(context.config.get_main_option("sqlalchemy.url")))
with engine.connect() as open_connection:
    run(open_connection)
    open_connection.commit()
engine.dispose()
