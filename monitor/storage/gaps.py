"""Gaps: probe runs that did not take place, and why. A gap is neither up nor down."""

from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.storage.models.operations import GapRow


class GapReason(StrEnum):
    """Why a probe was not sent."""

    MISSED = "missed"
    SKIPPED = "skipped"
    CAPPED = "capped"
    OFFLINE = "offline"
    UNPRICED = "unpriced"
    HELD = "held"


def add(session: Session, endpoint_id: int, at_ms: int, reason: GapReason, runs: int = 1) -> None:
    """Note that `runs` probes of an endpoint (or target), the first due at `at_ms`, were not sent.

    `missed`: we were asleep or too late. `skipped`: the one before was still running. `capped`:
    the day's probe money is spent. `offline`: our own network is away. `unpriced`: nobody knows
    what the probe would cost. `held`: the provider asked us to wait (`Retry-After`).
    """
    session.execute(
        insert(GapRow).values(endpoint_id=endpoint_id, at_ms=at_ms, reason=reason, runs=runs)
    )
