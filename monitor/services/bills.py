"""Bills: what providers say that days cost, kept as they correct it, beside our own sums."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain import bills as rules
from monitor.domain.bills import Biller, Billers, BillLine, Span
from monitor.domain.dimensions import Filters
from monitor.domain.windows import day_of
from monitor.storage import bills as rows
from monitor.storage.bills import Billed
from monitor.storage.engine import Session
from monitor.storage.queries import bills, usage
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals

#: One that failed is asked again after so long, or sooner where all are.
RETRY_MS = 900_000
UTC = ZoneInfo("UTC")
_LONGEST_ERROR = 300


def due(session: Session, billers: Billers, now_ms: int) -> list[Biller]:
    """Those that are to be asked now."""
    known = {each.name: each for each in rows.every(session)}
    return [each for each in billers.sources if _is_due(known.get(each.name), billers, now_ms)]


def _is_due(known: Billed | None, billers: Billers, now_ms: int) -> bool:
    if known is None:
        return True
    every_ms = round(billers.every_s * 1000)
    wait_ms = every_ms if known.error is None else min(every_ms, RETRY_MS)
    return not known.tried_ms <= now_ms < known.tried_ms + wait_ms


def span(session: Session, biller: Biller, now_ms: int) -> Span:
    """Which days to ask a source for."""
    known = rows.find(session, biller.name)
    through = known.through_day if known is not None and rows.is_of(known, biller) else None
    return rules.span(day_of(now_ms, UTC) - 1, through)


def take(
    session: Session, biller: Biller, asked: Span, lines: Iterable[BillLine], now_ms: int
) -> int:
    """Let what a source told of days stand, in the place of what it told before; how many lines."""
    within = [each for each in lines if asked.first <= each.day <= asked.last]
    rows.note(session, biller, now_ms, None)
    rows.replace(session, biller.name, asked, within)
    return len(within)


def note_failure(session: Session, biller: Biller, problem: str, now_ms: int) -> None:
    """A source could not be asked, or understood: what it told before stands."""
    rows.note(session, biller, now_ms, problem[:_LONGEST_ERROR] or "it failed")


class DayCheck(NamedTuple):
    """A complete UTC day: what was billed (`None`: nothing told), and our own calls of it."""

    day: int
    billed_nano_usd: int | None
    ours: Totals

    @property
    def difference_nano_usd(self) -> int | None:
        """Billed less ours; `None` where one of both is not known."""
        ours = self.ours.spend_nano_usd if self.ours.n else 0
        if self.billed_nano_usd is None or ours is None:
            return None
        return self.billed_nano_usd - ours


class Check(NamedTuple):
    """A source beside our own sums of its provider, day by day, the newest first."""

    billed: Billed
    days: Sequence[DayCheck]


def checks(session: Session, first_day: int, last_day: int, now_ms: int) -> list[Check]:
    """Each source over complete UTC days. Our probes are in, for providers bill them too."""
    last = min(last_day, day_of(now_ms, UTC) - 1)
    days = range(first_day, last + 1)
    return [_check(session, each, days) for each in rows.every(session)] if days else []


def _check(session: Session, billed: Billed, days: range) -> Check:
    theirs = bills.by_day(session, billed.name, days)
    found = usage.by_day(
        session,
        days.start,
        days.stop - 1,
        UTC,
        audience=Audience.EVERYONE,
        filters=Filters(provider=billed.provider),
    )
    ours = {each.day: each.totals for each in found.get(ALL, [])}
    listed = [
        DayCheck(day, _told(billed, day, theirs), ours.get(day, Totals())) for day in reversed(days)
    ]
    return Check(billed, listed)


def _told(billed: Billed, day: int, theirs: dict[int, int]) -> int | None:
    """A day without a line cost nothing where its source has told of it."""
    if day in theirs:
        return theirs[day]
    first, through = billed.first_day, billed.through_day
    is_told = first is not None and through is not None and first <= day <= through
    return 0 if is_told else None
