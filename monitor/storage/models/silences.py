"""Silences, and the steps after an alert was told: reminders and escalations."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class SilenceRow(Base):
    """A time in which alerts are held, with who said so; see `monitor.domain.silences`.

    It holds while `ended_ms` is null; `ended_by` is null too where it came to its own end.
    """

    __tablename__ = "silence"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id"))
    provider: Mapped[str | None]
    kind: Mapped[str | None]
    made_ms: Mapped[int]
    until_ms: Mapped[int | None]
    made_by: Mapped[str]
    reason: Mapped[str]
    ended_ms: Mapped[int | None] = mapped_column(index=True)
    ended_by: Mapped[str | None]


class AlertStepRow(Base):
    """A reminder or an escalation of an alert, taken once; see `monitor.domain.escalation`."""

    __tablename__ = "alert_step"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    at_ms: Mapped[int]
