"""Retention: forget what is too old, in steps short enough to let calls through."""

from monitor.domain.windows import DAY_MS, bucket_of, day_of, day_window
from monitor.settings.model import Retention
from monitor.storage import facts, pruning
from monitor.storage.engine import Session


def prune_step(session: Session, retention: Retention, now_ms: int) -> bool:
    """Forget a bounded number of rows; whether there may be more.

    Boundaries are home days, and are moved before any row goes: sums made from rows are never
    compared with, or made again from, a ledger that has lost some of them.
    """
    home_zone = facts.home_zone(session)

    def advance(name: str, kept_days: int) -> int:
        first_day = day_of(now_ms - kept_days * DAY_MS, home_zone)
        return day_window(_advance(session, name, first_day), home_zone).from_ms

    calls_from_ms = advance(facts.LEDGER_FROM_DAY, retention.calls_days)
    details_from_ms = advance(facts.DETAILS_FROM_DAY, retention.details_days)
    latency_from_ms = advance(facts.LATENCY_FROM_DAY, retention.latency_days)
    return any(
        (
            pruning.details(session, details_from_ms),
            pruning.latency(session, bucket_of(latency_from_ms)),
            pruning.calls(session, calls_from_ms),
            pruning.gaps(session, calls_from_ms),
            pruning.vitals(session, details_from_ms),
            pruning.deliveries(session, details_from_ms),
        )
    )


def _advance(session: Session, name: str, day: int) -> int:
    """Move a boundary forwards to a home day; where it stands then."""
    standing = facts.read_day(session, name)
    if day > standing:
        facts.state(session, name, str(day))
    return max(day, standing)
