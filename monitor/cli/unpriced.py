"""Unpriced: the queue of calls whose price nobody knows, printed with what to do."""

import json
from dataclasses import asdict

import typer
from rich.table import Table

from monitor.cli.pricing import local
from monitor.cli.reading import open_ledger
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.services.unpriced import remedy
from monitor.settings.model import Settings
from monitor.storage.facts import home_zone
from monitor.storage.queries import unpriced
from monitor.storage.queries.unpriced import Unpriced


def show(*, as_json: bool) -> None:
    """Print the queue, the most tokens first. Raises Refusal and SettingsError."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        found, zone = unpriced.queue(session), home_zone(session)
    if as_json:
        rows = [asdict(each) | {"commands": remedy(each, zone)} for each in found]
        typer.echo(json.dumps(rows, indent=2))
    elif found:
        _print(found, settings)
        for command in remedy(found[0], zone):
            typer.echo(f"  {command}")
    else:
        typer.echo("Every call of known usage has a price")


def _print(found: list[Unpriced], settings: Settings) -> None:
    table = Table("endpoint", "calls", "of them probes", "tokens", "first", "last", box=None)
    for each in found:
        ends = [each.first_ms, each.last_ms]
        at = ["gone" if end is None else local(end, settings.zone) for end in ends]
        more = "at least " if each.is_at_least else ""
        counts = (f"{each.calls:,}", f"{each.of_probes:,}", f"{more}{each.tokens:,}")
        table.add_row(each.endpoint, *counts, *at)
    make_console().print(table)
    calls = sum(each.calls for each in found)
    typer.echo(
        f"\n{calls:,} calls are unpriced: counted, in no sum of money, and not $0. To price those "
        "of the first, and then look at what changes before you apply it:"
    )
