"""Subjects: what the team, each of its teams and each model spent, out of quarter-hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Select, func, select

from monitor.domain.budgets import Scope, ScopeKind, Spent
from monitor.domain.calls import Origin
from monitor.domain.windows import Window, bucket_of
from monitor.storage.engine import Session
from monitor.storage.models.ledger import AttributionRow, EndpointRow
from monitor.storage.models.rollups import Usage15m, UsageDay

TOTAL = Scope(ScopeKind.TOTAL)


class _Names(NamedTuple):
    models: Mapping[int, str]
    teams: Mapping[int, str]

    def of(self, endpoint_id: int, attribution_id: int) -> Iterable[Scope]:
        """The subjects that calls count for; a call without a team is of no team."""
        yield TOTAL
        yield Scope(ScopeKind.MODEL, self.models[endpoint_id])
        team = self.teams[attribution_id]
        if team:
            yield Scope(ScopeKind.TEAM, team)


def spent(session: Session, window: Window) -> dict[Scope, Spent]:
    """What each subject's calls cost that started in a window of whole quarter-hours."""
    row, names = Usage15m, _names(session)
    sums = (row.cost_nano_usd, row.n, row.n_unpriced, row.n_no_usage)
    chosen = (
        select(row.endpoint_id, row.attribution_id, *map(func.sum, sums))
        .where(row.bucket >= bucket_of(window.from_ms), row.bucket < bucket_of(window.to_ms))
        .where(row.origin != Origin.PROBE, row.endpoint_id.in_(names.models))
        .group_by(row.endpoint_id, row.attribution_id)
    )
    found: defaultdict[Scope, list[Spent]] = defaultdict(list)
    for endpoint_id, attribution_id, *values in session.execute(chosen):
        for scope in names.of(endpoint_id, attribution_id):
            found[scope].append(Spent(*map(int, values)))
    return {scope: Spent(*map(sum, zip(*each, strict=True))) for scope, each in found.items()}


def first_days(session: Session, since_day: int) -> dict[Scope, int]:
    """The home day of the first call of each subject; of those before a day, that day."""
    names, found = _names(session), dict[Scope, int]()
    for endpoint_id, attribution_id, day in session.execute(_firsts(since_day)):
        if endpoint_id in names.models:
            for scope in names.of(endpoint_id, attribution_id):
                found[scope] = min(day, found.get(scope, day))
    return found


def _firsts(since_day: int) -> Select[int, int, int]:
    row = UsageDay
    return (
        select(row.endpoint_id, row.attribution_id, func.min(row.day))
        .where(row.day >= since_day, row.origin != Origin.PROBE)
        .group_by(row.endpoint_id, row.attribution_id)
    )


def _names(session: Session) -> _Names:
    endpoint, attribution = EndpointRow, AttributionRow
    models = select(endpoint.id, endpoint.model).where(endpoint.model.is_not(None))
    teams = select(attribution.id, attribution.team)
    return _Names(
        {number: str(model) for number, model in session.execute(models)},
        {number: team for number, team in session.execute(teams)},  # noqa: C416 -- rows, typed
    )
