"""Damages: the failed calls of a time, and those of the same people right after; bounded."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.damages import SOON_MS, Gone, Made
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import Window
from monitor.storage.models.ledger import AttributionRow, CallRow
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.measures import GOOD
from monitor.storage.queries.totals import Totals

_ROW = CallRow


def by_team(session: Session, window: Window, endpoint_ids: Collection[int]) -> dict[str, Totals]:
    """What the failed and wrongly answered calls of each team sum up to."""
    chosen: Select[*tuple[Any, ...]] = (
        select(AttributionRow.team, *EXPRESSIONS)
        .join(AttributionRow, AttributionRow.id == _ROW.attribution_id)
        .where(*_failed(window, endpoint_ids))
        .group_by(AttributionRow.team)
    )
    return {team: Totals(*map(int, sums)) for team, *sums in session.execute(chosen)}


def gone(session: Session, window: Window, endpoint_ids: Collection[int], most: int) -> list[Gone]:
    """The failed calls one by one, at most so many."""
    chosen = select(_ROW.attribution_id, _ROW.ended_ms).where(*_failed(window, endpoint_ids))
    return [Gone(*found) for found in session.execute(chosen.limit(most))]


def made_after(
    session: Session, window: Window, attribution_ids: Collection[int], most: int
) -> list[Made]:
    """All calls of some, to whomever, from the time on until a little later; at most so many."""
    chosen = (
        select(_ROW.attribution_id, _ROW.started_ms, _ROW.cost_nano_usd)
        .where(
            _ROW.started_ms >= window.from_ms,
            _ROW.started_ms < window.to_ms + SOON_MS,
            _ROW.origin != Origin.PROBE,
            _ROW.attribution_id.in_(attribution_ids),
        )
        .limit(most)
    )
    return [Made(*found) for found in session.execute(chosen)]


def nobody(session: Session) -> int | None:
    """The number of the attribution that says nothing."""
    row = AttributionRow
    nothing = (row.team == "", row.project == "", row.app == "", row.key == "")
    return session.scalar(select(row.id).where(*nothing))


def _failed(window: Window, endpoint_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        _ROW.endpoint_id.in_(endpoint_ids),
        _ROW.started_ms >= window.from_ms,
        _ROW.started_ms < window.to_ms,
        _ROW.origin != Origin.PROBE,
        or_(_ROW.outcome.not_in(GOOD), _ROW.outcome == Outcome.WRONG_ANSWER),
    )
