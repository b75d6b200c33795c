import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.storage import facts, glance, migrate
from monitor.storage.engine import Database

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'some #1.db'}"
    migrate.upgrade(found)
    return found


def test_the_newest_revision_is_that_of_alembic() -> None:
    assert glance.newest_revision() == migrate.head()


def test_a_migrated_database_is_seen_to_be_newest(url: str) -> None:
    assert glance.is_newest(url)


def test_a_database_of_another_revision_is_not_newest(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()

    assert not glance.is_newest(url)


@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 100])
def test_what_is_no_ledger_is_not_newest_and_is_left_alone(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "some.db"
    if content is not None:
        path.write_bytes(content)

    assert not glance.is_newest(f"sqlite:///{path}")
    assert (path.read_bytes() if path.exists() else None) == content


def test_another_kind_of_database_is_not_glanced_at() -> None:
    assert not glance.is_newest("postgresql://localhost/some")


def test_a_fact_is_seen(url: str) -> None:
    before = glance.fact(url, facts.DEMO_LOADED)
    with closing(Database(url)) as database, database.writing() as session:
        facts.state(session, glance.DEMO_LOADED, "7")

    assert (before, glance.fact(url, facts.DEMO_LOADED)) == (None, "7")


def test_a_glance_loads_nothing_heavy() -> None:
    code = (
        "import monitor.cli.starting, sys\n"
        "print([m for m in ('sqlalchemy', 'alembic', 'typer') if m in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"
