"""Spend course: how the month, or a budget's period, adds up."""

from typing import NamedTuple

from dash.development.base_component import Component

from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.figures import courses as lines
from dashboard.figures.axes import Figure
from dashboard.pages import spend_notes
from monitor.domain.budgets import InForce
from monitor.domain.dimensions import Filters
from monitor.domain.periods import Cycle, Period
from monitor.services import courses
from monitor.services.courses import Course
from monitor.storage.engine import Session
from monitor.storage.queries.owners import Audience


class Drawn(NamedTuple):
    """The chart, its legend, and which period it is of."""

    figure: Figure
    legend: Component
    note: str


def month(session: Session, choice: Choice, filters: Filters) -> Course:
    """The calendar month of now."""
    cycle = Cycle(Period.MONTH, choice.zone)
    return courses.course(session, cycle, choice.now_ms, choice.now_ms, filters)


def draw(
    session: Session, choice: Choice, filters: Filters, held: InForce | None, current: Course
) -> Drawn:
    """The period that the window ends in: of the budget for these calls, else the month."""
    found = _course(session, choice, filters, held, current)
    chart = lines.cumulative(
        found.days,
        found.before,
        found.period,
        projected_nano_usd=found.projected_nano_usd,
        bands=() if found.outlook is None else found.outlook.forecast.ends,
        limit_nano_usd=None if held is None else held.amount_nano_usd,
    )
    return Drawn(chart, _legend(found, held), spend_notes.course(found, held))


def _course(
    session: Session, choice: Choice, filters: Filters, held: InForce | None, current: Course
) -> Course:
    """Read anew only where it is not the month of now."""
    at_ms = max(choice.window.from_ms, choice.window.to_ms - 1)
    cycle = Cycle(Period.MONTH, choice.zone) if held is None else held.budget.cycle
    is_all = held is not None and held.budget.has_probes
    audience = Audience.EVERYONE if is_all else Audience.TEAM
    if not is_all and cycle == current.cycle and choice.last_day in current.period:
        return current
    return courses.course(session, cycle, at_ms, choice.now_ms, filters, audience)


def _legend(found: Course, held: InForce | None) -> Component:
    entries = [(lines.SO_FAR, "So far"), (lines.BEFORE, "The period before, dotted")]
    if found.projected_nano_usd is not None:
        word = "Projected, dashed" if found.outlook is None else "Forecast, dashed, 80 % shaded"
        entries.insert(1, (lines.SO_FAR, word))
    if held is not None:
        entries.append((lines.BUDGET, "Budget"))
    return parts.legend(entries)
