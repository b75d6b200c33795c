"""Refusals: why a database does not let itself be used, in words that say what to do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from monitor.storage import postgresql
from monitor.storage.engine import DatabaseRefused, is_file, is_refusal, name_of, spell

_PRIMARY = 0xFF
_ELSE = "check that the file and its folder are there and can be written to"
_REMEDIES = {
    sqlite3.SQLITE_NOTADB: "move it away, or put a backup in its place",
    sqlite3.SQLITE_CORRUPT: "put a backup in its place",
    sqlite3.SQLITE_CANTOPEN: "check that its folder is there and can be written to",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable for this user",
    sqlite3.SQLITE_BUSY: "another program has it locked; stop that one first",
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "check its disk, and the room on it",
}


@contextmanager
def naming(url: str) -> Iterator[None]:
    """Turn a driver's own errors into a DatabaseRefused that names the database and the remedy."""
    try:
        yield
    except DBAPIError as error:
        if error.orig is None or not is_refusal(error.orig):
            raise  # a statement is at fault, not the database
        raise DatabaseRefused(_explain(url, error.orig)) from error
    except (sqlite3.Error, OSError) as error:
        raise DatabaseRefused(_explain(url, error)) from error


def is_unreadable(error: DatabaseRefused) -> bool:
    """Whether the file is no database any more, as far as SQLite can tell."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def _explain(url: str, error: BaseException) -> str:
    remedy = _remedy(error) if is_file(url) else postgresql.advise(error)
    return f"{name_of(url)}: {spell(error)}; {remedy}"


def _remedy(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    return _ELSE if code is None else _REMEDIES.get(code & _PRIMARY, _ELSE)
