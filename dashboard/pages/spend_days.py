"""Spend days: the days of a window by owner, the greatest by name, and the probes beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from monitor.storage.queries.totals import Totals, add_up, less
from monitor.storage.queries.usage import DayTotals

#: So many owners have a colour of their own.
_MOST = 6

Days = list[DayTotals]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The days that are drawn, of which calls."""

    session: Session
    choice: Choice
    filters: Filters

    def read(self, by: Dimension, audience: Audience) -> dict[Owner, Days]:
        """Days by owner."""
        return usage.by_day(
            self.session,
            *activity.days(self.choice),
            self.choice.zone,
            by=by,
            audience=audience,
            filters=self.filters,
        )

    def of_users(self, users: Sequence[str]) -> dict[Owner, Days]:
        """The team's days of some users alone."""
        return usage.by_day_of_users(
            self.session,
            *activity.days(self.choice),
            users,
            audience=Audience.TEAM,
            filters=self.filters,
        )


def series(
    session: Session, choice: Choice, by: Dimension, filters: Filters, dearest: Sequence[str]
) -> list[Series]:
    """Owners of the days that are drawn, the dearest first; all others as one, then the probes.

    Tags overlap, and cannot be stacked: all calls are one there. Of users there may be very many:
    days are read of the `dearest` of the window alone.
    """
    asked = _Asked(session, choice, filters)
    by = Dimension.ALL if by is Dimension.TAG else by
    if by is Dimension.USER:
        team, others = _users(asked, dearest[:_MOST])
    else:
        team, others = _few(_ordered(asked.read(by, Audience.TEAM)))
    first = [owner for owner, _ in team]
    named, placed = {**labels(session, by, first), ALL: "Team"}, places(session, by, first)
    shown = [
        Series(named[owner], theme.owner_colour(placed.get(owner, 0)), days) for owner, days in team
    ]
    shown += [] if others is None else [others]
    probes = asked.read(Dimension.ALL, Audience.PROBES).get(ALL)
    if probes is not None:
        shown.append(Series("Probes", theme.PROBES, probes))
    return shown or [Series("Team", theme.TEAM, _no_days(*activity.days(choice)))]


def _few(team: list[tuple[Owner, Days]]) -> tuple[list[tuple[Owner, Days]], Series | None]:
    rest = [days for _, days in team[_MOST:]]
    name = f"{len(rest)} others"
    return team[:_MOST], Series(name, theme.REST, _together(rest)) if rest else None


def _users(asked: _Asked, only: Sequence[str]) -> tuple[list[tuple[Owner, Days]], Series | None]:
    team = _ordered(asked.of_users(only))
    whole = asked.read(Dimension.ALL, Audience.TEAM).get(ALL, [])
    if not team:
        return [], Series("Others", theme.REST, whole) if whole else None
    shown = _together([days for _, days in team])
    pairs = zip(whole, shown, strict=True)
    rest = [DayTotals(all_.day, less(all_.totals, part.totals)) for all_, part in pairs]
    is_any = any(each.totals.n for each in rest)
    return team, Series("Others", theme.REST, rest) if is_any else None


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
