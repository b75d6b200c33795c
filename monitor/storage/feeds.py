"""Feeds: how each source of prices went when it was asked last."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from monitor.domain.feeds import Feed, FeedKind
from monitor.storage.engine import Session
from monitor.storage.models.prices import FeedRow


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed, when it was tried and when it succeeded, and what it said.

    `as_of_ms` is of when its prices are, `error` why the last try failed, `said` of how many
    endpoints it had a price; `remarks` are of the last success.
    """

    feed: Feed
    tried_ms: int
    succeeded_ms: int | None = None
    as_of_ms: int | None = None
    etag: str | None = None
    error: str | None = None
    said: int = 0
    remarks: tuple[str, ...] = ()


def every(session: Session) -> list[Asked]:
    """All that were ever asked and are still in the settings, by name."""
    return [_asked(row) for row in session.scalars(select(FeedRow).order_by(FeedRow.name))]


def put(session: Session, asked: Asked) -> None:
    """Note how it went, in the place of what stood."""
    feed = asked.feed
    values = {
        "kind": feed.kind.value,
        "place": feed.place,
        "tried_ms": asked.tried_ms,
        "succeeded_ms": asked.succeeded_ms,
        "as_of_ms": asked.as_of_ms,
        "etag": asked.etag,
        "error": asked.error,
        "said": asked.said,
        "remarks": {"remarks": list(asked.remarks)},
    }
    is_known = session.scalar(select(FeedRow.name).where(FeedRow.name == feed.name)) is not None
    if is_known:
        session.execute(update(FeedRow).where(FeedRow.name == feed.name).values(values))
    else:
        session.execute(insert(FeedRow).values(name=feed.name, **values))


def forget_all_but(session: Session, names: Collection[str]) -> None:
    """Drop those that the settings no longer name."""
    session.execute(delete(FeedRow).where(FeedRow.name.not_in(names)))


def _asked(row: FeedRow) -> Asked:
    return Asked(
        Feed(row.name, FeedKind(row.kind), row.place),
        row.tried_ms,
        row.succeeded_ms,
        row.as_of_ms,
        row.etag,
        row.error,
        row.said,
        tuple(row.remarks["remarks"]),
    )
