"""Probing: what the scheduler has to know after a restart."""

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.calls import Kind
from monitor.domain.outcomes import Result
from monitor.storage.models.base import CLUSTERED, OUTCOME, Base


class NewestRow(Base):
    """The newest probe of each purpose, of an endpoint or (reach) of a target.

    `capability` is 0 where none is tested. `failed_ms` is the end of the newest charged failure
    of that purpose; of kind `request` it is when a team's own calls were last seen to fail.
    `retry_ms` is when the provider asked to be asked again.
    """

    __tablename__ = "newest_probe"
    __table_args__ = CLUSTERED
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(primary_key=True)
    capability: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    call_id: Mapped[int | None]
    started_ms: Mapped[int]
    ended_ms: Mapped[int]
    outcome: Mapped[Result | None] = mapped_column(OUTCOME)
    failed_ms: Mapped[int | None]
    retry_ms: Mapped[int | None]
