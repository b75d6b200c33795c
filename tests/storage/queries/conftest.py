"""Databases for the tests of queries: real SQLite files."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from zoneinfo import ZoneInfo

import pytest

from monitor.storage.engine import Database
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import HOMES, Seeded, create_tables, make_book, seed_names

UTC = ZoneInfo("UTC")


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("template") / "some.db"
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        create_tables(session)
    database.close()
    return path


@pytest.fixture
def empty(template: Path, tmp_path: Path) -> Iterator[Database]:
    """Nothing yet: a book can be written to it."""
    database = Database(f"sqlite:///{copy(template, tmp_path)}")
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """Two endpoints without a past."""
    with empty.writing() as session:
        seed_names(session, UTC)
    return empty


@pytest.fixture(scope="package", params=list(HOMES))
def seeded(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seeded]:
    """Four days of calls and states over a change of the clock; not to be changed."""
    home = ZoneInfo(request.param)
    book = make_book(home, HOMES[request.param], days=4)
    database = Database(f"sqlite:///{copy(template, tmp_path_factory.mktemp('seeded'))}")
    with database.writing() as session:
        write_book(session, book)
    yield Seeded(database, book)
    database.close()
