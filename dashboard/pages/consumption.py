"""Consumption: the chart of usage. What was consumed when, and how much is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from dashboard import theme
from dashboard.choices import BadChoice, Choice
from dashboard.figures import shares as charts
from dashboard.figures.axes import Figure, count_axis, wall
from dashboard.figures.shares import Axis, Series
from dashboard.figures.usage import PARTS
from dashboard.grouping import filters, written
from dashboard.pages.volume import coverage
from monitor.domain.calls import Kind, Origin
from monitor.domain.dimensions import Dimension
from monitor.domain.steps import cut
from monitor.domain.windows import DAY_MS, day_window
from monitor.services import breakdown
from monitor.services.breakdown import Question
from monitor.storage.engine import Session
from monitor.storage.queries import usage
from monitor.storage.queries.owners import ALL, Audience, Owner
from monitor.storage.queries.ranking import by_calls, by_tokens, rank
from monitor.storage.queries.totals import Totals, add_up, less

#: So many owners have a colour of their own in the chart; the others are one.
MOST = 7
_OTHER, _REST = "Other", -1
_SHORT_MS = 2 * DAY_MS


class View(StrEnum):
    """What the chart is of."""

    TOKENS = "tokens"
    KINDS = "kinds"
    CALLS = "calls"


VIEWS: Mapping[str, str] = {
    View.TOKENS: "Tokens",
    View.KINDS: "Kinds of tokens",
    View.CALLS: "Calls",
}
TITLES = {
    View.TOKENS: "Tokens by {by}",
    View.KINDS: "Tokens by kind",
    View.CALLS: "Calls by {by}",
}


_TOLD = {
    View.TOKENS: (by_tokens, charts.tokens),
    View.KINDS: (by_tokens, charts.tokens),
    View.CALLS: (by_calls, charts.calls),
}


class Chart(NamedTuple):
    """A chart, the colours in it, and what it is of."""

    figure: Figure
    legend: list[tuple[str, str]]
    note: str


class Timed(NamedTuple):
    """Totals of each owner at each place of an axis; `n_rest` of them are one there, as `_REST`."""

    axis: Axis
    found: Mapping[Owner, Sequence[Totals]]
    probes: Sequence[Totals]
    n_rest: int = 0


def title(view: View, by: Dimension) -> str:
    """What the chart is called: tags overlap and cannot be stacked, so all calls are one there."""
    if by is Dimension.TAG and view is not View.KINDS:
        return f"{VIEWS[view]}, whatever their tags"
    return TITLES[view].format(by=by)


def view_of(choice: Choice) -> View:
    """What the reader looks at. Raises BadChoice."""
    name = choice.query.get("view", View.TOKENS)
    if name not in list(View):
        raise BadChoice(f"view={name!r} is no view; use one of {', '.join(View)}")
    return View(name)


def draw(
    session: Session, choice: Choice, asked: Question, owners: Mapping[Owner, Totals]
) -> Chart:
    """The chart over the window: days, or shorter steps where it has fewer than two of them."""
    view, said = view_of(choice), _home_days(session, choice, asked)
    if view is View.KINDS or asked.by is Dimension.TAG:
        asked = replace(asked, by=Dimension.ALL)
    if asked.by is Dimension.USER:
        timed = _time_users(session, choice, asked, owners)
    else:
        timed = _time(session, choice, asked)
    series = _kinds(timed, choice) if view is View.KINDS else _owned(session, choice, asked, timed)
    value_of = charts.calls if view is View.CALLS else charts.tokens
    if choice.query.get("probes"):
        href = choice.href("/calls", origin=Origin.PROBE)
        series.append(Series("Probes", theme.PROBES, timed.probes, href, value_of))
    note = " · ".join(filter(None, (_note(timed, choice), said)))
    return Chart(_stacked(series, timed.axis, view), _legend(series), note)


def _home_days(session: Session, choice: Choice, asked: Question) -> str:
    """Users and tags have no days but those of the home zone."""
    if choice.window.length_ms <= _SHORT_MS:
        return ""
    return breakdown.days_of_home(session, choice.zone, asked.by, asked.filters)


def _stacked(series: Sequence[Series], axis: Axis, view: View) -> Figure:
    if view is not View.CALLS:
        return charts.stacked(series, axis)
    most = max((sum(each.totals[n].n for each in series) for n in range(len(axis.at))), default=0)
    return charts.stacked(series, axis, hover="%{y:,} calls", yaxis=count_axis(most))


def _time_users(
    session: Session, choice: Choice, asked: Question, owners: Mapping[Owner, Totals]
) -> Timed:
    """There may be very many: days are read of those alone that are shown by name."""
    size, _ = _TOLD[view_of(choice)]
    ranked = rank(owners, MOST, size)
    timed = _time(session, choice, asked, list(ranked.first))
    if not ranked.n_rest:
        return timed
    whole = _time(session, choice, replace(asked, by=Dimension.ALL)).found.get(ALL, [])
    named = [add_up(each) for each in zip(*timed.found.values(), strict=True)]
    rest = [less(*each) for each in zip(whole, named or [Totals()] * len(whole), strict=True)]
    return timed._replace(found={**timed.found, _REST: rest}, n_rest=ranked.n_rest)


def _time(
    session: Session, choice: Choice, asked: Question, only: Sequence[Owner] | None = None
) -> Timed:
    if choice.window.length_ms <= _SHORT_MS:
        return _by_step(session, choice, asked, only)
    first, last = asked.days
    found = breakdown.by_day(session, asked, only)
    probes = usage.by_day(
        session, first, last, asked.zone, audience=Audience.PROBES, filters=asked.filters
    ).get(ALL, [])
    days = range(first, last + 1)
    axis = Axis(
        [date.fromordinal(day).isoformat() for day in days],
        [day_window(day, asked.zone).from_ms for day in days],
        last == choice.today,
    )
    timed = {owner: [each.totals for each in own] for owner, own in found.items()}
    return Timed(axis, timed, [each.totals for each in probes] or [Totals()] * len(days))


def _by_step(
    session: Session, choice: Choice, asked: Question, only: Sequence[Owner] | None
) -> Timed:
    steps = cut(choice.window, choice.step_ms, asked.zone)
    found = usage.over_time(
        session, steps, by=asked.by, audience=Audience.TEAM, filters=asked.filters, only=only
    )
    probes = usage.over_time(session, steps, audience=Audience.PROBES, filters=asked.filters).get(
        ALL, []
    )
    at = [wall(start, asked.zone) for start in steps.starts]
    timed = {owner: [each.totals for each in own] for owner, own in found.items()}
    axis = Axis(at, steps.starts, steps.end_ms > choice.now_ms)
    return Timed(axis, timed, [each.totals for each in probes] or [Totals()] * len(at))


def _kinds(timed: Timed, choice: Choice) -> list[Series]:
    whole = timed.found.get(ALL) or [Totals()] * len(timed.axis.at)
    href = _calls(choice)
    return [
        Series(name, colour, whole, href, charts.tokens_of(leaves))
        for name, (colour, leaves) in PARTS.items()
    ]


def _owned(session: Session, choice: Choice, asked: Question, timed: Timed) -> list[Series]:
    """The largest owners, each in its colour, the smallest of them on top; then the others."""
    size, value_of = _TOLD[view_of(choice)]
    sums = {owner: add_up(totals) for owner, totals in timed.found.items() if owner != _REST}
    first = list(rank(sums, MOST, size).first)
    named = breakdown.labels(session, asked.by, first)
    places = breakdown.places(session, asked.by, first)
    series = [
        Series(
            named[owner],
            theme.owner_colour(places.get(owner, 0)),
            timed.found[owner],
            _calls(choice, asked.by, owner),
            value_of,
        )
        for owner in first
    ]
    others = [totals for owner, totals in timed.found.items() if owner not in named]
    if others:
        rest = [add_up(each) for each in zip(*others, strict=True)]
        name = f"{_OTHER} ({timed.n_rest or len(others):,})"
        series.append(Series(name, theme.REST, rest, _calls(choice), value_of))
    return series


def _calls(choice: Choice, by: Dimension = Dimension.ALL, owner: Owner = "") -> str:
    """Where a team's calls are listed, of one owner or of all."""
    chosen = {str(key): written(value) for key, value in filters(choice).given()}
    if by is not Dimension.ALL:
        chosen[str(by)] = written(str(owner))
    return choice.href("/calls", **{"kind": Kind.REQUEST, **chosen})


def _legend(series: Sequence[Series]) -> list[tuple[str, str]]:
    shown = [(each.colour, each.name) for each in series]
    drawn = charts.states_in(series)
    struck = [(theme.HATCHED, "Usage partly missing")] if charts.MISSING in drawn else []
    dotted = [(theme.DOTTED, "Partly estimated")] if charts.ESTIMATED in drawn else []
    return [*shown, *struck, *dotted]


def _note(timed: Timed, choice: Choice) -> str:
    whole = add_up(totals for own in timed.found.values() for totals in own)
    steps = "" if choice.window.length_ms > _SHORT_MS else "whole quarter-hours · "
    return f"team, {coverage(whole)} · {steps}{choice.label()}"
