"""`inferwatch db`: bring the database up to date, copy it, or make its sums again."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The database: upgrade it, back it up, or make its sums again.", no_args_is_help=True
)


@app.command()
def upgrade() -> None:
    """Bring the database to the newest version; a copy of the old one is kept beside it.

    `inferwatch up` does this by itself.
    """
    from monitor.cli.starting import read_settings
    from monitor.cli.upkeep import upgrade_ledger

    upgrade_ledger(read_settings())


@app.command()
def rebuild() -> None:
    """Make all sums (usage, spend, latency, availability) again from the calls.

    Stop `inferwatch up` first. Days are then those of the zone in the settings.
    """
    from monitor.cli.starting import read_settings
    from monitor.cli.upkeep import rebuild_sums

    rebuild_sums(read_settings())


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; a file that is not there yet.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file there.")] = False,
) -> None:
    """Copy the whole ledger into one file, while `inferwatch up` runs.

    The copy is of one instant, and is checked from end to end before it gets its name.
    """
    from monitor.cli.copying import back_up
    from monitor.cli.starting import read_settings

    back_up(read_settings(), file, may_replace=force)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup of this or an older version.")],
) -> None:
    """Put a backup in the place of the ledger, while `inferwatch up` runs or not.

    The ledger before it is kept beside. Probes that are made meanwhile are recorded afterwards.
    """
    from monitor.cli.copying import restore as put_back
    from monitor.cli.starting import read_settings

    put_back(read_settings(), file)
