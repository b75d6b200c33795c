"""Calls: the ledger itself, a page at a time, and one call in full.

Endpoint and time are read from an index. Any other filter looks at a bounded number of rows, and
the page says where to go on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, select, true, union_all
from sqlalchemy.orm import Session

from monitor.domain.calls import Attribution, Detail, Kind, Origin, Timings
from monitor.domain.dimensions import Filters
from monitor.domain.outcomes import Result
from monitor.domain.prices import CostState, PriceList
from monitor.domain.usage import Usage
from monitor.domain.windows import Window
from monitor.storage.models.ledger import AttributionRow, CallDetailRow, CallRow
from monitor.storage.queries import people_rows, prices
from monitor.storage.queries.call_lines import CallLine, lines, seconds, usage_of
from monitor.storage.queries.measures import GOOD

#: How many rows of an endpoint are looked at for one page.
SCAN_ROWS = 2_000

#: The number of no endpoint: an empty choice of endpoints finds nothing.
NO_ENDPOINT = -1

Cursor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls to list; `None` asks for all. `only_failed` leaves out the good ones.

    `user` and `tag` as `Filters` has them; of calls whose details are gone neither is known.
    """

    endpoint_ids: Collection[int] | None = None
    window: Window | None = None
    origins: Collection[Origin] | None = None
    kinds: Collection[Kind] | None = None
    outcomes: Collection[Result] | None = None
    cost_states: Collection[CostState] | None = None
    teams: Collection[str] | None = None
    projects: Collection[str] | None = None
    apps: Collection[str] | None = None
    keys: Collection[str] | None = None
    user: str | None = None
    tag: str | None = None
    only_failed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Calls, the newest first.

    `next` is where to go on, though nothing older need match; `scanned` is how many rows were
    looked at.
    """

    lines: list[CallLine]
    next: Cursor | None
    scanned: int

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing older matches."""
        return self.next is None


@dataclass(frozen=True, slots=True)
class CallFull:
    """A call with all that was kept of it.

    `detail` is `None` where none was given, or where it is older than details are kept; the
    phases of `timings` go with it. `prices` is the list that its cost was computed with.
    `gap_s` is the time then planned to the next probe.
    """

    line: CallLine
    attribution: Attribution
    recorded_ms: int
    is_live: bool
    gap_s: float
    timings: Timings
    usage: Usage | None
    detail: Detail | None
    prices: PriceList | None


def page(
    session: Session, filters: CallFilter, before: Cursor | None = None, limit: int = 50
) -> Page:
    """At most `limit` calls from before a cursor on, fewer where `SCAN_ROWS` hold no more."""
    conditions = _conditions(filters)
    rows = SCAN_ROWS if conditions else limit + 1
    seen = session.execute(_examine(_newest(filters, before, rows), conditions)).all()
    places = [place for place, row in enumerate(seen) if row.is_match][:limit]
    scanned = places[-1] + 1 if len(places) == limit else len(seen)
    is_cut = scanned < len(seen) or len(seen) == rows
    return Page(
        lines=lines(session, [seen[place].id for place in places]),
        next=(seen[scanned - 1].started_ms, seen[scanned - 1].id) if is_cut else None,
        scanned=scanned,
    )


def _newest(filters: CallFilter, before: Cursor | None, rows: int) -> Subquery:
    """The newest rows of endpoints and time, by index only."""
    if filters.endpoint_ids is None:
        return _select_keys(filters.window, before, rows).subquery()
    each = [
        _select_keys(filters.window, before, rows)
        .where(CallRow.endpoint_id == number)
        .subquery()
        .select()
        for number in filters.endpoint_ids or (NO_ENDPOINT,)
    ]
    merged = union_all(*each).subquery()
    newest = merged.c.started_ms.desc(), merged.c.id.desc()
    return merged.select().order_by(*newest).limit(rows).subquery()


def _select_keys(window: Window | None, before: Cursor | None, rows: int) -> Select[int, int]:
    chosen = select(CallRow.id, CallRow.started_ms)
    if window is not None:
        chosen = chosen.where(
            CallRow.started_ms >= window.from_ms, CallRow.started_ms < window.to_ms
        )
    if before is not None:
        started_ms, number = before
        chosen = chosen.where(
            CallRow.started_ms <= started_ms,
            (CallRow.started_ms < started_ms) | (CallRow.id < number),
        )
    return chosen.order_by(CallRow.started_ms.desc(), CallRow.id.desc()).limit(rows)


def _examine(newest: Subquery, conditions: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    is_match = and_(true(), *conditions).label("is_match")
    return (
        select(newest.c.id, newest.c.started_ms, is_match)
        .join(CallRow, CallRow.id == newest.c.id)
        .join(AttributionRow, AttributionRow.id == CallRow.attribution_id)
        .order_by(newest.c.started_ms.desc(), newest.c.id.desc())
    )


def _conditions(filters: CallFilter) -> list[ColumnElement[bool]]:
    chosen = (
        (CallRow.origin, filters.origins),
        (CallRow.kind, filters.kinds),
        (CallRow.outcome, filters.outcomes),
        (CallRow.cost_state, filters.cost_states),
        (AttributionRow.team, filters.teams),
        (AttributionRow.project, filters.projects),
        (AttributionRow.app, filters.apps),
        (AttributionRow.key, filters.keys),
    )
    conditions: list[ColumnElement[bool]] = [
        column.in_(wanted) for column, wanted in chosen if wanted is not None
    ]
    people = Filters(user=filters.user, tag=filters.tag)
    conditions += people_rows.conditions(CallRow, people, ())
    return [*conditions, CallRow.outcome.not_in(GOOD)] if filters.only_failed else conditions


def detail(session: Session, call_id: int) -> CallFull | None:
    """The call of a number; `None` where there is none (any more)."""
    row = session.get(CallRow, call_id)
    if row is None:
        return None
    kept = session.get(CallDetailRow, call_id)
    used = None if row.price_list_id is None else prices.numbered(session, row.price_list_id)
    return CallFull(
        line=lines(session, [call_id])[0],
        attribution=_attribution(session, row.attribution_id),
        recorded_ms=row.recorded_ms,
        is_live=row.is_live,
        gap_s=row.gap_ms / 1000,
        timings=_timings(row, kept),
        usage=usage_of(row),
        detail=None if kept is None else _detail(kept),
        prices=used,
    )


def _attribution(session: Session, attribution_id: int) -> Attribution:
    row = AttributionRow
    chosen = select(row.team, row.project, row.app, row.key).where(row.id == attribution_id)
    return Attribution(*(name or None for name in session.execute(chosen).one()))


def _timings(row: CallRow, kept: CallDetailRow | None) -> Timings:
    ttft_s, total_s = seconds(row.ttft_us), seconds(row.total_us)
    if kept is None:
        return Timings(ttft_s=ttft_s, total_s=total_s)
    return Timings(
        connect_s=seconds(kept.connect_us),
        tls_s=seconds(kept.tls_us),
        first_byte_s=seconds(kept.first_byte_us),
        ttft_s=ttft_s,
        total_s=total_s,
        loop_lag_s=seconds(kept.loop_lag_us),
    )


def _detail(kept: CallDetailRow) -> Detail:
    return Detail(
        request_id=kept.request_id,
        provider_code=kept.provider_code,
        finish_reason=kept.finish_reason,
        served_model=kept.served_model,
        excerpt=kept.excerpt,
        usage_reported=kept.usage_reported,
        retry_after_s=seconds(kept.retry_after_us),
        is_reused=kept.is_reused,
        witness=kept.witness,
        capability=kept.capability,
    )
