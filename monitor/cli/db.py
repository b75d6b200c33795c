"""`inferwatch db`: bring the database up to date, or make its sums again."""

import typer

app = typer.Typer(help="The database: upgrade it, or make its sums again.", no_args_is_help=True)


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
