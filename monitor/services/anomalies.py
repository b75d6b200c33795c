"""Anomalies: subjects whose spend today is unusual, told once a day each.

Reads the quarter-hours of today, and only where a subject has spent enough to be told of, those
of the same weekday in the weeks before.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.domain.anomalies import (
    Tolerance,
    Usual,
    day_so_far,
    is_unusual,
    usual,
    weekdays_before,
)
from monitor.domain.budgets import Scope, Spent
from monitor.domain.rules import AlertRule, Notice, RuleName
from monitor.domain.windows import Window, day_of
from monitor.storage.engine import Session
from monitor.storage.facts import home_zone
from monitor.storage.queries import subjects

_Days = Sequence[tuple[int, Mapping[Scope, Spent]]]


def find(session: Session, rule: AlertRule[Tolerance], now_ms: int) -> Iterator[Notice]:
    """What is unusual on the home day so far; a subject's days before its first call are none."""
    tolerance, zone = rule.parameters, home_zone(session)
    today = day_so_far(now_ms, zone)
    now = subjects.spent(session, today)
    dear = {s: spent for s, spent in now.items() if spent.nano_usd >= tolerance.floor_nano_usd}
    if not dear:
        return
    before = weekdays_before(today, tolerance.weeks, zone)
    days = [(day_of(each.from_ms, zone), subjects.spent(session, each)) for each in before]
    first = subjects.first_days(session, days[-1][0] - 1)
    for scope, spent in dear.items():
        known = usual(_history(scope, days, first.get(scope)), tolerance.least_days)
        if known is not None and is_unusual(spent.nano_usd, known, tolerance):
            yield _notice(scope, spent, known, today, zone.key, now_ms)


def _history(scope: Scope, days: _Days, first_day: int | None) -> list[Spent]:
    return [
        costs.get(scope, Spent())
        for day, costs in days
        if first_day is not None and first_day < day
    ]


def _notice(
    scope: Scope, spent: Spent, known: Usual, today: Window, zone: str, now_ms: int
) -> Notice:
    facts: dict[str, Any] = {
        "scope": scope.kind.value,
        "name": scope.name,
        "from_ms": today.from_ms,
        "until_ms": today.to_ms,
        "zone": zone,
        "spent_nano_usd": spent.nano_usd,
        "calls": spent.calls,
        "unknown": spent.unknown,
        "usual_nano_usd": known.nano_usd,
        "spread_nano_usd": known.spread_nano_usd,
        "days": known.days,
    }
    return Notice(RuleName.SPEND_ANOMALY, str(scope), str(today.from_ms), now_ms, facts=facts)
