import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, func, inspect, select, text

from monitor.domain.calls import Kind
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.prices import Authority, PriceList, Rate
from monitor.domain.tiers import ServiceTier
from monitor.storage import migrate, quarantine
from monitor.storage.calls import COLUMNS
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.probing import NewestRow
from monitor.storage.models.rollups import UsageDay
from tests.making import (
    ENDPOINT,
    OTHER,
    load_reference,
    open_database,
    probe,
    record,
    request,
)
from tests.services.test_replay import MADE, dump

#: What a call had from the first revision on.
_SINCE_THE_FIRST = ", ".join(f'"{name}"' for name in COLUMNS if name != "service_tier")
#: Tables whose rows every revision since the first leaves as they are.
OLD = (
    *(table for table in MADE if table not in {"user_day", "tag_day"}),
    f"(SELECT {_SINCE_THE_FIRST} FROM call)",  # noqa: S608 -- names are ours
    "call_detail",
    "slice",
    "account",
    "attribution",
)


def test_migrations_and_models_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    migrate.upgrade(url)

    command.check(migrate._config(url))  # raises where the models ask for anything more
    assert migrate.current(url) == migrate.head()


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

    with pytest.raises(DatabaseRefused, match="0000"):
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


def test_a_database_of_the_first_revision_is_carried_over_with_its_rows(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0), *(probe(t, Outcome.OVERLOADED) for t in (300, 303, 325))])
    kept, endpoints = dump(database, OLD), dump(database, ["endpoint"])
    command.downgrade(migrate._config(database.url), "0001")
    assert dump(database, OLD) == kept

    assert migrate.upgrade(database.url)
    assert (dump(database, OLD), dump(database, ["endpoint"])) == (kept, endpoints)
    record(database, [probe(600), probe(603)])
    with database.reading() as session:
        assert session.scalar(select(func.count(IncidentRow.closed_ms))) == 1
    database.close()


def test_the_newest_probes_are_read_from_the_ledger_that_was(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0), probe(300, Outcome.OVERLOADED), request(400)])
    command.downgrade(migrate._config(database.url), "0006")

    migrate.upgrade(database.url)
    with database.reading() as session:
        [row] = session.scalars(select(NewestRow))
        assert (row.kind, row.outcome, row.call_id) == (Kind.INFER, Outcome.OVERLOADED, 2)
    database.close()


def test_what_lies_in_quarantine_is_carried_over(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    command.downgrade(migrate._config(database.url), "0011")
    with database.writing() as session:
        session.execute(text("INSERT INTO quarantine (at_ms, reason, call) VALUES (1, 'a', 'b')"))
        session.execute(text("INSERT INTO quarantine (at_ms, reason, call) VALUES (1, 'a', 'b')"))

    migrate.upgrade(database.url)
    with database.reading() as session:
        assert quarantine.count(session) == 2
    database.close()


def test_incidents_are_those_of_the_rules_that_open_them(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0), *(probe(t, Outcome.OVERLOADED) for t in (300, 303, 325))])
    record(database, [probe(t, Outcome.RATE_LIMITED) for t in (400, 403)])
    record(database, [probe(t, Outcome.AUTH, endpoint=OTHER.id) for t in (500, 503)])
    record(database, [probe(600, LocalFailure.NETWORK_LOCAL)])
    chosen = select(IncidentRow.rule, IncidentRow.subject, IncidentRow.severity, IncidentRow.facts)
    with database.reading() as session:
        before = session.execute(chosen.order_by(IncidentRow.id)).all()
    command.downgrade(migrate._config(database.url), "0020")

    migrate.upgrade(database.url)
    with database.reading() as session:
        assert session.execute(chosen.order_by(IncidentRow.id)).all() == before
    assert {(each[0], each[2]) for each in before} >= {
        ("down", "critical"),
        ("account", "warning"),
        ("network", "warning"),
    }
    database.close()


NO_ROOM = """
import resource, sys
from monitor.storage.engine import DatabaseRefused
from monitor.storage.migrate import upgrade
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    upgrade(sys.argv[1])
except DatabaseRefused as error:
    print(error)
"""


def upgrade_without_room(url: str, room_bytes: int) -> str:
    """What an upgrade says whose file cannot grow beyond so many bytes."""
    argv = [sys.executable, "-c", NO_ROOM, url, str(room_bytes)]
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_a_migration_that_was_cut_short_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    said = upgrade_without_room(url, 100_000)

    assert said.startswith(f"{tmp_path / 'some.db'}: disk I/O error; check its disk")
    assert migrate.current(url) is None
    assert migrate.upgrade(url)


def test_a_backup_that_found_no_room_is_not_left_behind(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    database.close()
    said = upgrade_without_room(database.url, 50_000)

    assert "inferwatch.db.before-upgrade-from-0000.part: " in said
    assert [each.name for each in tmp_path.iterdir()] == ["inferwatch.db"]


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(b"garbage " * 1_000)

    for step in (migrate.current, migrate.upgrade):
        with pytest.raises(DatabaseRefused, match=r"some\.db: file is not a database; move it"):
            step(f"sqlite:///{path}")
    assert path.read_bytes() == b"garbage " * 1_000


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match=r"gone/some\.db: unable to open .*; check that its"):
        migrate.upgrade(f"sqlite:///{tmp_path / 'gone' / 'some.db'}")


def test_a_locked_database_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseRefused, match=r"some\.db: database is locked; another program"):
            migrate.upgrade(f"sqlite:///{path}")


def test_a_database_of_another_version_is_told_apart(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(DatabaseRefused, match=r"'9999'; it was written by another version"):
        migrate.upgrade(database.url)


def test_a_ledger_of_the_first_revision_is_carried_over(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0)])
    database.close()
    config = migrate._config(database.url)
    command.downgrade(config, "0001")
    migrate.upgrade(database.url)

    with database.reading() as session:
        assert session.scalar(select(func.sum(UsageDay.n))) == 1
        assert session.scalar(text("SELECT count(*) FROM former_id")) == 0
    database.close()


def test_failures_of_calls_that_stand_are_counted_by_their_class(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    outcomes = (Outcome.OK, Outcome.OVERLOADED, Outcome.OVERLOADED, Outcome.AUTH)
    record(database, [probe(n, outcome) for n, outcome in enumerate(outcomes)])
    counted = "SELECT endpoint_id, bucket, origin, outcome, n FROM failure_15m"
    with database.reading() as session:
        before = session.execute(text(counted)).all()
    database.close()
    command.downgrade(migrate._config(database.url), "0002")
    migrate.upgrade(database.url)

    with database.reading() as session:
        assert session.execute(text(counted)).all() == before
        assert sorted(row.n for row in before) == [1, 2]
    database.close()


def test_prices_of_the_older_revision_keep_their_meaning(tmp_path: Path) -> None:
    tier = Rate("output", 2_000, above_tokens=200_000, from_minute=990, to_minute=30)
    plain = PriceList((Rate("input", 1_000), tier), "genai-prices", valid_from_ms=5)
    own = PriceList((Rate("input", 0),), "settings", 0, authority=Authority.SETTINGS)
    database = open_database(tmp_path, priced={ENDPOINT.id: plain, OTHER.id: own})
    before = load_reference(database).tariffs
    command.downgrade(migrate._config(database.url), "0009")

    migrate.upgrade(database.url)
    assert load_reference(database).tariffs == before
    database.close()


def test_going_back_leaves_no_rate_that_would_be_read_as_another(tmp_path: Path) -> None:
    batch = Rate("input", 500, service_tier=ServiceTier.BATCH)
    weekends = Rate("input", 600, -1, 0, 60, weekdays=0b110_0000)
    prices = PriceList((Rate("input", 1_000), batch, weekends), "genai-prices", valid_from_ms=0)
    database = open_database(tmp_path, priced={ENDPOINT.id: prices})
    command.downgrade(migrate._config(database.url), "0009")

    with database.reading() as session:
        assert session.execute(text("SELECT pico_usd FROM price")).scalars().all() == [1_000]
    database.close()
