"""Run migrations in one transaction, with foreign keys off and checked at the end.

A batch rebuild of a parent table would cascade over its children with foreign keys on. One
transaction, for a migration that is cut short (killed, disk full) must leave nothing behind.
"""

import sqlite3

from alembic import context
from sqlalchemy import Connection, create_engine, event, text

from monitor.storage.models import access, health, ledger, operations, prices, probing, rollups
from monitor.storage.models.base import Base

MODELS = (access, health, ledger, operations, prices, probing, rollups)


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            _check_references(connection)


def _check_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"after the migration {len(broken)} rows point nowhere: {broken[:3]}")


def prepare(connection: sqlite3.Connection, _: object) -> None:
    """Leave transactions to us: left alone, the driver commits each table as it is made."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=OFF")


def begin(connection: Connection) -> None:
    """Take the write lock at once."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


engine = create_engine(str(context.config.get_main_option("sqlalchemy.url")))
if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
with engine.connect() as open_connection:
    run(open_connection)
    open_connection.commit()
engine.dispose()
