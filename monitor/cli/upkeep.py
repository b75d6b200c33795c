"""Upkeep: what `inferwatch db` does, alone with the database."""

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.alone import alone
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.services.rebuild import move_home, rebuild
from monitor.settings.model import Settings
from monitor.storage import facts
from monitor.storage.engine import DatabaseRefused, name_of
from monitor.storage.integrity import demand_readable
from monitor.storage.migrate import head
from monitor.storage.migrate import upgrade as migrate


def upgrade_ledger(settings: Settings) -> None:
    """Bring the database to the newest revision and say what was done. Raises Refusal."""
    try:
        demand_readable(settings.database_url)
        is_changed = migrate(settings.database_url)
    except (DatabaseRefused, OSError) as error:
        raise Refusal(
            f"the database cannot be upgraded: {error}; run `inferwatch doctor`", 1
        ) from None
    done = "is now at" if is_changed else "is at"
    typer.echo(f"{name_of(settings.database_url)} {done} revision {head()}")


def rebuild_sums(settings: Settings) -> None:
    """Make all sums again, in the settings' home zone. Raises Refusal."""
    with open_ledger(settings.database_url) as database, alone(database):
        with database.reading() as session:
            is_moved = facts.home_zone(session) != settings.zone
        with _bar() as bar:
            task = bar.add_task("calls", total=None)
            count = rebuild(database, lambda done, of: bar.update(task, completed=done, total=of))
        if is_moved:
            move_home(database, settings.zone)
            typer.echo(f"Days are now those of {settings.zone.key}")
        typer.echo(f"Made all sums again from {count:,} calls")


def _bar() -> Progress:
    columns = (TextColumn("Counting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
