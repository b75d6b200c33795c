"""Choices: what a reader has chosen, as the query string says it. The URL is the state.

`window` is a span of time, `zone` an IANA name. A custom window has `from` and `to`: days of the
zone (`2026-11-22`, both included) or instants in UTC (`2026-11-22T07:00Z`, the end excluded).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import assert_never
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard import format as fmt
from monitor.domain.counterparts import Kind
from monitor.domain.windows import (
    BUCKET_MS,
    DAY_MS,
    HOUR_MS,
    Window,
    day_of,
    day_window,
    instant_ms,
    moment,
)

_KEPT = ("window", "zone", "from", "to")


class Span(StrEnum):
    """The windows on offer."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    MONTH_TO_DATE = "mtd"
    LAST_MONTH = "last"
    CUSTOM = "custom"


class BadChoice(ValueError):
    """A query string that says what cannot be: names the key, the value and the remedy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One reader's view: a window in a zone, seen at an instant. `query` holds all keys."""

    span: Span
    window: Window
    zone: ZoneInfo
    now_ms: int
    query: Mapping[str, str]

    @property
    def today(self) -> int:
        """The day of the zone that now lies in (proleptic ordinal)."""
        return day_of(self.now_ms, self.zone)

    @property
    def day(self) -> Window:
        """Today so far."""
        return Window(day_window(self.today, self.zone).from_ms, self.now_ms)

    @property
    def month(self) -> Window:
        """The month of the zone so far."""
        return Window(day_window(_month_start(self.today), self.zone).from_ms, self.now_ms)

    @property
    def first_day(self) -> int:
        """The day that the window starts on."""
        return day_of(self.window.from_ms, self.zone)

    @property
    def last_day(self) -> int:
        """The day that the window's last instant lies in."""
        return day_of(max(self.window.from_ms, self.window.to_ms - 1), self.zone)

    @property
    def step_ms(self) -> int:
        """How far apart the points of a line over this window are: about seventy of them."""
        steps = (BUCKET_MS, 2 * BUCKET_MS, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, DAY_MS)
        wanted = self.window.length_ms / 72
        return next((step for step in steps if step >= wanted), DAY_MS)

    @property
    def is_rolling(self) -> bool:
        """Whether the window ends now and starts at no midnight."""
        return self.span in {Span.HOUR, Span.DAY}

    @property
    def kind(self) -> Kind:
        """What the window is made of, for whoever compares it with the one before."""
        if self.is_rolling or (self.span is Span.CUSTOM and not self._has_days):
            return Kind.SPAN
        is_month = self.span in {Span.MONTH_TO_DATE, Span.LAST_MONTH}
        return Kind.MONTH if is_month else Kind.DAYS

    @property
    def _has_days(self) -> bool:
        return not any("T" in self.query.get(key, "") for key in ("from", "to"))

    @property
    def coarse_step_ms(self) -> int:
        """The same for a line without axes: about thirty points."""
        steps = (BUCKET_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS)
        wanted = self.window.length_ms / 40
        return next((step for step in steps if step >= wanted), DAY_MS)

    def href(self, path: str, **changes: str) -> str:
        """A link that keeps the window and the zone."""
        kept = {key: self.query[key] for key in _KEPT if key in self.query} | changes
        safe = quote(path, safe="/@:")
        return f"{safe}?{urlencode(kept)}" if kept else safe

    def label(self) -> str:
        """The window in words; the zone is named with it."""
        zone = fmt.zone_name(self.zone)
        match self.span:
            case Span.HOUR:
                return f"last hour · {zone}"
            case Span.DAY:
                return f"last 24 hours · {zone}"
            case Span.WEEK | Span.MONTH | Span.QUARTER | Span.MONTH_TO_DATE:
                return f"{self._days()} so far · {zone}"
            case Span.LAST_MONTH:
                return f"{self._days()} · {zone}"
            case Span.CUSTOM:
                return f"{self._custom()} · {zone}"
            case _:
                assert_never(self.span)

    def _days(self) -> str:
        return fmt.days(self.first_day, self.last_day)

    def _custom(self) -> str:
        if "T" not in self.query.get("from", ""):
            return self._days()
        start, end = moment(self.window.from_ms, self.zone), moment(self.window.to_ms, self.zone)
        return f"{start.day} {start:%b %Y %H:%M} – {end.day} {end:%b %H:%M}"


def replaced(search: str | None, chosen: Mapping[str, str | None]) -> str:
    """A query string with these filters in the place of those that it had; `None` asks for all.

    Where they are the same it stays as it is, its place in a list included.
    """
    query = dict(parse_qsl((search or "").removeprefix("?")))
    if all(query.get(key) == (value or None) for key, value in chosen.items()):
        return search or ""
    kept = {key: value for key, value in query.items() if key not in {*chosen, "before"}}
    wanted = kept | {key: value for key, value in chosen.items() if value}
    return f"?{urlencode(wanted)}" if wanted else ""


def choose(search: str | None, home: ZoneInfo, now_ms: int) -> Choice:
    """The choice of a query string. Raises `BadChoice`."""
    query = dict(parse_qsl((search or "").removeprefix("?")))
    if "\0" in "".join(query.values()):
        raise BadChoice("there is a NUL in this address, which no name has; remove it")
    zone = _zone(query.get("zone"), home)
    span = _span(query.get("window", Span.DAY))
    return Choice(span, _window(span, query, zone, now_ms), zone, now_ms, query)


def _zone(name: str | None, home: ZoneInfo) -> ZoneInfo:
    if name is None:
        return home
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        remedy = "use a name such as UTC or Europe/Berlin, or leave it out for the home zone"
        raise BadChoice(f"zone={name!r} is no time zone known here; {remedy}") from error


def _span(name: str) -> Span:
    try:
        return Span(name)
    except ValueError as error:
        raise BadChoice(f"window={name!r} is no window; use one of {', '.join(Span)}") from error


def _window(span: Span, query: Mapping[str, str], zone: ZoneInfo, now_ms: int) -> Window:
    today = day_of(now_ms, zone)
    match span:
        case Span.HOUR:
            return Window(now_ms - HOUR_MS, now_ms)
        case Span.DAY:
            return Window(now_ms - DAY_MS, now_ms)
        case Span.WEEK | Span.MONTH | Span.QUARTER:
            first = today - int(span.removesuffix("d")) + 1
            return Window(day_window(first, zone).from_ms, now_ms)
        case Span.MONTH_TO_DATE:
            return Window(day_window(_month_start(today), zone).from_ms, now_ms)
        case Span.LAST_MONTH:
            end = _month_start(today)
            return _days_window(_month_start(end - 1), end - 1, zone)
        case Span.CUSTOM:
            return _custom_window(query, zone, now_ms)
        case _:
            assert_never(span)


def _custom_window(query: Mapping[str, str], zone: ZoneInfo, now_ms: int) -> Window:
    if "from" not in query:
        raise BadChoice("window=custom needs from=, for example from=2026-11-01&to=2026-11-07")
    start = _edge("from", query["from"], zone).from_ms
    end = min(now_ms, _edge("to", query["to"], zone).to_ms if "to" in query else now_ms)
    if start >= end:
        raise BadChoice(f"from={query['from']!r} is not before the window's end; choose another")
    return Window(start, end)


def _edge(key: str, text: str, zone: ZoneInfo) -> Window:
    try:
        if "T" in text:
            at = datetime.fromisoformat(text)
            at_ms = instant_ms((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC))
            return Window(at_ms, at_ms)
        return day_window(date.fromisoformat(text).toordinal(), zone)
    except (ValueError, OverflowError) as error:
        remedy = "write a day as 2026-11-22 or an instant as 2026-11-22T07:00Z"
        raise BadChoice(f"{key}={text!r} is no time; {remedy}") from error


def _days_window(first: int, last: int, zone: ZoneInfo) -> Window:
    return Window(day_window(first, zone).from_ms, day_window(last, zone).to_ms)


def _month_start(day: int) -> int:
    return date.fromordinal(day).replace(day=1).toordinal()
