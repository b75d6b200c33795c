"""Operations: what the installation knows of itself."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class Fact(Base):
    """One fact about this installation: home zone, start of the ledger, demo mode and so on."""

    __tablename__ = "fact"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Lease(Base):
    """Who writes. One row; a file lock beside the database backs it."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    host: Mapped[str]
    acquired_ms: Mapped[int]
    heartbeat_ms: Mapped[int]


class GapRow(Base):
    """Probe runs that did not take place, and why: a gap is neither up nor down."""

    __tablename__ = "gap"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(index=True)
    at_ms: Mapped[int] = mapped_column(index=True)
    reason: Mapped[str]
    runs: Mapped[int]


class MaintenanceRow(Base):
    """A declared window of one endpoint, of one provider's endpoints, or of all.

    `recorded_ms` is when it was declared as it stands: after `from_ms`, it was after the fact.
    `declared_by` is who said so where that was a person, `line` the settings file's where it was.
    """

    __tablename__ = "maintenance"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    name: Mapped[str]
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id"))
    provider: Mapped[str | None]
    from_ms: Mapped[int]
    to_ms: Mapped[int] = mapped_column(index=True)
    reason: Mapped[str]
    recorded_ms: Mapped[int]
    declared_by: Mapped[str | None]
    line: Mapped[int | None]
    __table_args__ = (Index("maintenance_name", "source", "name", unique=True),)


class PauseRow(Base):
    """A time in which nobody probes: one endpoint, one provider's, or all; with who said so.

    It holds while `ended_ms` is null; `ended_by` is null too where it came to its own end.
    """

    __tablename__ = "pause"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id"))
    provider: Mapped[str | None]
    paused_ms: Mapped[int]
    until_ms: Mapped[int | None]
    paused_by: Mapped[str]
    reason: Mapped[str]
    ended_ms: Mapped[int | None]
    ended_by: Mapped[str | None]


class QuarantineRow(Base):
    """A call that could not be recorded, with the reason; nothing is dropped in silence.

    `digest` stands for both: what is told twice lies here once.
    """

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int]
    reason: Mapped[str]
    call: Mapped[str]
    digest: Mapped[bytes | None] = mapped_column(unique=True)


class VitalsRow(Base):
    """What the monitor said of itself at an instant; see `monitor.domain.vitals`."""

    __tablename__ = "vitals"
    at_ms: Mapped[int] = mapped_column(primary_key=True)
    lag_us: Mapped[int | None]
    queued: Mapped[int]
    in_flight: Mapped[int]
    missed_runs: Mapped[int]
    skipped_runs: Mapped[int]
    clock_steps: Mapped[int]
    clock_behind_us: Mapped[int]
    is_writable: Mapped[bool]
    spooled: Mapped[int]
    spool_bytes: Mapped[int]
    spool_limit_bytes: Mapped[int]
    lost: Mapped[int]
    quarantined: Mapped[int]
    database_bytes: Mapped[int | None]
    wal_bytes: Mapped[int | None]
