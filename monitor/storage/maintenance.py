"""Maintenance: declared windows, and the time in which each endpoint is held by any of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from monitor.domain.maintenance import Maintenance, join
from monitor.domain.windows import Window
from monitor.storage import endpoints, statements
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.models.operations import MaintenanceRow

Held = dict[int, tuple[Window, ...]]

_VALUES = (
    "endpoint_id",
    "provider",
    "from_ms",
    "to_ms",
    "reason",
    "recorded_ms",
    "declared_by",
    "line",
)
_PUT = statements.replace("maintenance", ("source", "name"), _VALUES)
#: As text: it is asked in every transaction that settles anything.
_HELD = """
SELECT endpoint.id, maintenance.from_ms, maintenance.to_ms FROM maintenance JOIN endpoint
ON (maintenance.endpoint_id IS NULL OR maintenance.endpoint_id = endpoint.id)
AND (maintenance.provider IS NULL OR maintenance.provider = endpoint.provider)
WHERE maintenance.to_ms > ? AND maintenance.from_ms < ?
"""


class UnknownScope(LookupError):
    """A window names an endpoint that the ledger does not know."""


def declared(session: Session, source: str) -> list[Maintenance]:
    """What a source has declared."""
    return _read(session, _chosen().where(MaintenanceRow.source == source))


def meeting(session: Session, window: Window) -> list[Maintenance]:
    """The windows of all sources that meet a span of time."""
    row = MaintenanceRow
    is_met = (row.to_ms > window.from_ms) & (row.from_ms < window.to_ms)
    return _read(session, _chosen().where(is_met))


def find(session: Session, number: int) -> tuple[str, Maintenance] | None:
    """The window of a number and its source, if there is one."""
    source = session.scalar(select(MaintenanceRow.source).where(MaintenanceRow.id == number))
    found = _read(session, _chosen().where(MaintenanceRow.id == number))
    return (source, found[0]) if source is not None and found else None


def _chosen() -> Select[*tuple[Any, ...]]:
    row = MaintenanceRow
    return (
        select(
            row.name,
            row.from_ms,
            row.to_ms,
            EndpointRow.slug,
            row.provider,
            row.reason,
            row.declared_by,
            row.line,
        )
        .outerjoin(EndpointRow, EndpointRow.id == row.endpoint_id)
        .order_by(row.from_ms, row.name)
    )


def _read(session: Session, chosen: Select[*tuple[Any, ...]]) -> list[Maintenance]:
    return [
        Maintenance(name, Window(from_ms, to_ms), *more)
        for name, from_ms, to_ms, *more in session.execute(chosen)
    ]


def rename_provider(session: Session, source: str, old: str, new: str) -> None:
    """What a source declared of a provider goes on to be of it under its new name."""
    row = MaintenanceRow
    renamed = update(row).where(row.source == source, row.provider == old).values(provider=new)
    session.execute(renamed.execution_options(synchronize_session=False))


def move_line(session: Session, source: str, name: str, line: int | None) -> None:
    """Note that a window that stays as it was stands on another line now."""
    row = MaintenanceRow
    moved = update(row).where(row.source == source, row.name == name).values(line=line)
    session.execute(moved.execution_options(synchronize_session=False))


def put(session: Session, source: str, windows: Iterable[Maintenance], now_ms: int) -> None:
    """Write windows in the place of those of the same names. Raises UnknownScope."""
    rows = [
        (
            source,
            each.name,
            _endpoint_id(session, each),
            each.provider,
            each.window.from_ms,
            each.window.to_ms,
            each.reason,
            now_ms,
            each.by,
            each.line,
        )
        for each in windows
    ]
    if rows:
        statements.run(session, _PUT, rows)


def remove(session: Session, source: str, names: Collection[str]) -> None:
    """Forget windows of a source."""
    session.execute(
        delete(MaintenanceRow)
        .where(MaintenanceRow.source == source, MaintenanceRow.name.in_(names))
        .execution_options(synchronize_session=False)
    )


def held(session: Session, window: Window) -> Held:
    """The joined windows that meet a span of time, by endpoint, whole; targets are there too."""
    found: defaultdict[int, list[Window]] = defaultdict(list)
    met = statements.fetch_all(session, _HELD, (window.from_ms, window.to_ms))
    for endpoint_id, from_ms, to_ms in met:
        found[endpoint_id].append(Window(from_ms, to_ms))
    return {endpoint_id: join(windows) for endpoint_id, windows in found.items()}


def _endpoint_id(session: Session, maintenance: Maintenance) -> int | None:
    if maintenance.endpoint is None:
        return None
    named = maintenance.endpoint
    endpoint_id = endpoints.number_of(session, named) or endpoints.former(session).get(named)
    if endpoint_id is None:
        raise UnknownScope(
            f"maintenance {maintenance.name!r} names endpoint {maintenance.endpoint!r}, which is "
            "not known here; correct its id, or remove the window"
        )
    return endpoint_id
