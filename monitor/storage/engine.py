"""Engine: how the database is opened, written and read.

SQLite runs in WAL mode at `synchronous=FULL`: a committed call survives a power cut. Writers take
`BEGIN IMMEDIATE`, since a deferred read-then-write fails at once when another one is ahead.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session as Session  # noqa: PLC0414 -- the floors above name it from here

_SHARED_PRAGMAS = {"foreign_keys": "ON", "busy_timeout": 5000, "cache_size": -32768}
_WRITER_PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL"} | _SHARED_PRAGMAS
_READER_PRAGMAS = _SHARED_PRAGMAS | {"query_only": "ON"}


class DatabaseRefused(RuntimeError):
    """The database cannot be used now: full, read-only, locked, broken or not there."""


class Database:
    """One database, with a writing and a reading engine of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._writer = _engine(url, _WRITER_PRAGMAS, "BEGIN IMMEDIATE")
        self._reader = _engine(url, _READER_PRAGMAS, "BEGIN")

    @property
    def path(self) -> Path | None:
        """The file, for SQLite."""
        return path_of(self.url)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back on an error.

        Raises DatabaseRefused.
        """
        with (
            _refusals(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot change it.

        Raises DatabaseRefused.
        """
        with _refusals(), Session(self._reader) as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError):
        raise  # a row is at fault, not the database
    except DatabaseError as error:
        raise DatabaseRefused(f"the database refused: {error.orig}") from error


def path_of(url: str) -> Path | None:
    """The file of a SQLite URL."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    return Path(parsed.database) if is_file and parsed.database else None


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
