"""Spending: the figures of spend, as a table, as JSON, or as CSV."""

import csv
import json
import sys
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import typer
from rich.table import Table
from rich.text import Text

from dashboard.choices import BadChoice, choose
from dashboard.grouping import filters, grouping
from monitor.cli import spend_sheets as sheets
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.spend_sheets import Found
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.dimensions import Dimension, OutOfReachError, short_user
from monitor.domain.periods import Cycle, Period
from monitor.services import courses
from monitor.services.breakdown import told_of
from monitor.services.courses import Course
from monitor.services.spend import Question, spending
from monitor.storage.queries.totals import Totals

_MOST_SHOWN, _MOST_UNPRICED, _LONGEST = 40, 10, 60
_HEADS = ("owner", "spend", "share", "before", "calls", "cost known", "unpriced", "no usage")


def show(query: Mapping[str, str | None], *, as_json: bool, as_csv: bool) -> None:
    """Print what a window cost. Raises Refusal and SettingsError."""
    found = _read(query)
    if as_json:
        typer.echo(json.dumps(sheets.describe(found), indent=2))
    elif as_csv:
        csv.writer(sys.stdout).writerows(sheets.rows(found))
    else:
        _print(found)


def _read(query: Mapping[str, str | None]) -> Found:
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    given = {key: value for key, value in query.items() if value is not None}
    is_whole = given.get("by") == Dimension.ALL
    try:
        choice = choose(urlencode(given), settings.zone, now_ms)
        by = Dimension.ALL if is_whole else grouping(choice)
        chosen = filters(choice)
    except BadChoice as error:
        raise Refusal(str(error)) from None
    question = Question(choice.window, choice.zone, now_ms, choice.kind, by, chosen)
    with open_ledger(settings.database_url) as database, database.reading() as session:
        cycle = Cycle(Period.MONTH, choice.zone)
        try:
            month = courses.course(session, cycle, now_ms, now_ms, chosen)
            return Found(choice, by, spending(session, question), month)
        except OutOfReachError as error:
            raise Refusal(str(error)) from None


def _print(found: Found) -> None:
    spent, console = found.spent, make_console()
    if not spent.team_ever:
        typer.echo("No team usage yet: no call but our own probes' was ever recorded.")
    elif spent.owners:
        console.print(_table(found))
    else:
        typer.echo("No team call in this window.")
    for line in _lines(found):
        console.print(line, markup=False)


def _table(found: Found) -> Table:
    table = Table(caption=f"by {found.by}, {found.choice.label()}; probes left out")
    table.add_column(_HEADS[0])
    for name in _HEADS[1:]:
        table.add_column(name, justify="right")
    listed = list(found.spent.owners.items())
    for owner, totals in listed[:_MOST_SHOWN]:
        before = found.spent.owners_before.get(owner, Totals())
        table.add_row(*_cells(_name(owner, found.by), totals, before, found))
    if len(listed) > _MOST_SHOWN:
        table.add_row(f"and {len(listed) - _MOST_SHOWN} more (--json, --csv)")
    whole = _cells("all together", found.spent.total, found.spent.total_before, found)
    table.add_row(*whole, style="bold")
    return table


def _name(owner: str, by: Dimension) -> str:
    return (short_user(owner) if by is Dimension.USER else owner) or "not known"


def _cells(name: str, totals: Totals, before: Totals, found: Found) -> tuple[str | Text, ...]:
    whole = found.spent.total.cost_nano_usd
    return (
        Text(_shown(name)),
        _money(totals),
        f"{100 * totals.cost_nano_usd // whole} %" if whole else "–",
        _money(before) if before.n else "–",
        f"{totals.n:,}",
        f"{100 * totals.n_costed // totals.n} %" if totals.n else "–",
        f"{totals.n_unpriced:,}",
        f"{totals.n_no_usage:,}",
    )


def _shown(name: str) -> str:
    """A name that moves no cursor and takes no line of its own."""
    return "".join(each if each.isprintable() else "·" for each in name)[:_LONGEST]


def _money(totals: Totals) -> str:
    spend = totals.spend_nano_usd
    if spend is None:
        return "unpriced" if totals.n_unpriced else "no usage"
    return dollars(spend)


def _lines(found: Found) -> Iterator[str]:
    spent, month = found.spent, found.month
    if said := told_of(found.by, spent.owners, spent.total):
        yield said.capitalize()
    if month.so_far.n:
        yield f"This month so far: {_money(month.so_far)}{_projected(month)}"
    if whole := spent.moved_whole:
        named = (
            f"{name} {dollars(each)}" for name, each in whole.effects._asdict().items() if each
        )
        change = ", ".join(named) or "nothing"
        yield f"Change on complete days: {dollars(whole.change_nano_usd)} ({change})"
    if spent.cached.exact or spent.cached.about:
        yield f"Spared by caching: {dollars(spent.cached.net_nano_usd)}"
    if spent.failed.n:
        cost = dollars(spent.failed.cost_nano_usd)
        yield f"Failed calls of known cost: {spent.failed.n:,}, {cost}"
    for slug, totals in list(spent.unpriced.items())[:_MOST_UNPRICED]:
        yield f"Unpriced: {_shown(slug)}: {totals.n_unpriced:,} calls; see `inferwatch prices set`"
    if spent.probes.n:
        yield f"Probes, apart: {_money(spent.probes)} for {spent.probes.n:,}"


def _projected(month: Course) -> str:
    if month.projected_nano_usd is None:
        return ""
    if month.outlook is not None:
        low, middle, high = map(dollars, month.outlook.forecast.total)
        return f", {middle} by its end ({low} to {high} at 80 %)"
    days = f"{month.paced_days} day{'s' * (month.paced_days != 1)}"
    return f", {dollars(month.projected_nano_usd)} by its end (projected, {days})"
