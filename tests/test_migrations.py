from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, func, inspect, select, text

from monitor.storage import migrate
from monitor.storage.engine import Database
from monitor.storage.models.rollups import UsageDay
from tests.making import open_database, probe, record


def test_migrations_and_models_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    migrate.upgrade(url)

    command.check(migrate._config(url))


def test_upgrading_a_database_that_is_up_to_date_does_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"

    assert [migrate.upgrade(url), migrate.upgrade(url)] == [True, False]
    assert migrate.current(url) == migrate.head()


def test_a_backup_is_made_before_rows_are_touched(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0)])
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    database.close()

    with pytest.raises(Exception, match="0000"):
        migrate.upgrade(database.url)

    copy = Database(f"sqlite:///{tmp_path / 'inferwatch.db.before-upgrade-from-0000'}")
    with copy.reading() as session:
        assert session.scalar(select(func.sum(UsageDay.n))) == 1
    copy.close()


def test_the_first_revision_can_be_taken_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    migrate.upgrade(url)

    command.downgrade(migrate._config(url), "base")

    engine = create_engine(url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
