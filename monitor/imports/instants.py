"""Instants: what files say of when a call was, as UTC milliseconds."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from monitor.domain.windows import instant_ms

Read = Callable[[str], int]
#: From here on a number is milliseconds, microseconds, nanoseconds; below, seconds.
_FIRST = ((10**17, 10**6), (10**14, 10**3), (10**11, 1))
#: 2001: no number below is an instant, but some are days (20261124).
_LEAST_S = 10**9
_SHORTEST = len("2026-11-24T10")
_PER_S = 1_000
#: How many of a unit are a millisecond.
PER_MS = {"ms": 1, "us": 1_000, "ns": 1_000_000}


def reader(zone: ZoneInfo, layout: str | None = None) -> Read:
    """Reads ISO 8601, numbers of any unit, or what strptime's `layout` says.

    Times that name no offset are on the clock of `zone`: of an hour that came twice the first is
    meant. The reader raises ValueError.
    """
    local: tzinfo = UTC if zone.key == "UTC" else zone

    def read(cell: str) -> int:
        if cell.replace(".", "", 1).isdecimal() and cell.isascii():
            return _number(cell)
        moment = _iso(cell) if layout is None else datetime.strptime(cell, layout)  # noqa: DTZ007 -- its zone comes next
        if moment.tzinfo is not None:
            return instant_ms(moment)
        aware = moment.replace(tzinfo=local)
        found = instant_ms(aware)
        if local is not UTC and aware.astimezone(UTC).astimezone(local).replace(
            tzinfo=None
        ) != moment.replace(fold=0):
            raise ValueError(f"{cell!r} never was: the clock of {zone.key} leapt over it")
        return found

    return read


def in_unit(unit: str) -> Read:
    """Reads numbers of seconds (`s`), or of `ms`, `us`, `ns`. The reader raises ValueError."""

    def read(cell: str) -> int:
        if unit == "s":
            return round(_float(cell) * _PER_S)
        return int(_float(cell)) // PER_MS[unit] if "." in cell else int(cell) // PER_MS[unit]

    return read


def _number(cell: str) -> int:
    whole = int(cell.partition(".")[0])
    for least, per_ms in _FIRST:
        if whole >= least:
            return whole // per_ms
    if whole < _LEAST_S:
        raise ValueError(f"{cell!r} is no instant: as seconds it lies before 2001")
    return round(_float(cell) * _PER_S)


def _iso(cell: str) -> datetime:
    if len(cell) < _SHORTEST:
        raise ValueError(
            f"{cell[:40]!r} is no instant of a call: it has no time of day "
            "(sums of a day are no calls)"
        )
    text = cell.removesuffix(" UTC") + "+00:00" if cell.endswith(" UTC") else cell
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        raise ValueError(
            f"{cell[:40]!r} is no time in ISO 8601; say how it is written with time_format"
        ) from None


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is no number") from None
