"""Databases for the tests of queries, with calls and without."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.storage.engine import Database
from tests import databases
from tests.databases import Keeper
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import HOMES, Seeded, make_book, seed_names

UTC = ZoneInfo("UTC")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """Nothing yet: a book can be written to it."""
    database = Database(databases.make(tmp_path))
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
    request: pytest.FixtureRequest, keeper: Keeper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seeded]:
    """Four days of calls and states over a change of the clock; not to be changed."""
    home = ZoneInfo(request.param)
    book = make_book(home, HOMES[request.param], days=4)
    database = Database(databases.make(tmp_path_factory.mktemp(keeper.value)))
    with database.writing() as session:
        write_book(session, book)
    yield Seeded(database, book)
    database.close()
