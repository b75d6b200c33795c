"""Consuming: the figures of usage, as a table, as JSON, or as CSV."""

import csv
import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import typer
from rich.table import Table
from rich.text import Text

from dashboard.choices import BadChoice, Choice, choose
from dashboard.grouping import filters, grouping
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.dimensions import Dimension, OutOfReachError
from monitor.domain.windows import Window, moment
from monitor.services.breakdown import (
    UNKNOWN,
    Breakdown,
    Question,
    break_down,
    labels,
    told_of,
)
from monitor.storage.queries.owners import Owner
from monitor.storage.queries.ranking import rank
from monitor.storage.queries.totals import Totals

_MOST_SHOWN, _LONGEST = 40, 60
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_COUNTS = ("n", "n_good", "n_measured", "n_estimated", "n_missing")
_HEADS = ("owner", "tokens", "share", "before", "calls", "cached", "reasoning", "usage known")


class Found(NamedTuple):
    """What was asked, what it came to, and what owners are called."""

    choice: Choice
    by: Dimension
    used: Breakdown
    named: Mapping[Owner, str]


def show(query: Mapping[str, str | None], *, as_json: bool, as_csv: bool) -> None:
    """Print what a window used. Raises Refusal and SettingsError."""
    found = _read(query)
    if as_json:
        typer.echo(json.dumps(_describe(found), indent=2))
    elif as_csv:
        csv.writer(sys.stdout).writerows(_rows(found))
    else:
        _print(found)


def _read(query: Mapping[str, str | None]) -> Found:
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    given = {key: value for key, value in query.items() if value is not None}
    try:
        choice = choose(urlencode(given), settings.zone, now_ms)
        by, chosen = grouping(choice), filters(choice)
    except BadChoice as error:
        raise Refusal(str(error)) from None
    with open_ledger(settings.database_url) as database, database.reading() as session:
        try:
            asked = Question(choice.window, choice.zone, by, chosen, choice.kind)
            used = break_down(session, asked)
        except OutOfReachError as error:
            raise Refusal(str(error)) from None
        known = [*used.found, *(owner for owner in used.before if owner not in used.found)]
        return Found(choice, by, used, labels(session, by, known))


def _describe(found: Found) -> dict[str, Any]:
    """All figures, for scripts; `None` where a name or a period is not known."""
    used, choice = found.used, found.choice
    compared = used.compared
    return {
        "zone": choice.zone.key,
        "window": _span(choice.window, choice),
        "by": found.by.value,
        "said": told_of(found.by, used.found, used.whole) or None,
        "total": _sums(used.whole),
        "owners": [
            {"owner": str(owner) or None, "label": found.named[owner], **_sums(totals)}
            for owner, totals in rank(used.found, len(used.found)).first.items()
        ],
        "compared": None
        if compared is None
        else {
            "window": _span(compared.after, choice),
            "before": _span(compared.before, choice),
            "owners": [
                {
                    "owner": str(owner) or None,
                    "label": label,
                    "tokens": used.now.get(owner, Totals()).tokens,
                    "tokens_before": used.before.get(owner, Totals()).tokens,
                }
                for owner, label in found.named.items()
            ],
        },
        "probes": _sums(used.probes),
    }


def _span(window: Window, choice: Choice) -> dict[str, str]:
    ends = {"from": window.from_ms, "to": window.to_ms}
    return {key: moment(at_ms, choice.zone).isoformat() for key, at_ms in ends.items()}


def _sums(totals: Totals) -> dict[str, int | None]:
    """Tokens are `None` where there were calls and the usage of none is known."""
    is_known = bool(totals.n_measured + totals.n_estimated) or not totals.n
    counts = {name: getattr(totals, name) for name in _COUNTS}
    leaves = totals.leaves._asdict()
    return {"tokens": totals.tokens if is_known else None, **counts, **leaves}


def _rows(found: Found) -> Iterator[tuple[object, ...]]:
    """A head, and a row for each owner; what a spreadsheet takes for a formula is made text."""
    ranked = rank(found.used.found, len(found.used.found)).first
    yield ("owner", "label", *_sums(Totals()))
    for owner, totals in ranked.items():
        yield (_text(str(owner)), _text(found.named[owner]), *_sums(totals).values())


def _text(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULAS) else name


def _print(found: Found) -> None:
    console, used = make_console(), found.used
    if used.found:
        console.print(_table(found))
    else:
        typer.echo("No team call in this window.")
    said = told_of(found.by, used.found, used.whole)
    if said:
        console.print(said.capitalize(), markup=False)
    if used.probes.n:
        line = f"Probes, apart: {used.probes.tokens:,} tokens in {used.probes.n:,} calls"
        console.print(line, markup=False)


def _table(found: Found) -> Table:
    table = Table(caption=f"by {found.by}, {found.choice.label()}; probes left out")
    table.add_column(_HEADS[0])
    for name in _HEADS[1:]:
        table.add_column(name, justify="right")
    ranked = rank(found.used.found, _MOST_SHOWN)
    for owner, totals in ranked.first.items():
        before = found.used.before.get(owner, Totals())
        table.add_row(*_cells(found.named[owner], totals, before, found))
    if ranked.n_rest and found.by is not Dimension.TAG:
        table.add_row(*_cells(f"{ranked.n_rest} more", ranked.rest, Totals(), found))
    table.add_row(*_cells("all together", found.used.whole, Totals(), found), style="bold")
    return table


def _cells(name: str, totals: Totals, before: Totals, found: Found) -> tuple[str | Text, ...]:
    leaves = totals.leaves
    cached = totals.cache_read + totals.cache_read_audio
    known = totals.n_measured + totals.n_estimated
    return (
        Text(_shown(name or UNKNOWN)),
        f"{totals.tokens:,}" if known else "not known",
        _percent(totals.tokens, found.used.whole.tokens),
        f"{before.tokens:,}" if before.n else "–",
        f"{totals.n:,}",
        _percent(cached, leaves.input_total),
        _percent(totals.reasoning, leaves.output_total),
        _percent(known, totals.n),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "–"


def _shown(name: str) -> str:
    """A name that moves no cursor and takes no line of its own."""
    return "".join(each if each.isprintable() else "·" for each in name)[:_LONGEST]
