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
    """Note that a source was asked, and why that failed if it did."""
    row = BillSourceRow
    values = {"kind": biller.kind.value, "provider": biller.provider, "tried_ms": tried_ms}
    values |= {"error": error} if error else {"error": None, "succeeded_ms": tried_ms}
    if find(session, biller.name) is None:
        session.execute(insert(row).values(name=biller.name, **values))
    else:
        session.execute(update(row).where(row.name == biller.name).values(values))


def replace(session: Session, name: str, span: Span, lines: Iterable[BillLine]) -> None:
    """Let these lines stand for days of a source, and nothing that was told of them before."""
    row, known = BillLineRow, find(session, name)
    session.execute(
        delete(row).where(row.source == name, row.day >= span.first, row.day <= span.last)
    )
    values = [{"source": name, **each._asdict()} for each in lines]
    if values:
        session.execute(insert(row), values)
    first = span.first if known is None or known.first_day is None else known.first_day
    told = {"first_day": min(first, span.first), "through_day": span.last}
    source = BillSourceRow
    session.execute(update(source).where(source.name == name).values(told))
