"""Forecasts: what the spend of a budget, or of some calls, comes to by the end of a period."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from monitor.domain import forecasts
from monitor.domain.budgets import Budget
from monitor.domain.dimensions import Filters
from monitor.domain.forecasts import HISTORY_DAYS, Forecast, History, Record
from monitor.domain.windows import Window, day_of, day_window
from monitor.storage.engine import Session
from monitor.storage.facts import home_zone
from monitor.storage.queries import budgets, usage
from monitor.storage.queries.owners import ALL, Audience

#: From so many thousandths on a breach has a date.
_LIKELY = 500


class Day(NamedTuple):
    """What calls of a home day (a proleptic ordinal) cost, and how many there were."""

    day: int
    nano_usd: int
    calls: int


class Outlook(NamedTuple):
    """A forecast, of how many days it is made, and how such forecasts did before.

    `ends_ms` are the instants at which its days, today the first, are over in the period.
    """

    forecast: Forecast
    days: int
    record: Record
    ends_ms: tuple[int, ...]

    def breach_ms(self, amount_nano_usd: int, spent_nano_usd: int, now_ms: int) -> int | None:
        """When an amount is used up, to the day, if that is as likely as not; else `None`.

        It is now where that has happened.
        """
        if spent_nano_usd >= amount_nano_usd:
            return now_ms
        breach = self.forecast.breach(amount_nano_usd)
        if breach.permille < _LIKELY:
            return None
        return self.ends_ms[breach.day] - 1


def describe(outlook: Outlook | None) -> dict[str, Any] | None:
    """A forecast as JSON: what 10, 50 and 90 % of the ways ahead stay below, in nano-dollars."""
    if outlook is None:
        return None
    total, earlier = outlook.forecast.total._asdict(), outlook.record._asdict()
    return {f"{key}_nano_usd": each for key, each in total.items()} | {
        "days": outlook.days,
        "earlier_intervals": earlier,
    }


def of_budget(
    session: Session, budget: Budget, window: Window, spent_nano_usd: int, now_ms: int
) -> Outlook | None:
    """What a budget's period comes to; `None` where too few days are known, or it is over."""
    days = _looked_at(session, now_ms)
    found = (Day(*each) for each in budgets.daily(session, budget, days))
    return _look_out(session, found, window, spent_nano_usd, now_ms)


def of_calls(
    session: Session,
    window: Window,
    spent_nano_usd: int,
    now_ms: int,
    filters: Filters,
    audience: Audience,
) -> Outlook | None:
    """What a period of some calls comes to; `None` where too few days are known, or it is over."""
    days, home = _looked_at(session, now_ms), home_zone(session)
    found = usage.by_day(
        session, days.start, days.stop - 1, home, audience=audience, filters=filters
    ).get(ALL, [])
    listed = (Day(each.day, each.totals.cost_nano_usd, each.totals.n) for each in found)
    return _look_out(session, listed, window, spent_nano_usd, now_ms)


def _looked_at(session: Session, now_ms: int) -> range:
    """The complete home days that count: not the first of any team's, which began somewhere."""
    today, since = day_of(now_ms, home_zone(session)), budgets.first_day(session)
    first = today if since is None else max(today - HISTORY_DAYS, since + 1)
    return range(first, max(first, today))


def _look_out(
    session: Session, days: Iterable[Day], window: Window, spent_nano_usd: int, now_ms: int
) -> Outlook | None:
    history = _history(days, day_of(now_ms, home_zone(session)))
    ahead = _ahead(session, window, now_ms)
    shares = tuple(left.length_ms / whole.length_ms for whole, left in ahead)
    found = forecasts.forecast(history, spent_nano_usd, shares)
    if found is None:
        return None
    ends_ms = tuple(left.to_ms for _, left in ahead)
    return Outlook(found, len(history.days), forecasts.record(history, len(ahead)), ends_ms)


def _history(days: Iterable[Day], today: int) -> History:
    """The days from the first call on; a day in between without a call cost nothing."""
    spent = {each.day: each.nano_usd for each in days if each.calls}
    first = min(spent, default=today)
    amounts = tuple(spent.get(day, 0) for day in range(first, today))
    return History(amounts, (first - 1) % 7)


def _ahead(session: Session, window: Window, now_ms: int) -> list[tuple[Window, Window]]:
    """Today and each home day after it, whole, and what of it is still to come in a period."""
    home = home_zone(session)
    days = range(day_of(now_ms, home), day_of(window.to_ms - 1, home) + 1)
    wholes = [day_window(day, home) for day in days]
    return [(each, each.clip(now_ms, window.to_ms)) for each in wholes]
