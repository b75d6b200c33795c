"""Maintenance: the windows as pages list them, and who is in one now."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.windows import Window
from monitor.storage import maintenance
from monitor.storage.models.operations import MaintenanceRow


@dataclass(frozen=True, slots=True)
class Declared:
    """A window, who said so, and when; without endpoint and provider it is everybody's.

    `by` is the person who declared it, `line` where it stands in the settings. One that was
    `recorded_ms` after it had begun was declared after the fact.
    """

    name: str
    from_ms: int
    to_ms: int
    endpoint_id: int | None
    provider: str | None
    reason: str
    source: str
    recorded_ms: int
    id: int
    by: str | None
    line: int | None

    @property
    def is_belated(self) -> bool:
        """Whether it was declared, or last changed, after it had begun."""
        return self.recorded_ms > self.from_ms


def between(session: Session, window: Window) -> list[Declared]:
    """The declared windows that a span of time meets, the newest first."""
    row = MaintenanceRow
    chosen = (
        select(
            row.name,
            row.from_ms,
            row.to_ms,
            row.endpoint_id,
            row.provider,
            row.reason,
            row.source,
            row.recorded_ms,
            row.id,
            row.declared_by,
            row.line,
        )
        .where(row.from_ms < window.to_ms, row.to_ms > window.from_ms)
        .order_by(row.from_ms.desc(), row.id.desc())
    )
    return [Declared(*found) for found in session.execute(chosen)]


def running(session: Session, now_ms: int) -> dict[int, Window]:
    """Who is in maintenance now, by number (targets too), and from when to when."""
    held = maintenance.held(session, Window(now_ms, now_ms + 1))
    return {endpoint_id: windows[0] for endpoint_id, windows in held.items()}
