"""SQLite: WAL mode at `synchronous=FULL`, so that a committed call survives a power cut.

Writers take `BEGIN IMMEDIATE`, since a deferred read-then-write fails at once when another one is
ahead.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

_SHARED_PRAGMAS = {"foreign_keys": "ON", "busy_timeout": 5000, "cache_size": -32768}
_WRITER_PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL"} | _SHARED_PRAGMAS
_READER_PRAGMAS = _SHARED_PRAGMAS | {"query_only": "ON"}
_OF_ROWS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)


def open_engine(url: str, *, may_write: bool) -> Engine:
    """An engine that writes, or one that can only read."""
    if may_write:
        return _engine(url, _WRITER_PRAGMAS, "BEGIN IMMEDIATE")
    return _engine(url, _READER_PRAGMAS, "BEGIN")


def is_refusal(error: BaseException) -> bool:
    """Whether SQLite says that the database cannot be used, not that a row is wrong."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _OF_ROWS)


def _engine(url: str, pragmas: dict[str, Any], begin: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 5, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
