"""Unpriced: calls whose usage is known and whose price is not, by endpoint."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import add
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, Usage
from monitor.domain.windows import day_window
from monitor.storage.facts import home_zone
from monitor.storage.models.ledger import CallRow, EndpointRow
from monitor.storage.models.rollups import Usage15m, UsageDay

#: Days on which only some calls were unpriced are read call by call; so many of them at most.
_MIXED_DAYS = 31


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The unpriced calls of one endpoint; `of_probes` of `calls` are ours.

    `usage` is theirs, `first_ms` and `last_ms` when the first and the last of them that the ledger
    still has started; `None` where it has none any more. Where `is_at_least`, older days are
    missing from the usage.
    """

    endpoint: str
    model: str
    is_met: bool
    calls: int
    of_probes: int
    usage: Usage
    first_ms: int | None
    last_ms: int | None
    is_at_least: bool = False

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.usage.input_total + self.usage.output_total


class Lately(NamedTuple):
    """The calls of a model since a bucket: those with a price, those without, and their tokens.

    Where `is_at_least`, further tokens are of hours in which other calls had a price.
    """

    model: str
    provider: str
    priced: int
    calls: int
    tokens: int
    is_at_least: bool


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    of_probes: int = 0
    leaves: tuple[int, ...] = (0,) * len(LEAVES)
    first_day: int = 0
    last_day: int = 0


def queue(session: Session) -> list[Unpriced]:
    """Every endpoint that has unpriced calls, the most tokens first."""
    zone, sums = home_zone(session), defaultdict[int, _Sum](_Sum)
    mixed: defaultdict[int, list[int]] = defaultdict(list)
    for endpoint_id, day, is_mixed, calls, of_probes, *leaves in _days(session):
        found = sums[endpoint_id]
        found.first_day, found.last_day = found.first_day or day, day
        found.calls, found.of_probes = found.calls + calls, found.of_probes + of_probes
        if is_mixed:
            mixed[endpoint_id].append(day)
        else:
            found.leaves = tuple(map(add, found.leaves, leaves))
    for endpoint_id, days in mixed.items():
        of_calls = _leaves(session, endpoint_id, days[-_MIXED_DAYS:], zone)
        sums[endpoint_id].leaves = tuple(map(add, sums[endpoint_id].leaves, of_calls))
    rows = _tell(session, sums, mixed, zone)
    return sorted(rows, key=lambda each: (-each.tokens, -each.calls, each.endpoint))


def lately(session: Session, since_bucket: int) -> list[Lately]:
    """Every model that teams' calls went to since a bucket, by name. Reads sums, and no call."""
    found: defaultdict[str, list[Lately]] = defaultdict(list)
    for each in _rows(session, since_bucket):
        found[each.model].append(each)
    return [_merge(model, rows) for model, rows in sorted(found.items())]


def _merge(model: str, rows: Collection[Lately]) -> Lately:
    providers = {row.provider for row in rows if row.calls} or {row.provider for row in rows}
    return Lately(
        model,
        providers.pop() if len(providers) == 1 else "",
        sum(row.priced for row in rows),
        sum(row.calls for row in rows),
        sum(row.tokens for row in rows),
        any(row.is_at_least for row in rows),
    )


def _rows(session: Session, since_bucket: int) -> Iterable[Lately]:
    row, place = Usage15m, EndpointRow
    leaves = [func.sum(getattr(row, leaf)) for leaf in LEAVES]
    is_mixed, is_unpriced = row.n_computed + row.n_reported > 0, row.n_unpriced > 0
    counts = (func.sum(row.n_computed + row.n_reported), func.sum(row.n_unpriced))
    chosen = (
        select(place.model, place.provider, is_mixed, is_unpriced, *counts, *leaves)
        .join(place, place.id == row.endpoint_id)
        .where(row.bucket >= since_bucket, row.origin != Origin.PROBE, place.model.is_not(None))
        .group_by(place.model, place.provider, is_mixed, is_unpriced)
    )
    for model, provider, mixed, unpriced, priced, calls, *sums in session.execute(chosen):
        usage = Usage(*map(int, sums)) if unpriced and not mixed else Usage()
        tokens = usage.input_total + usage.output_total
        at_least = bool(unpriced and mixed)
        yield Lately(str(model), provider, int(priced), int(calls), tokens, at_least)


def _days(session: Session) -> Iterable[tuple[int, ...]]:
    """Endpoint, home day, whether other calls have leaves that day too, counts, and leaves."""
    row = UsageDay
    priced = func.sum(row.n_computed + row.n_reported)
    of_probes = func.sum(row.n_unpriced).filter(row.origin == Origin.PROBE)
    leaves = [func.sum(getattr(row, leaf)) for leaf in LEAVES]
    counts = (func.sum(row.n_unpriced), func.coalesce(of_probes, 0))
    chosen = (
        select(row.endpoint_id, row.day, priced, *counts, *leaves)
        .group_by(row.endpoint_id, row.day)
        .having(func.sum(row.n_unpriced) > 0)
        .order_by(row.endpoint_id, row.day)
    )
    return ((found[0], found[1], *map(int, found[2:])) for found in session.execute(chosen))


def _leaves(
    session: Session, endpoint_id: int, days: Collection[int], zone: ZoneInfo
) -> tuple[int, ...]:
    """What the unpriced calls of some days used."""
    total: tuple[int, ...] = (0,) * len(LEAVES)
    sums = [func.coalesce(func.sum(getattr(CallRow, leaf)), 0) for leaf in LEAVES]
    for day in days:
        window = day_window(day, zone)
        chosen = select(*sums).where(
            CallRow.endpoint_id == endpoint_id,
            CallRow.started_ms >= window.from_ms,
            CallRow.started_ms < window.to_ms,
            CallRow.cost_state == CostState.UNPRICED,
        )
        total = tuple(map(add, total, map(int, session.execute(chosen).one())))
    return total


def _tell(
    session: Session, sums: dict[int, _Sum], mixed: dict[int, list[int]], zone: ZoneInfo
) -> Iterable[Unpriced]:
    row = EndpointRow
    named = select(row.id, row.slug, row.model, row.is_met).where(row.id.in_(sums))
    for number, slug, model, is_met in session.execute(named):
        found = sums[number]
        yield Unpriced(
            slug,
            model or slug,
            is_met,
            found.calls,
            found.of_probes,
            Usage(*found.leaves),
            _end(session, number, found.first_day, zone, is_first=True),
            _end(session, number, found.last_day, zone, is_first=False),
            is_at_least=len(mixed.get(number, ())) > _MIXED_DAYS,
        )


def _end(
    session: Session, endpoint_id: int, day: int, zone: ZoneInfo, *, is_first: bool
) -> int | None:
    """The start of the first, or last, unpriced call of a day."""
    window = day_window(day, zone)
    found = func.min(CallRow.started_ms) if is_first else func.max(CallRow.started_ms)
    return session.scalar(
        select(found).where(
            CallRow.endpoint_id == endpoint_id,
            CallRow.started_ms >= window.from_ms,
            CallRow.started_ms < window.to_ms,
            CallRow.cost_state == CostState.UNPRICED,
        )
    )
