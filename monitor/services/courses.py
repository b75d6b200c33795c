"""Courses: how spend adds up over a period, beside the period before and what it may come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.domain.budgets import LOOK_BACK_DAYS, InForce, Pace, ScopeKind, project
from monitor.domain.dimensions import EVERYTHING, Filters
from monitor.domain.periods import Cycle
from monitor.domain.windows import Window, day_of, day_window
from monitor.services import forecasts
from monitor.services.forecasts import Outlook
from monitor.storage.engine import Session
from monitor.storage.queries import budgets, usage
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals


@dataclass(frozen=True, slots=True)
class Course:
    """Days (proleptic ordinals in the cycle's zone) of a period, and of the one before, whole.

    `days` end with today. `projected_nano_usd` is the middle of the `outlook`; where too few days
    are known for one, it goes on with the mean of the last `paced_days` complete days. `None`: the
    period is over, or no complete day of a team is known.
    """

    cycle: Cycle
    period: range
    days: Sequence[DayTotals]
    before_period: range
    before: Sequence[DayTotals]
    projected_nano_usd: int | None
    paced_days: int
    outlook: Outlook | None = None

    @property
    def so_far(self) -> Totals:
        """All days of the period so far."""
        return add_up(each.totals for each in self.days)


def course(
    session: Session,
    cycle: Cycle,
    at_ms: int,
    now_ms: int,
    filters: Filters = EVERYTHING,
    audience: Audience = Audience.TEAM,
) -> Course:
    """The period of a cycle that an instant lies in."""
    today = day_of(now_ms, cycle.zone)
    period = cycle.days(day_of(at_ms, cycle.zone))
    earlier = cycle.days(period.start - 1)
    first, last = min(earlier.start, today - LOOK_BACK_DAYS), min(period.stop - 1, today)
    found = usage.by_day(session, first, last, cycle.zone, audience=audience, filters=filters)
    listed = found.get(ALL) or [DayTotals(day, Totals()) for day in range(first, last + 1)]
    recent = _recent(listed, budgets.first_day(session), today)
    made = Course(
        cycle,
        period,
        [each for each in listed if each.day in period],
        earlier,
        [each for each in listed if each.day in earlier],
        None,
        len(recent),
    )
    spent = made.so_far.spend_nano_usd
    if today not in period or spent is None:
        return made
    window = _window(period, cycle)
    outlook = forecasts.of_calls(session, window, spent, now_ms, filters, audience)
    if outlook is not None:
        middle = outlook.forecast.total.middle
        return replace(made, projected_nano_usd=middle, outlook=outlook)
    projected = project(spent, _pace(recent, cycle), window, now_ms)
    return replace(made, projected_nano_usd=projected)


def fitting(held: Iterable[InForce], filters: Filters) -> InForce | None:
    """The budget for just these calls: of everything, or of the one thing that is filtered by."""
    given = list(filters.given())
    if len(given) > 1:
        return None
    kind, name = (given[0][0].value, given[0][1]) if given else (ScopeKind.TOTAL.value, "")
    return next((h for h in held if tuple(h.budget.scope) == (kind, name)), None)


def _recent(days: Sequence[DayTotals], since_day: int | None, today: int) -> list[DayTotals]:
    """The last complete days; the first one of all, which began somewhere, is none of them."""
    first = today if since_day is None else max(today - LOOK_BACK_DAYS, since_day + 1)
    return [each for each in days if first <= each.day < today]


def _pace(recent: Sequence[DayTotals], cycle: Cycle) -> Pace | None:
    if not recent:
        return None
    days = range(recent[0].day, recent[-1].day + 1)
    spent = sum(each.totals.cost_nano_usd for each in recent)
    return Pace(spent, _window(days, cycle).length_ms)


def _window(days: range, cycle: Cycle) -> Window:
    zone = cycle.zone
    return Window(day_window(days.start, zone).from_ms, day_window(days.stop, zone).from_ms)
