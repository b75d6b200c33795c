"""Databases: where the tests' ledgers are, in files of SQLite or on a real PostgreSQL.

Whoever makes one asks here; the fixture `keeper` says which of the two it shall be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.storage.migrate import upgrade
from tests.servers import Server


class Keeper(StrEnum):
    """What keeps a ledger."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class _Choice:
    """The server that keeps ledgers now; `None`: they are files."""

    server: Server | None = None


def make(folder: Path) -> str:
    """The URL of an empty ledger at the newest revision; a file would lie in that folder."""
    server = _Choice.server
    if server is not None:
        return server.create(_template(server))
    (folder / "inferwatch.db").write_bytes(_migrated())
    return f"sqlite:///{folder / 'inferwatch.db'}"


def make_nothing(folder: Path) -> str:
    """The URL of a database in which there is nothing yet."""
    server = _Choice.server
    return f"sqlite:///{folder / 'inferwatch.db'}" if server is None else server.create()


@contextmanager
def kept_by(server: Server | None) -> Iterator[None]:
    """Ledgers are made on this server meanwhile, or as files."""
    before, _Choice.server = _Choice.server, server
    if server is not None:
        _template(server)  # before any test begins, which would take it with it
    try:
        yield
    finally:
        _Choice.server = before


def keep(request: pytest.FixtureRequest) -> Iterator[Keeper]:
    """What a fixture `keeper` yields: the one that its parameter names is in use meanwhile."""
    keeper = Keeper(request.param)
    server = request.getfixturevalue("server") if keeper is Keeper.POSTGRESQL else None
    with kept_by(server):
        yield keeper


@contextmanager
def forgetting() -> Iterator[None]:
    """What is made meanwhile on a server is dropped at the end."""
    server = _Choice.server
    before = 0 if server is None else server.count
    yield
    if server is not None:
        server.drop_after(before)


@cache
def _template(server: Server) -> str:
    """A database to make others like: migrated once, and left alone."""
    url = server.create()
    upgrade(url)
    return Server.name_of(url)


@cache
def _migrated() -> bytes:
    """An empty file at the newest revision: migrating takes a second, a copy none."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()
