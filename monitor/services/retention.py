"""Retention: forget what is too old, in steps short enough to let calls through."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.windows import DAY_MS, bucket_of, day_of, day_window
from monitor.storage import facts, pruning
from monitor.storage.engine import Session


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days calls, their details and 15-minute latency are kept."""

    calls_days: int = 400
    details_days: int = 90
    latency_days: int = 90


def prune_step(session: Session, retention: Retention, now_ms: int) -> bool:
    """Forget a bounded number of rows; whether there may be more.

    The start of the ledger is moved before any call goes, so that sums made from calls are never
    compared with a ledger that has lost some.
    """
    home_zone = facts.home_zone(session)
    first_day = day_of(now_ms - retention.calls_days * DAY_MS, home_zone)
    if first_day > facts.ledger_from_day(session):
        facts.state(session, facts.LEDGER_FROM_DAY, str(first_day))
    return any(
        (
            pruning.details(session, now_ms - retention.details_days * DAY_MS),
            pruning.latency(session, bucket_of(now_ms - retention.latency_days * DAY_MS)),
            _calls(session, home_zone),
        )
    )


def _calls(session: Session, home_zone: ZoneInfo) -> int:
    from_ms = day_window(facts.ledger_from_day(session), home_zone).from_ms
    return pruning.calls(session, from_ms) + pruning.gaps(session, from_ms)
