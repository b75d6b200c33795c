"""Spend days: the days of a window by owner, the greatest by name, and the probes beside them."""

from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import theme
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.figures import spend as charts
from dashboard.figures.axes import BLIND, Figure
from dashboard.figures.spend import Series
from dashboard.pages import activity
from monitor.domain.dimensions import Dimension, Filters
from monitor.services.breakdown import labels, places
from monitor.storage.engine import Session
from monitor.storage.queries import usage
from monitor.storage.queries.owners import ALL, Audience, Owner
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

#: So many owners have a colour of their own.
_MOST = 6


def series(session: Session, choice: Choice, by: Dimension, filters: Filters) -> list[Series]:
    """Owners of the days that are drawn, the dearest first; all others as one, then the probes.

    Tags overlap, and cannot be stacked: all calls are one there.
    """
    first, last = activity.days(choice)
    by = Dimension.ALL if by is Dimension.TAG else by

    def read(kept_apart: Dimension, audience: Audience) -> dict[Owner, list[DayTotals]]:
        return usage.by_day(
            session,
            first,
            last,
            choice.zone,
            by=kept_apart,
            audience=audience,
            filters=filters,
        )

    team = _ordered(read(by, Audience.TEAM))
    first_owners = [owner for owner, _ in team[:_MOST]]
    named = {**labels(session, by, first_owners), ALL: "Team"}
    placed = places(session, by, first_owners)
    shown = [
        Series(named[owner], theme.owner_colour(placed.get(owner, 0)), days)
        for owner, days in team[:_MOST]
    ]
    if rest := [days for _, days in team[_MOST:]]:
        shown.append(Series(f"{len(rest)} others", theme.REST, _together(rest)))
    probes = read(Dimension.ALL, Audience.PROBES).get(ALL)
    if probes is not None:
        shown.append(Series("Probes", theme.PROBES, probes))
    return shown or [Series("Team", theme.TEAM, _no_days(first, last))]


def _ordered(
    found: dict[Owner, list[DayTotals]],
) -> list[tuple[Owner, list[DayTotals]]]:
    sums = {owner: add_up(each.totals for each in days) for owner, days in found.items()}
    return sorted(
        found.items(),
        key=lambda each: (-sums[each[0]].cost_nano_usd, -sums[each[0]].n, str(each[0])),
    )


def _together(several: Sequence[Sequence[DayTotals]]) -> list[DayTotals]:
    return charts.together([Series("", "", days) for days in several])


def _no_days(first: int, last: int) -> list[DayTotals]:
    return [DayTotals(day, Totals()) for day in range(first, last + 1)]


def span(choice: Choice) -> str:
    """Which days are drawn."""
    first, last = activity.days(choice)
    so_far = " so far" if last == choice.today else ""
    return f"{fmt.days(first, last)}{so_far} · {fmt.zone_name(choice.zone)}"


def figure(shown: Sequence[Series], choice: Choice) -> Figure:
    """The days; a click leads to the calls of one."""
    return charts.per_day(shown, choice.zone, href=choice.href("/calls"))


def legend(shown: Sequence[Series]) -> Component:
    """Series by colour, and what marks, patterns and shades say, where there are any."""
    patterns = {charts.pattern(day.totals) for each in shown for day in each.days}
    whole = [each.totals for each in charts.together(shown)]
    entries = [(each.colour, each.name) for each in shown]
    if any(sum(charts.lacking(each)) for each in whole):
        entries.append((charts.MARK, "▲ some calls are not counted"))
    if charts.UNPRICED in patterns:
        entries.append((theme.HATCHED, f"{charts.MUCH} % or more unpriced"))
    if charts.NO_USAGE in patterns:
        entries.append((theme.DOTTED, f"{charts.MUCH} % or more without usage"))
    if any(each.n and each.spend_nano_usd is None for each in whole):
        entries.append((BLIND, "no cost is known"))
    return parts.legend(entries)
