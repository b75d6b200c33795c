"""Alerts: rules, channels, what is told as one thing, and each message to each channel."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class RuleRow(Base):
    """A rule of the settings in force, since it is as it is; see `monitor.domain.rules`.

    `reach` are providers and endpoints that it is for, `severity` is null where what happens says.
    """

    __tablename__ = "alert_rule"
    name: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    severity: Mapped[str | None]
    reach: Mapped[dict[str, Any]]
    parameters: Mapped[dict[str, Any]]
    since_ms: Mapped[int]


class ChannelRow(Base):
    """A channel of the settings in force; `shown` is what may be seen of its address.

    `pace` is how many messages it takes, as text. `mark` changes with where it leads; what stands
    after it is how it fares, see `monitor.domain.channel_health`.
    """

    __tablename__ = "channel"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    shown: Mapped[str]
    place: Mapped[int]
    pace: Mapped[str | None]
    fallback: Mapped[str | None]
    mark: Mapped[str | None]
    refusing_ms: Mapped[int | None]
    refusals: Mapped[int]
    for_good: Mapped[int]
    off_ms: Mapped[int | None]
    off_reason: Mapped[str | None]


class AlertRow(Base):
    """One root cause (`kind` at `provider`) as it is told; see `monitor.domain.alerts`.

    `outbox_id` is what it tells where that is no incident: a budget's threshold, a digest.
    `told_ms` is since when somebody could know of it; null while all of it is held.
    """

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    provider: Mapped[str]
    severity: Mapped[str]
    opened_ms: Mapped[int]
    changed_ms: Mapped[int]
    is_flapping: Mapped[bool]
    closed_ms: Mapped[int | None] = mapped_column(index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    told_ms: Mapped[int | None]


class AlertIncidentRow(Base):
    """An incident of an alert; `is_open` as far as changes were told on."""

    __tablename__ = "alert_incident"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    is_open: Mapped[bool]


class DeliveryRow(Base):
    """A message to a channel; see `monitor.domain.deliveries`. The test of one has no alert.

    `key` is the same for all tries. `created_ms` is when what it tells was confirmed; `tried_ms`
    and `error` are of the newest try. `hold` is what held it last, until `released_ms`.
    `passed_from` could not take it, and passed it on then. `held_ms` is how long after
    `created_ms` it was due for the first time; it is known once it was tried, or told by another.
    """

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    channel: Mapped[str]
    telling: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    created_ms: Mapped[int]
    due_ms: Mapped[int]
    attempts: Mapped[int]
    state: Mapped[str]
    tried_ms: Mapped[int | None]
    delivered_ms: Mapped[int | None]
    error: Mapped[str | None]
    hold: Mapped[str | None]
    released_ms: Mapped[int | None]
    passed_from: Mapped[str | None]
    passed_ms: Mapped[int | None]
    held_ms: Mapped[int | None]
    __table_args__ = (
        Index("delivery_alert_channel", "alert_id", "channel"),
        Index("delivery_state", "state", "due_ms"),
        Index("delivery_channel", "channel", "id"),
        Index("delivery_delivered", "delivered_ms"),
    )
