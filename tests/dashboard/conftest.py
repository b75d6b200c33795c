"""Databases and reads for the tests of pages: real SQLite files, a real clock."""

import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from dashboard.reads import Reads
from monitor.settings.model import Settings
from monitor.storage.engine import Database
from monitor.storage.migrate import upgrade
from tests.dashboard.book import HOME, Book, write_day


def read_clock() -> int:
    """Now, in whole seconds of milliseconds."""
    return int(time.time()) * 1_000


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file with nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "inferwatch.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def book(template: Path, tmp_path: Path) -> Iterator[Book]:
    """An empty ledger."""
    database = Database(f"sqlite:///{copy(template, tmp_path)}")
    yield Book(database, read_clock())
    database.close()


@pytest.fixture(scope="module")
def day(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A day of three endpoints; not to be changed."""
    database = Database(f"sqlite:///{copy(template, tmp_path_factory.mktemp('day'))}")
    book = Book(database, read_clock())
    write_day(book)
    yield book
    database.close()


@pytest.fixture
def reads(book: Book) -> Reads:
    """What pages are drawn from, over the empty ledger."""
    return Reads(book.database, HOME)


@pytest.fixture
def day_reads(day: Book) -> Reads:
    """What pages are drawn from, over the day."""
    return Reads(day.database, HOME)


def settings_for(database: Database, *, is_demo: bool = False) -> Settings:
    """The settings of a dashboard over a database."""
    assert database.path is not None
    return Settings(
        path=database.path.with_name("inferwatch.yaml"),
        database_url=database.url,
        zone=HOME,
        is_demo=is_demo,
    )
