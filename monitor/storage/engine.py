"""Engine: how the database is opened, written and read.

One transaction at a time writes, on SQLite and on PostgreSQL: `sqlite` and `postgresql` say how
that is had, and that what is committed survives a power cut.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as Session  # noqa: PLC0414 -- the floors above name it from here

from monitor.storage import postgresql, sqlite


class DatabaseRefused(RuntimeError):
    """The database cannot be used now: full, read-only, locked, broken or not there."""


class Database:
    """One database, with a writing and a reading engine of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._writer, self._reader = (_open(url, may_write=each) for each in (True, False))

    @property
    def path(self) -> Path | None:
        """The file, for SQLite."""
        return path_of(self.url)

    @property
    def name(self) -> str:
        """What the database is called in sentences: the file, or its URL without the password."""
        return name_of(self.url)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back on an error.

        Raises DatabaseRefused.
        """
        with (
            _refusals(self._writer),
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
        with _refusals(self._reader), Session(self._reader) as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _refusals(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if error.orig is None or not is_refusal(error.orig):
            raise  # a row is at fault, not the database
        raise DatabaseRefused(f"the database refused: {spell(error.orig)}") from error
    except (engine.dialect.loaded_dbapi.Error, OSError) as error:
        if not is_refusal(error):
            raise
        raise DatabaseRefused(f"the database refused: {spell(error)}") from error


def is_refusal(error: BaseException) -> bool:
    """Whether a driver's error says that the database cannot be used, not that a row is wrong."""
    return sqlite.is_refusal(error) or postgresql.is_refusal(error)


def spell(error: BaseException) -> str:
    """A driver's error on one line."""
    return " ".join(str(error).split())


def is_file(url: str) -> bool:
    """Whether a URL is one of SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def path_of(url: str) -> Path | None:
    """The file of a SQLite URL."""
    database = make_url(url).database
    return Path(database) if is_file(url) and database else None


def name_of(url: str) -> str:
    """The file of a SQLite URL, or another URL without its password and its options."""
    path = path_of(url)
    if path is not None:
        return str(path)
    parsed = make_url(url)
    shown = parsed.set(drivername=parsed.get_backend_name(), query={})
    return shown.render_as_string(hide_password=True)


def open_plain(url: str) -> Engine:
    """An engine of which nothing is promised, for migrations: they take care of themselves."""
    return create_engine(url) if is_file(url) else postgresql.open_plain(url)


def _open(url: str, *, may_write: bool) -> Engine:
    if is_file(url):
        return sqlite.open_engine(url, may_write=may_write)
    return postgresql.open_engine(url, may_write=may_write)
