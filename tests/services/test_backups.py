import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select, text

from monitor.domain.secrets import Secret
from monitor.domain.tokens import Scope
from monitor.runtime.doorman import Doorman, NotAdmitted
from monitor.services import backups, tokens
from monitor.services.backups import BackupRefused, Restored
from monitor.services.doctor import sums_agree
from monitor.storage import migrate
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.models.ledger import CallRow
from tests.making import MONDAY_MS, open_database, probe, record


def say_nothing(_done: int, _of: int) -> None:
    pass


def fill(folder: Path, calls: int) -> Path:
    """A ledger of so many calls."""
    folder.mkdir(exist_ok=True)
    database = open_database(folder)
    record(database, [probe(60 * n) for n in range(calls)])
    database.close()
    return folder / "inferwatch.db"


def back_up(path: Path, target: Path, *, may_replace: bool = False) -> Path:
    backups.back_up(path, target, say_nothing, may_replace=may_replace)
    return target


def restore(backup: Path, path: Path, *, may_move: bool = True) -> Restored:
    contents = backups.prepare(backup, path, say_nothing)
    return backups.restore(path, contents, 1_000_000, say_nothing, may_move=may_move)


def count(path: Path) -> int:
    with closing(Database(f"sqlite:///{path}")) as database, database.reading() as session:
        assert sums_agree(session) == []
        return session.scalar(select(func.count()).select_from(CallRow)) or 0


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_one_whole_file(tmp_path: Path) -> None:
    path, told = fill(tmp_path, 5), list[tuple[int, int]]()
    contents = backups.back_up(
        path, tmp_path / "copy.db", lambda done, of: told.append((done, of)), may_replace=False
    )

    assert (contents.calls, count(tmp_path / "copy.db")) == (5, 5)
    assert (contents.revision, told[-1][0]) == (migrate.head(), told[-1][1])


def test_a_backup_leaves_nothing_else_behind(tmp_path: Path) -> None:
    path = fill(tmp_path / "home", 1)
    before = names(path.parent)
    (tmp_path / "away").mkdir()
    (tmp_path / "away/.copy.db.part").write_text("of one that was killed")
    back_up(path, tmp_path / "away/copy.db")

    assert names(tmp_path / "away") == {"copy.db"}
    assert names(path.parent) == before


def test_a_backup_writes_over_a_file_only_when_told_to(tmp_path: Path) -> None:
    path, target = fill(tmp_path, 2), tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(BackupRefused, match="is there already; choose another name, or give --f"):
        back_up(path, target)
    kept = target.read_text()
    back_up(path, target, may_replace=True)

    assert (kept, count(target)) == ("precious", 2)


def test_a_restored_ledger_is_the_backup_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = fill(tmp_path, 2)
    backup = back_up(path, tmp_path / "copy.db")
    with closing(Database(f"sqlite:///{path}")) as database:
        record(database, [probe(6000)])
    restored = restore(backup, path)

    assert (count(path), restored.contents.calls) == (2, 2)
    assert restored.kept is not None
    assert restored.kept.name == "inferwatch.db.before-restore-19700101T001640.000Z"
    assert count(restored.kept) == 3


def test_who_reads_meanwhile_goes_on_and_then_sees_the_restored_one(tmp_path: Path) -> None:
    path = fill(tmp_path, 3)
    backup = back_up(fill(tmp_path / "other", 1), tmp_path / "copy.db")
    statement = select(func.count()).select_from(CallRow)
    with closing(Database(f"sqlite:///{path}")) as database:
        with database.reading() as session:
            before = session.scalar(statement)
            restore(backup, path, may_move=False)
            meanwhile = session.scalar(statement)
        with database.reading() as session:
            after = session.scalar(statement)

    assert (before, meanwhile, after) == (3, 3, 1)


def test_a_backup_of_an_older_revision_is_brought_up_to_date(tmp_path: Path) -> None:
    path, old = fill(tmp_path, 1), fill(tmp_path / "old", 4)
    command.downgrade(migrate._config(f"sqlite:///{old}"), "0001")
    restore(old, path)

    assert (count(path), migrate.current(f"sqlite:///{path}")) == (4, migrate.head())
    assert migrate.current(f"sqlite:///{old}") == "0001"


def test_a_backup_of_a_newer_revision_is_refused(tmp_path: Path) -> None:
    path, newer = fill(tmp_path, 1), fill(tmp_path / "newer", 1)
    with closing(Database(f"sqlite:///{newer}")) as database, database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseRefused, match=r"newer version of inferwatch \(revision 9999\)"):
        restore(newer, path)
    assert (count(path), "inferwatch.db.restoring" in names(tmp_path)) == (1, False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"garbage " * 1000, "file is not a database; "),
        (b"", "is no ledger of inferwatch; use a backup of one"),
        (None, "there is no such file; look at its name"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path, backup = fill(tmp_path, 1), tmp_path / "copy.db"
    if content is not None:
        backup.write_bytes(content)

    with pytest.raises(DatabaseRefused, match=says):
        restore(backup, path)
    assert count(path) == 1


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    path = fill(tmp_path, 300)
    backup = back_up(path, tmp_path / "copy.db")
    whole = bytearray(backup.read_bytes())
    whole[8192 : len(whole) - 4096] = b"\xff" * (len(whole) - 12_288)
    backup.write_bytes(whole)

    with pytest.raises(DatabaseRefused, match=r"copy\.db: "):
        restore(backup, path)
    assert count(path) == 300


def test_the_ledger_is_no_backup_of_itself(tmp_path: Path) -> None:
    path = fill(tmp_path, 1)

    with pytest.raises(BackupRefused, match="is the ledger itself; name another file"):
        back_up(path, path, may_replace=True)
    with pytest.raises(BackupRefused, match="is the ledger itself; name another file"):
        restore(path, path)


def test_a_ledger_that_is_no_database_any_more_is_moved_away(tmp_path: Path) -> None:
    backup = back_up(fill(tmp_path, 2), tmp_path / "copy.db")
    path = tmp_path / "inferwatch.db"
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(DatabaseRefused):
        restore(backup, path, may_move=False)
    restored = restore(backup, path)

    assert count(path) == 2
    assert restored.kept is not None
    assert restored.kept.read_bytes() == b"garbage " * 1000


def test_a_ledger_that_is_not_there_is_put_there(tmp_path: Path) -> None:
    backup = back_up(fill(tmp_path / "other", 2), tmp_path / "copy.db")
    restored = restore(backup, tmp_path / "inferwatch.db")

    assert (count(tmp_path / "inferwatch.db"), restored.kept) == (2, None)


def test_a_restore_that_fails_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    path = fill(tmp_path, 1)
    contents = backups.prepare(back_up(path, tmp_path / "copy.db"), path, say_nothing)
    (tmp_path / "inferwatch.db.restoring").write_bytes(b"garbage " * 1000)

    with pytest.raises(DatabaseRefused):
        backups.restore(path, contents, 1, say_nothing, may_move=False)
    with closing(sqlite3.connect(path)) as live:
        assert live.execute("SELECT count(*) FROM call").fetchone() == (1,)


def test_a_writer_beside_does_not_make_the_copy_begin_anew(tmp_path: Path) -> None:
    path = fill(tmp_path, 1)
    steps: list[int] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO fact VALUES ('ballast', CAST(zeroblob(30000000) AS TEXT))")

        def write(done: int, _of: int) -> None:
            steps.append(done)
            assert len(steps) < 100
            other.execute("INSERT INTO fact VALUES (?, '')", (f"step {len(steps)}",))

        backups.back_up(path, tmp_path / "copy.db", write, may_replace=False)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
        found = copied.execute("SELECT count(*) FROM fact WHERE name LIKE 'step %'").fetchone()

    assert (steps == sorted(steps), len(steps) > 5, found) == (True, True, (0,))


def test_what_is_not_there_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="run `inferwatch up` first"):
        back_up(tmp_path / "inferwatch.db", tmp_path / "copy.db")

    assert names(tmp_path) == set()


def make_token(path: Path, name: str) -> Secret:
    with closing(Database(f"sqlite:///{path}")) as database, database.writing() as session:
        return tokens.create(session, name, [Scope.INGEST], MONDAY_MS)


def revoke_token(path: Path, name: str) -> None:
    with closing(Database(f"sqlite:///{path}")) as database, database.writing() as session:
        tokens.revoke(session, name, MONDAY_MS)


def is_let_in(path: Path, token: Secret) -> bool:
    with closing(Database(f"sqlite:///{path}")) as database:
        try:
            Doorman(database).admit(f"Bearer {token.reveal()}", Scope.INGEST, MONDAY_MS + 5_000)
        except NotAdmitted:
            return False
        return True


def test_a_token_that_was_revoked_since_the_backup_stays_so(tmp_path: Path) -> None:
    path = fill(tmp_path / "home", 1)
    gone, stays = make_token(path, "gone"), make_token(path, "stays")
    backup = back_up(path, tmp_path / "copy.db")
    revoke_token(path, "gone")
    new = make_token(path, "new")
    restored = restore(backup, path)

    assert [is_let_in(path, each) for each in (gone, stays, new)] == [False, True, True]
    assert restored.revoked == 0


def test_a_ledger_that_never_had_a_token_takes_those_of_the_backup(tmp_path: Path) -> None:
    path, other = fill(tmp_path / "home", 1), fill(tmp_path / "other", 1)
    token = make_token(other, "ci")
    restore(back_up(other, tmp_path / "copy.db"), path)

    assert is_let_in(path, token)


def test_beside_a_ledger_that_cannot_be_read_no_token_of_the_backup_holds(tmp_path: Path) -> None:
    path = fill(tmp_path / "home", 1)
    token = make_token(path, "ci")
    backup = back_up(path, tmp_path / "copy.db")
    path.write_bytes(b"garbage " * 1000)
    restored = restore(backup, path)

    assert (restored.revoked, is_let_in(path, token)) == (1, False)
