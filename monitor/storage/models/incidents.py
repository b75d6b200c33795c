"""Incidents: what people say of them. The incidents themselves are in `models.health`."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class AcknowledgementRow(Base):
    """Who is at an incident, since when; see `monitor.domain.acknowledgements`."""

    __tablename__ = "acknowledgement"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    at_ms: Mapped[int]
    by: Mapped[str]
    words: Mapped[str]
    via: Mapped[str]


class NoteRow(Base):
    """A note or a post-mortem; see `monitor.domain.notes`. Never changed once it is written."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[str]
    at_ms: Mapped[int]
    by: Mapped[str]
    text: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    __table_args__ = (Index("note_incident", "incident_id", "id"),)
