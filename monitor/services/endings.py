"""Endings: models in use that are served no longer soon, told as their day nears."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.retirements import Nearing, Retirement, step
from monitor.domain.rules import AlertRule, Notice, RuleName
from monitor.domain.windows import day_of
from monitor.storage import retirements
from monitor.storage.engine import Session
from monitor.storage.facts import home_zone
from monitor.storage.queries import in_use
from monitor.storage.queries.in_use import InUse

_UTC = ZoneInfo("UTC")
#: Of how many days it is told how often a model was called.
_USED_DAYS = 30
_MOST_LISTED = 8


def find(session: Session, rule: AlertRule[Nearing], now_ms: int) -> list[Notice]:
    """One notice for each model whose day has come within another distance of now."""
    first_day = day_of(now_ms, home_zone(session)) - _USED_DAYS
    told, today = retirements.every(session), day_of(now_ms, _UTC)
    groups: defaultdict[tuple[str, int], list[tuple[InUse, Retirement]]] = defaultdict(list)
    for each in in_use.endpoints(session, first_day):
        if each.endpoint_id in told and rule.tells_of(each.provider, each.slug):
            ending = told[each.endpoint_id]
            groups[each.model, ending.day].append((each, ending))
    found = []
    for (model, day), members in groups.items():
        near = step(day - today, rule.parameters.steps)
        if near is not None:
            found.append(_notice(model, members, day - today, near, now_ms))
    return found


def _notice(
    model: str, members: Sequence[tuple[InUse, Retirement]], left: int, near: int, now_ms: int
) -> Notice:
    used, ending = [each for each, _ in members], members[0][1]
    providers = {each.provider for each in used}
    facts: dict[str, Any] = {
        "day": ending.day,
        "days_left": left,
        "source": ending.source,
        "endpoints": [each.slug for each in used[:_MOST_LISTED]],
        "count": len(used),
        "calls": sum(each.spent.calls for each in used),
        "spent_nano_usd": sum(each.spent.nano_usd for each in used),
        "days": _USED_DAYS,
    }
    provider = providers.pop() if len(providers) == 1 else ""
    return Notice(RuleName.RETIREMENT, model, f"{ending.day}/{near}", now_ms, provider, facts)
