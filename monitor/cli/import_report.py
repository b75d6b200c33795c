"""Reports of imports: what is understood of a file, for the first look at it."""

from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from monitor.cli.import_rehearsal import Rehearsed
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.windows import moment
from monitor.imports.reading import Survey

_SHOWN_MODELS = 20
_SHOWN_TEXT = 120


def show(told: Rehearsed, zone: ZoneInfo) -> None:
    """Print it, for the first look at a file."""
    console, found = make_console(), told.survey
    rows = "" if told.not_mapped else f", {told.rows:,} rows, {told.bad:,} bad"
    console.print(f"{found.path}: {found.format.upper()}{rows}")
    console.print(_columns(found))
    if found.unused:
        console.print(f"not used: {_clip(', '.join(found.unused))} (--column NAME=COLUMN uses one)")
    console.print(f"times without an offset are read on the clock of {found.zone.key} (--zone)")
    if told.not_mapped is not None:
        console.print(f"Nothing can be made of it yet: {told.not_mapped}")
        return
    _show_bad(told, console)
    if told.from_ms is not None and told.to_ms is not None:
        _show_calls(told, zone, console)
    if told.stopped is not None:
        console.print(f"stopped: {told.stopped}")
    typer.echo("Nothing was written; without --dry-run it is.")


def _columns(found: Survey) -> Table:
    table = Table("column", "is", "such as", box=None)
    for name, source in found.map.columns:
        table.add_row(_clip(source), name, _clip(found.samples.get(source, "")))
    for name, text in found.map.constants:
        table.add_row("(all rows)", name, _clip(text))
    return table


def _show_bad(told: Rehearsed, console: Console) -> None:
    for line, reason in told.first_bad:
        console.print(f"line {line:,}: {_clip(reason)}")
    more = told.bad - len(told.first_bad)
    if more:
        console.print(f"… and {more:,} more; an import puts all of them into a file of rejects")


def _show_calls(told: Rehearsed, zone: ZoneInfo, console: Console) -> None:
    first, last = (moment(at, zone).strftime("%Y-%m-%d %H:%M") for at in _span(told))
    console.print(f"{_days(told)}, {first} to {last} ({zone.key}); {told.tokens:,} tokens")
    money = (
        f"{dollars(told.reported_nano_usd)} as reported, {dollars(told.computed_nano_usd)} by the "
        f"prices known now; {_calls(told.unpriced)} unpriced, {told.without_usage:,} without usage"
    )
    console.print(money)
    for name, count in told.models.most_common(_SHOWN_MODELS):
        new = " (new: without a price until you give it one)" if name in told.new else ""
        console.print(f"  {_calls(count)} to {_clip(name)}{new}")
    if told.without_id:
        console.print(
            f"{told.without_id:,} rows have no id: equal ones are told apart by their number in "
            "the file (docs/imports.md#identity)"
        )


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"


def _days(told: Rehearsed) -> str:
    return "1 day" if len(told.days) == 1 else f"{len(told.days):,} days"


def _span(told: Rehearsed) -> tuple[int, int]:
    return told.from_ms or 0, told.to_ms or 0


def _clip(text: str) -> str:
    shown = "".join(each if each.isprintable() else "�" for each in text)
    return shown if len(shown) <= _SHOWN_TEXT else f"{shown[:_SHOWN_TEXT]}…"
