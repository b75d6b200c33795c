"""Backups: a whole ledger as one file, and back. Both are whole or have not happened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.storage import copies
from monitor.storage.copies import Contents, Tell
from monitor.storage.engine import DatabaseRefused
from monitor.storage.migrate import head, upgrade
from monitor.storage.refusals import is_unreadable

#: For a ledger on a server.
NOT_A_FILE = (
    "only ledgers in files are copied so; this one is on PostgreSQL: back it up with pg_dump, and "
    "put it back with pg_restore while no monitor runs"
)


class BackupRefused(RuntimeError):
    """A backup that cannot be made or restored so; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What the ledger holds now, and which file keeps the one before; `None`: there was none.

    `revoked` counts tokens of the backup that hold no longer, since nobody can tell which of them
    were revoked after it was made.
    """

    contents: Contents
    kept: Path | None
    revoked: int = 0


def back_up(database: Path, target: Path, tell: Tell, *, may_replace: bool) -> Contents:
    """Write a verified copy of a ledger, whoever uses it meanwhile.

    Raises BackupRefused and DatabaseRefused; `target` is then as it was.
    """
    _demand_another(database, target)
    if not database.exists():
        raise BackupRefused(f"there is no ledger yet ({database}); run `inferwatch up` first")
    if target.exists() and not may_replace:
        raise _taken(target)
    if not target.parent.is_dir():
        raise BackupRefused(f"{target.parent} is no folder; make it first, or choose another")
    part = target.with_name(f".{target.name}.part")
    copies.copy(database, part, tell)
    try:
        contents = copies.inspect(part)
        copies.settle(part, target, may_replace=may_replace)
    except FileExistsError:
        raise _taken(target) from None
    finally:
        copies.remove(part)
    return contents


def prepared_beside(database: Path) -> Path:
    """Where a backup waits to be restored."""
    return database.with_name(f"{database.name}.restoring")


def prepare(backup: Path, database: Path, tell: Tell) -> Contents:
    """Check a backup, and lay a copy of the newest revision beside the ledger, for `restore`.

    Raises BackupRefused and DatabaseRefused, and leaves nothing then.
    """
    _demand_another(database, backup)
    copies.inspect(backup)
    prepared = prepared_beside(database)
    copies.copy(backup, prepared, tell)
    try:
        upgrade(f"sqlite:///{prepared}", keeps_copy=False)
        return copies.inspect(prepared)
    except BaseException:
        copies.remove(prepared)
        raise


def check_prepared(database: Path) -> Contents:
    """What waits to be restored. Raises BackupRefused where nothing does, and DatabaseRefused."""
    prepared = prepared_beside(database)
    if not prepared.exists():
        raise BackupRefused(f"{prepared} is not there; run `inferwatch db restore FILE`")
    contents = copies.inspect(prepared)
    if contents.revision != head():
        raise BackupRefused(f"{prepared} is of another version; run `inferwatch db restore FILE`")
    return contents


def discard_prepared(database: Path) -> None:
    """Nothing waits to be restored any more."""
    copies.remove(prepared_beside(database))


def restore(
    database: Path, contents: Contents, now_ms: int, tell: Tell, *, may_move: bool
) -> Restored:
    """Put what was prepared, and checked, in the place of the ledger, which is kept beside.

    Nobody else may write meanwhile; readers may go on. API tokens stay those of now: what was
    revoked since the backup holds no more after it. `may_move`: a ledger that SQLite cannot
    read any more is moved away, file and all; then nobody may have it open. Raises
    DatabaseRefused, with the ledger as it was.
    """
    prepared = prepared_beside(database)
    at = datetime.fromtimestamp(now_ms // 1000, UTC)
    kept = database.with_name(
        f"{database.name}.before-restore-{at:%Y%m%dT%H%M%S}.{now_ms % 1000:03d}Z"
    )
    if not database.exists():
        copies.settle(prepared, database, may_replace=False)
        return Restored(contents, None)
    try:
        _keep(database, kept, tell)
        copies.keep_tokens(database, prepared)
        copies.load(prepared, database, tell)
    except DatabaseRefused as error:
        if not may_move or not is_unreadable(error):
            raise
        revoked = copies.revoke_tokens(prepared, now_ms)
        copies.move(database, kept)
        copies.settle(prepared, database, may_replace=False)
        return Restored(contents, kept, revoked)
    copies.remove(prepared)
    return Restored(contents, kept)


def _keep(database: Path, kept: Path, tell: Tell) -> None:
    part = kept.with_name(f"{kept.name}.part")
    copies.copy(database, part, tell)
    copies.settle(part, kept, may_replace=True)


def _demand_another(database: Path, file: Path) -> None:
    if file.is_dir():
        raise BackupRefused(f"{file} is a folder; name a file in it")
    if file.exists() and database.exists() and file.samefile(database):
        raise BackupRefused(f"{file} is the ledger itself; name another file")


def _taken(target: Path) -> BackupRefused:
    return BackupRefused(f"{target} is there already; choose another name, or give --force")
