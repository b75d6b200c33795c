"""Run migrations in one transaction, with foreign keys off and checked at the end.

A batch rebuild of a parent table would cascade over its children with foreign keys on. One
transaction, for a migration that is cut short (killed, disk full) must leave nothing behind.
"""

import sqlite3

from alembic import context
from sqlalchemy import Connection, Engine, event, text

from monitor.storage import postgresql
from monitor.storage.engine import is_file, open_plain
from monitor.storage.models import (
    access,
    alerts,
    bills,
    budgets,
    health,
    imports,
    incidents,
    ledger,
    operations,
    prices,
    probing,
    rollups,
    silences,
)
from monitor.storage.models.base import Base

MODELS = (
    access,
    alerts,
    bills,
    budgets,
    health,
    imports,
    incidents,
    ledger,
    operations,
    prices,
    probing,
    rollups,
    silences,
)


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


def open_engine(url: str) -> Engine:
    """An engine whose transactions write alone."""
    opened = open_plain(url)
    if is_file(url):
        event.listen(opened, "connect", prepare)
    event.listen(opened, "begin", begin if is_file(url) else postgresql.lock)
    return opened


engine = open_engine(str(context.config.get_main_option("sqlalchemy.url")))
with engine.connect() as open_connection:
    run(open_connection)
    open_connection.commit()
engine.dispose()
