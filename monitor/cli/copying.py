"""Copying: what `inferwatch db backup` and `db restore` do."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from monitor.cli import asking
from monitor.cli.alone import locked
from monitor.cli.refusal import Refusal
from monitor.services import backups
from monitor.services.backups import BackupRefused
from monitor.settings.model import Settings
from monitor.storage.copies import Contents, Tell
from monitor.storage.engine import Database, DatabaseRefused, path_of

#: Copying a ledger of some gigabytes twice takes minutes.
_RESTORE_TIMEOUT_S = 3600.0


def back_up(settings: Settings, target: Path, *, may_replace: bool) -> None:
    """Write a backup and say what is in it. Raises Refusal."""
    database = _file(settings)
    with _refusing(), _bar("Copying") as tell:
        made = backups.back_up(database, target, tell, may_replace=may_replace)
    typer.echo(f"Wrote {target}: {_tell(made)}; checked from end to end")


def restore(settings: Settings, backup: Path) -> None:
    """Put a backup in the place of the ledger, by the monitor if it runs. Raises Refusal."""
    database = _file(settings)
    with _refusing(), _bar("Checking") as tell:
        contents = backups.prepare(backup, database, tell)
    try:
        if asking.is_running(settings.monitor_port):
            kept = _have_restored(settings)
        else:
            kept = _restore_here(settings, database, contents)
    finally:
        backups.discard_prepared(database)
    typer.echo(f"Restored {backup}: {_tell(contents)}")
    if kept:
        typer.echo(f"The ledger before it is kept as {kept}")


def _have_restored(settings: Settings) -> str:
    answer = asking.command(
        settings.monitor_port, "/v1/restore", None, timeout_s=_RESTORE_TIMEOUT_S
    )
    return str(answer["kept"])


def _restore_here(settings: Settings, path: Path, contents: Contents) -> str:
    with closing(Database(settings.database_url)) as database, locked(database):
        database.close()
        with _refusing(), _bar("Restoring") as tell:
            now_ms = time.time_ns() // 1_000_000
            restored = backups.restore(path, contents, now_ms, tell, may_move=True)
    if restored.revoked:
        typer.echo(
            f"{restored.revoked} API tokens of the backup are revoked, since the ledger before it "
            "cannot be read: `inferwatch keys create NAME` makes new ones"
        )
    return "" if restored.kept is None else str(restored.kept)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (BackupRefused, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Refusal(f"{error.strerror or error}{where}; nothing is changed", 1) from None


@contextmanager
def _bar(what: str) -> Iterator[Tell]:
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _file(settings: Settings) -> Path:
    path = path_of(settings.database_url)
    if path is None:
        raise Refusal(backups.NOT_A_FILE)
    return path


def _tell(contents: Contents) -> str:
    until = "without any call"
    if contents.newest_ms is not None:
        newest = datetime.fromtimestamp(contents.newest_ms / 1000, UTC)
        until = f"{contents.calls:,} calls up to {newest:%Y-%m-%d %H:%M:%S} UTC"
    size = f"{contents.size_bytes / 1_000_000:,.1f} MB"
    return f"{size}, {until}, revision {contents.revision}"
