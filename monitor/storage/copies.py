"""Copies of a whole database: made while others write, looked at, and put in its place.

SQLite copies page by page out of one snapshot. Into a database that is open elsewhere it writes in
one transaction: readers go on in the old state, and a crash in the middle leaves that.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitor.storage.engine import DatabaseRefused
from monitor.storage.facts import TOKEN_KEY
from monitor.storage.migrate import is_known
from monitor.storage.refusals import naming

Tell = Callable[[int, int], None]
Row = tuple[object, ...]
_PAGES_A_STEP = 1024
_SIDES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds. `newest_ms` is the start of its newest call, `None` without any."""

    revision: str
    calls: int
    newest_ms: int | None
    size_bytes: int


def copy(source: Path, target: Path, tell: Tell) -> None:
    """A new file with what is in a database now, complete on disk; `tell` hears pages done, of all.

    Raises DatabaseRefused; there is no file then.
    """
    remove(target)
    try:
        with naming(_url(source)):
            _copy_pages(source, target, tell)
            shutil.copymode(source, target)
            _sync(target)
    except BaseException:
        remove(target)
        raise


def load(source: Path, target: Path, tell: Tell) -> None:
    """Put a copy's contents in the place of a live database's, in one transaction.

    Raises DatabaseRefused, with the database as it was.
    """
    with naming(_url(target)), closing(_open(source)) as copy, closing(_open(target)) as live:
        live.execute("PRAGMA synchronous=FULL")
        copy.backup(live, pages=_PAGES_A_STEP, progress=_progress(tell))
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def keep_tokens(live: Path, copy: Path) -> None:
    """Put the API tokens of a live database, and their key, in the place of a copy's own.

    One that never had a token leaves the copy's alone. Raises DatabaseRefused.
    """
    with naming(_url(live)), closing(_open(live)) as database:
        names, tokens, key = _read_tokens(database)
    if not tokens:
        return
    places = ", ".join("?" * len(names))
    put = f"INSERT INTO api_token ({', '.join(names)}) VALUES ({places})"  # noqa: S608 -- names are ours
    with naming(_url(copy)), closing(_open(copy)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM api_token")
        database.executemany(put, tokens)
        database.execute("DELETE FROM fact WHERE name = ?", (TOKEN_KEY,))
        database.executemany("INSERT INTO fact (name, value) VALUES (?, ?)", key)
        database.execute("COMMIT")


def revoke_tokens(path: Path, now_ms: int) -> int:
    """Let none of a copy's API tokens hold any longer; how many did. Raises DatabaseRefused."""
    with naming(_url(path)), closing(_open(path)) as database:
        revoke = "UPDATE api_token SET revoked_ms = ? WHERE revoked_ms IS NULL"
        return database.execute(revoke, (now_ms,)).rowcount


def inspect(path: Path) -> Contents:
    """What a file holds, checked from end to end. Raises DatabaseRefused where it is no ledger."""
    if not path.is_file():
        raise DatabaseRefused(f"{path}: there is no such file; look at its name")
    with naming(_url(path)), closing(_open(path, mode="ro")) as database:
        damage = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
        if damage != ["ok"]:
            raise DatabaseRefused(f"{path}: is damaged ({damage[0]}); use another backup")
        revision = _revision(path, database)
        calls, newest_ms = database.execute("SELECT count(*), max(started_ms) FROM call").fetchone()
    return Contents(revision, calls, newest_ms, path.stat().st_size)


def settle(part: Path, target: Path, *, may_replace: bool) -> None:
    """Give a finished file its name, whole or not at all.

    Raises FileExistsError where the name is taken and may not be replaced.
    """
    if may_replace:
        part.replace(target)
    else:
        os.link(part, target)  # unlike a rename, this fails where the name is taken
        part.unlink()
    _sync(target.parent)


def remove(path: Path) -> None:
    """No such file afterwards, nor what SQLite keeps beside it."""
    for each in (path, *(path.with_name(path.name + side) for side in _SIDES)):
        each.unlink(missing_ok=True)


def move(path: Path, target: Path) -> None:
    """Rename a file that is no database any more, with what SQLite kept beside it."""
    for side in (*_SIDES, ""):
        each = path.with_name(path.name + side)
        if each.exists():
            each.rename(target.with_name(target.name + side))


def _read_tokens(database: sqlite3.Connection) -> tuple[list[str], list[Row], list[Row]]:
    """Columns and rows of the tokens, and the fact with their key."""
    has_table = "SELECT count(*) FROM sqlite_master WHERE name = 'api_token'"
    if not database.execute(has_table).fetchone()[0]:
        return [], [], []  # of a time before there were any
    database.execute("BEGIN")
    found = database.execute("SELECT * FROM api_token")
    names, tokens = [column[0] for column in found.description], found.fetchall()
    key = database.execute("SELECT name, value FROM fact WHERE name = ?", (TOKEN_KEY,)).fetchall()
    database.execute("COMMIT")
    return names, tokens, key


def _copy_pages(source: Path, target: Path, tell: Tell) -> None:
    with closing(_open(source)) as database, closing(sqlite3.connect(target)) as copied:
        # One snapshot for all steps: else each commit of the writer would start the copy anew.
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.backup(copied, pages=_PAGES_A_STEP, progress=_progress(tell))
        copied.execute("PRAGMA journal_mode=DELETE")


def _revision(path: Path, database: sqlite3.Connection) -> str:
    has_table = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    found = (
        database.execute(has_table).fetchone()[0]
        and database.execute("SELECT version_num FROM alembic_version").fetchone()
    )
    if not found:
        raise DatabaseRefused(f"{path}: is no ledger of inferwatch; use a backup of one")
    revision = str(found[0])
    if not is_known(revision):
        raise DatabaseRefused(
            f"{path}: is of a newer version of inferwatch (revision {revision}); install that one"
        )
    return revision


def _progress(tell: Tell) -> Callable[[int, int, int], None]:
    return lambda _, left, total: tell(total - left, total)


def _open(path: Path, mode: str = "rw") -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _url(path: Path) -> str:
    return f"sqlite:///{path}"
