"""Bills: what providers say that their days cost, and how asking them went."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class BillSourceRow(Base):
    """A source of bills: from which to which UTC day it has told, and how the last try went."""

    __tablename__ = "bill_source"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    provider: Mapped[str]
    first_day: Mapped[int | None]
    through_day: Mapped[int | None]
    tried_ms: Mapped[int]
    succeeded_ms: Mapped[int | None]
    error: Mapped[str | None]


class BillLineRow(Base):
    """What an item of a UTC day cost as its provider says. In no sum of ours."""

    __tablename__ = "bill_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("bill_source.name"))
    day: Mapped[int]
    item: Mapped[str]
    model: Mapped[str | None]
    nano_usd: Mapped[int]
    requests: Mapped[int | None]
    tokens: Mapped[int | None]
    __table_args__ = (Index("bill_line_source_day", "source", "day"),)
