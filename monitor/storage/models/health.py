"""Health: the state row of each endpoint and policy, its settled slices, incidents, the outbox."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.health import Policy, State
from monitor.domain.outcomes import Result
from monitor.storage.models.base import CLUSTERED, OUTCOME, Base


class HealthRow(Base):
    """Everything that decides the next step of an endpoint under a policy."""

    __tablename__ = "health"
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    policy: Mapped[Policy] = mapped_column(primary_key=True)
    created_ms: Mapped[int]
    settled_ms: Mapped[int]
    since_ms: Mapped[int]
    state: Mapped[State]
    last_tick_ms: Mapped[int | None]
    gap_ms: Mapped[int]
    is_interrupted: Mapped[bool]
    first_failed_ms: Mapped[int | None]
    failures: Mapped[int]
    passes: Mapped[int]
    first_pass_ms: Mapped[int | None]
    has_incident: Mapped[bool]
    trail: Mapped[tuple[int, ...]]
    excess: Mapped[int]
    excess_from_ms: Mapped[int | None]


class PaceRow(Base):
    """How fast and how rightly an endpoint's last probes were answered; see `domain.pace`."""

    __tablename__ = "pace"
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    ttfts_us: Mapped[tuple[int, ...]]
    wrongs: Mapped[tuple[int, ...]]
    hour: Mapped[int | None]
    usual_us: Mapped[int | None]
    last_ms: Mapped[int | None]
    gap_ms: Mapped[int]
    is_slow: Mapped[bool]
    is_poor: Mapped[bool]


class MeterRow(Base):
    """The newest minute of traffic of an endpoint without probes; see `domain.traffic`."""

    __tablename__ = "meter"
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    policy: Mapped[Policy] = mapped_column(primary_key=True)
    minute: Mapped[int | None]
    good: Mapped[int]
    failed: Mapped[int]
    started_ms: Mapped[int]
    ended_ms: Mapped[int]
    gap_ms: Mapped[int]
    first_failed_ms: Mapped[int | None]
    last_failed_ms: Mapped[int | None]


class AccountRow(Base):
    """Account failures in a row at an endpoint."""

    __tablename__ = "account"
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    failures: Mapped[int]
    first_failed_ms: Mapped[int | None]
    outcome: Mapped[Result | None] = mapped_column(OUTCOME)
    has_incident: Mapped[bool]
    last_ms: Mapped[int | None]


class SliceRow(Base):
    """From when on a state was held, settled.

    It ends where the next begins, or where settling stands; so a row is written once.
    """

    __tablename__ = "slice"
    __table_args__ = CLUSTERED
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    policy: Mapped[Policy] = mapped_column(primary_key=True)
    from_ms: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State]


class IncidentRow(Base):
    """Something that a rule of alerts holds against a subject, from its start to its end.

    Of `down`, `account` and `network` it is a confirmed failure: `outcome` and `call_id` are of the
    call that confirmed it. Others are found in sums: they have no call, and `facts` tells what was
    found. `subject` is what stays the same for whom it is of: the number of its endpoint as text,
    or a name; one without an endpoint is our own.
    """

    __tablename__ = "incident"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id"))
    kind: Mapped[str]
    outcome: Mapped[Result | None] = mapped_column(OUTCOME)
    started_ms: Mapped[int]
    confirmed_ms: Mapped[int]
    ended_ms: Mapped[int | None]
    closed_ms: Mapped[int | None]
    unobserved_ms: Mapped[int | None]
    rule_version: Mapped[int]
    call_id: Mapped[int | None]
    rule: Mapped[str]
    subject: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[dict[str, Any]]
    __table_args__ = (
        Index("incident_endpoint_started", "endpoint_id", "started_ms"),
        Index("incident_ended", "ended_ms"),
    )


def _unique(name: str, columns: Sequence[str], condition: str) -> Index:
    chosen = [getattr(IncidentRow, column) for column in columns]
    where = text(condition)
    return Index(name, *chosen, unique=True, sqlite_where=where, postgresql_where=where)


#: What a rule found without a call is open once, and is opened once, however many say so.
_unique("incident_rule_open", ("rule", "subject"), "call_id IS NULL AND closed_ms IS NULL")
_unique("incident_rule_once", ("rule", "subject", "confirmed_ms"), "call_id IS NULL")


class OutboxRow(Base):
    """What has to be told, written in the same commit as that which it tells of.

    `key` stands for the message whoever carries it and however often. Those of one `kind` and
    `subject` (an incident's number, a budget's name) are told in the order of `id`. `state` is
    `waiting` until something carries it away; `payload` is what is known as it is written.
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject: Mapped[str]
    transition: Mapped[str]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    payload: Mapped[dict[str, Any]]
    created_ms: Mapped[int]
    state: Mapped[str] = mapped_column(index=True)
    delivered_ms: Mapped[int | None]
    __table_args__ = (Index("outbox_subject", "kind", "subject"),)
