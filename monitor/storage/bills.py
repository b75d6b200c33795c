"""Bills: what was told of days, in the place of what was told before, and how asking went."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from monitor.domain.bills import Biller, BillLine, Span
from monitor.storage.engine import Session
from monitor.storage.models.bills import BillLineRow, BillSourceRow


@dataclass(frozen=True, slots=True)
class Billed:
    """A source: the days that it has told of (UTC, both included), and how the last try went.

    `error` is why that failed; it is `None` where it did not.
    """

    name: str
    kind: str
    provider: str
    first_day: int | None
    through_day: int | None
    tried_ms: int
    succeeded_ms: int | None
    error: str | None


def every(session: Session) -> list[Billed]:
    """All sources that were ever asked, by name."""
    row = BillSourceRow
    columns = [getattr(row, name) for name in Billed.__dataclass_fields__]
    return [Billed(*found) for found in session.execute(select(*columns).order_by(row.name))]


def find(session: Session, name: str) -> Billed | None:
    """A source by its name, if it was ever asked."""
    return next((each for each in every(session) if each.name == name), None)


def note(session: Session, biller: Biller, tried_ms: int, error: str | None) -> None:
    """Note that a source was asked, and why that failed if it did.

    What one of the same name told that was another, or stood beside another provider, is dropped.
    """
    known, row = find(session, biller.name), BillSourceRow
    if known is not None and not is_of(known, biller):
        session.execute(delete(BillLineRow).where(BillLineRow.source == biller.name))
        session.execute(delete(row).where(row.name == biller.name))
        known = None
    values: dict[str, str | int | None] = {"tried_ms": tried_ms, "error": error}
    if error is None:
        values["succeeded_ms"] = tried_ms
    if known is None:
        values |= {"name": biller.name, "kind": biller.kind.value, "provider": biller.provider}
        session.execute(insert(row).values(values))
    else:
        session.execute(update(row).where(row.name == biller.name).values(values))


def is_of(known: Billed, biller: Biller) -> bool:
    """Whether what is kept under a source's name was told by it."""
    return (known.kind, known.provider) == (biller.kind.value, biller.provider)


def replace(session: Session, name: str, span: Span, lines: Iterable[BillLine]) -> None:
    """Let these lines stand for days of a source, and nothing that was told of them before."""
    row, source = BillLineRow, BillSourceRow
    session.execute(
        delete(row).where(row.source == name, row.day >= span.first, row.day <= span.last)
    )
    values = [{"source": name, **each._asdict()} for each in lines]
    if values:
        session.execute(insert(row), values)
    told = {"first_day": _first_day(find(session, name), span), "through_day": span.last}
    session.execute(update(source).where(source.name == name).values(told))


def _first_day(known: Billed | None, span: Span) -> int:
    """Since when days are told of without a gap."""
    if known is None or known.first_day is None or known.through_day is None:
        return span.first
    is_joined = span.first <= known.through_day + 1
    return min(known.first_day, span.first) if is_joined else span.first
