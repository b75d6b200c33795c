"""Metered calls: what single calls of a team used, and what they cost."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.dimensions import Dimension, Filters
from monitor.domain.usage import LEAVES, Usage, UsageState
from monitor.domain.what_if import Metered
from monitor.domain.windows import Window
from monitor.storage.facts import details_from_ms
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries.owners import Audience, asked, chosen


class Found(NamedTuple):
    """Calls of known usage since an instant, the newest first, and how many more lack usage."""

    since_ms: int
    calls: list[Metered]
    no_usage: int


def newest(session: Session, window: Window, filters: Filters, most: int) -> Found:
    """The newest of the team's calls that started in a window, at most so many.

    By users and tags those whose details are kept.
    """
    row, question = CallRow, asked(session, Dimension.ALL, Audience.TEAM, None, filters)
    if question.people:
        window = window.clip(details_from_ms(session), window.to_ms)
    whose = list(chosen(row, question))
    known = row.usage_state != UsageState.MISSING
    leaves = [getattr(row, leaf) for leaf in LEAVES]
    listed = (
        select(row.started_ms, row.service_tier, row.cost_nano_usd, *leaves)
        .where(*whose, known, row.started_ms >= window.from_ms, row.started_ms < window.to_ms)
        .order_by(row.started_ms.desc())
        .limit(most)
    )
    calls = [
        Metered(started_ms, Usage(*used), tier, nano_usd)
        for started_ms, tier, nano_usd, *used in session.execute(listed)
    ]
    since_ms = calls[-1].started_ms if len(calls) == most else window.from_ms
    lacking = select(func.count()).where(
        *whose, ~known, row.started_ms >= since_ms, row.started_ms < window.to_ms
    )
    return Found(since_ms, calls, session.scalar(lacking) or 0)
