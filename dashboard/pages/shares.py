"""Shares: the table of usage. Each owner with its share, against the time before."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.grouping import link, written
from dashboard.pages.volume import days_of, earlier, percent_change
from monitor.domain.dimensions import Dimension
from monitor.services import breakdown
from monitor.services.breakdown import Breakdown, Question
from monitor.storage.engine import Session
from monitor.storage.queries.owners import Owner
from monitor.storage.queries.ranking import rank
from monitor.storage.queries.totals import Totals

#: More rows than these are one: who wants them all asks `inferwatch usage`.
MOST = 200
_OWN_PAGES = {Dimension.MODEL: "/models/", Dimension.PROVIDER: "/providers/"}


def columns(by: Dimension) -> list[Column]:
    """The columns of a table by a dimension."""
    return [
        {"h": by.capitalize(), "grow": True},
        {"h": "Tokens", "num": True},
        {"h": "Share", "num": True},
        {"h": "Change", "num": True},
        {"h": "Calls", "num": True},
        {"h": "From cache", "num": True, "wide": True},
        {"h": "Reasoning", "num": True, "wide": True},
        {"h": "Usage known", "num": True},
    ]


def rows(session: Session, choice: Choice, asked: Question, found: Breakdown) -> list[Row]:
    """A row for each owner, the largest first."""
    ranked = rank(found.found, MOST)
    named = breakdown.labels(session, asked.by, list(ranked.first))
    whole = found.whole.tokens
    listed = [
        _row(named[owner], owner, totals, whole, found, asked.by, choice)
        for owner, totals in ranked.first.items()
    ]
    if ranked.n_rest and asked.by is not Dimension.TAG:  # they overlap: their sum is of nothing
        label = f"{ranked.n_rest:,} others"
        listed.append(_line("others", cells.text(label), ranked.rest, whole, cells.text("")))
    return listed


def _row(
    label: str,
    owner: Owner,
    totals: Totals,
    whole: int,
    found: Breakdown,
    by: Dimension,
    choice: Choice,
) -> Row:
    changed = _change_cell(owner, found)
    only = link(choice, "/usage", **{str(by): written(label_key(by, label, owner)), "by": None})
    page = _OWN_PAGES.get(by)
    href = choice.href(f"{page}{owner}") if page and owner else only
    below = str(owner) if by is Dimension.APP and label != owner else None
    cell = cells.text(label[:200], below=below, href=href)
    return _line(str(owner), cell, totals, whole, changed) | {"h": only}


def label_key(by: Dimension, label: str, owner: Owner) -> str:
    """What stands in an address for an owner: endpoints by their id in the settings."""
    return label if by is Dimension.ENDPOINT else str(owner)


def _line(key: str, name: Cell, totals: Totals, whole: int, changed: Cell) -> Row:
    share = 100_000 * totals.tokens // whole if whole else None
    known = totals.n_measured + totals.n_estimated
    return {
        "k": key,
        "c": [
            name,
            _tokens_cell(totals),
            cells.text(fmt.share(share), sort=share),
            changed,
            cells.text(fmt.count(totals.n), sort=totals.n),
            _part_cell(totals.cache_read + totals.cache_read_audio, totals.leaves.input_total),
            _part_cell(totals.reasoning, totals.leaves.output_total),
            cells.text(
                fmt.share(100_000 * known // totals.n if totals.n else None),
                below=f"{totals.n_estimated:,} estimated" if totals.n_estimated else None,
                sort=100_000 * known // totals.n if totals.n else None,
            ),
        ],
    }


def _tokens_cell(totals: Totals) -> Cell:
    if not totals.n_measured + totals.n_estimated:
        return cells.text("not known", tone="warned")
    return cells.text(fmt.tokens(totals.tokens), sort=totals.tokens)


def _part_cell(part: int, whole: int) -> Cell:
    if not whole:
        return cells.text(fmt.DASH, tone="quiet")
    share = 100_000 * part // whole
    return cells.text(fmt.share(share), sort=share)


def _change_cell(owner: Owner, found: Breakdown) -> Cell:
    now, before = (each.get(owner, Totals()).tokens for each in (found.now, found.before))
    if found.compared is None:
        return cells.text(fmt.DASH, tone="quiet")
    if not before:
        return cells.text("new" if now else fmt.DASH, tone="quiet")
    return cells.text(percent_change(now, before), sort=100 * (now - before) / before)


def note(found: Breakdown, choice: Choice, by: Dimension) -> str:
    """What the column of changes compares, and which rows are left out."""
    is_cut = by is Dimension.TAG and len(found.found) > MOST
    return _compared(found, choice) + (f" · the {MOST} largest" if is_cut else "")


def _compared(found: Breakdown, choice: Choice) -> str:
    if found.is_first:
        return f"team calls · no earlier period to compare · {choice.label()}"
    if found.compared is None:
        return f"team calls · {choice.label()}"
    days = days_of(found.compared, choice)
    said = f"{fmt.plural(days, 'complete day')} with" if days else "with"
    return f"team calls · change: {said} {earlier(found.compared, choice)} · {choice.label()}"
