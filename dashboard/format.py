"""Formatting: how quantities become text. The only place of milliseconds and dollars with a point.

Every function takes `None` for "not known" and answers with a dash.
"""

from datetime import date
from zoneinfo import ZoneInfo

from monitor.domain.money import usd_from_nano
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS, moment

DASH = "–"
NBSP = "\u00a0"
#: The names of one and the same zone.
UTC_NAMES = ("UTC", "Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "GMT", "UCT", "Zulu")
_SCALES = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))
_SECOND_MS = 1_000
_UTC = ZoneInfo("UTC")


def count(number: int | None) -> str:
    """`12,345`."""
    return DASH if number is None else f"{number:,}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 call`, `12,345 calls`."""
    return f"{number:,}{NBSP}{noun if number == 1 else many or noun + 's'}"


def tokens(number: int | None) -> str:
    """`9,876`, `12.3K`, `4.56M`: three figures are enough where thousands are compared."""
    if number is None:
        return DASH
    if number < 10_000:  # noqa: PLR2004 - four digits still read at a glance
        return f"{number:,}"
    for scale, letter in _SCALES:
        if number >= scale:
            return f"{_three_figures(number / scale)}{letter}"
    return str(number)


def _three_figures(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 - powers of ten
    return f"{value:,.{digits}f}"


def money(nano_usd: int | None) -> str:
    """`$1,234`, `$12.34`, and two figures below a cent: `$0.0042`. Only nothing at all is `$0`."""
    if nano_usd is None:
        return DASH
    usd = usd_from_nano(nano_usd)
    size = abs(usd)
    if usd == 0:
        return "$0"
    if size >= 1_000:  # noqa: PLR2004 - cents no longer matter
        return f"${usd:,.0f}"
    if size >= usd_from_nano(10_000_000):
        return f"${usd:,.2f}"
    return f"${usd:.{1 - size.adjusted()}f}"


def signed(nano_usd: int) -> str:
    """`+$1.20`, `−$0.30`, `$0`."""
    sign = "+" if nano_usd > 0 else "−" if nano_usd < 0 else ""
    return f"{sign}{money(abs(nano_usd))}"


def rate(pico_usd: int | None) -> str:
    """Dollars per million units: `$2.50`, `$0.075`."""
    if pico_usd is None:
        return DASH
    text = f"{pico_usd / 1_000_000:,.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"${whole}.{part:0<2}" if pico_usd else "$0"


def percent(milli: int | None) -> str:
    """Thousandths of a percent, rounded down, so that `100 %` means exactly that."""
    if milli is None:
        return DASH
    if milli >= 100_000:  # noqa: PLR2004 - the whole
        return f"100{NBSP}%"
    if milli >= 99_000:  # noqa: PLR2004 - where the third decimal tells
        return f"{milli // 1_000}.{milli % 1_000:03d}{NBSP}%"
    return f"{milli // 1_000}.{milli % 1_000 // 10:02d}{NBSP}%"


def share(milli: int | None) -> str:
    """A coverage or share in whole percents, rounded down; a trace of it is `<1 %`."""
    if milli is None:
        return DASH
    return f"{milli // 1_000}{NBSP}%" if milli == 0 or milli >= _SECOND_MS else f"<1{NBSP}%"


def seconds(value_s: float | None) -> str:
    """`412 ms`, `1.23 s`, `12.3 s`, `1 min 5 s`."""
    if value_s is None:
        return DASH
    if value_s < 0.9995:  # noqa: PLR2004 - what rounds to a second is one
        return f"{value_s * 1_000:.0f}{NBSP}ms"
    if value_s < 60:  # noqa: PLR2004 - a minute
        return f"{value_s:.{2 if value_s < 9.995 else 1}f}{NBSP}s"  # noqa: PLR2004
    return lasting(round(value_s * 1_000))


def fine_seconds(value_s: float | None) -> str:
    """The same with a tenth of a millisecond below ten: `2.4 ms`."""
    if value_s is None or value_s >= 0.01:  # noqa: PLR2004 - ten milliseconds
        return seconds(value_s)
    return f"{value_s * 1_000:.1f}{NBSP}ms"


def size(number_of_bytes: int | None) -> str:
    """`812 B`, `12.3 MB`, in powers of a thousand, as disks are sold."""
    if number_of_bytes is None:
        return DASH
    for scale, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if number_of_bytes >= scale:
            return f"{_three_figures(number_of_bytes / scale)}{NBSP}{unit}"
    return f"{number_of_bytes}{NBSP}B"


def output_rate(tokens_per_s: float | None) -> str:
    """`83.1 tok/s`."""
    return DASH if tokens_per_s is None else f"{_three_figures(tokens_per_s)}{NBSP}tok/s"


def lasting(span_ms: int | None) -> str:
    """A length of time in its two largest units: `42 s`, `7 min`, `3 h 12 min`, `2 d 4 h`."""
    if span_ms is None:
        return DASH
    left = max(0, span_ms)
    parts: list[str] = []
    for unit_ms, unit in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "min"), (_SECOND_MS, "s")):
        number, left = divmod(left, unit_ms)
        if number or (unit == "s" and not parts):
            parts.append(f"{number}{NBSP}{unit}")
    is_long = span_ms >= 10 * MINUTE_MS
    return " ".join([p for p in parts[:2] if not (is_long and p.endswith(f"{NBSP}s"))])


def clock(instant_ms: int | None, zone: ZoneInfo, now_ms: int) -> str:
    """`07:41` today, `12 Nov 07:41` this year, `12 Nov 2025 07:41` before."""
    if instant_ms is None:
        return DASH
    at, now = moment(instant_ms, zone), moment(now_ms, zone)
    time = f"{at:%H:%M}"
    if at.date() == now.date():
        return time
    year = "" if at.year == now.year else f" {at.year}"
    return f"{at.day} {at:%b}{year} {time}"


def stamp(instant_ms: int | None, zone: ZoneInfo) -> str:
    """`22 Nov 2026 07:41:05.123`: for one call, to the millisecond."""
    if instant_ms is None:
        return DASH
    at = moment(instant_ms, zone)
    return f"{at.day} {at:%b %Y %H:%M:%S}.{at.microsecond // 1_000:03d}"


def utc(instant_ms: int) -> str:
    """`2026-11-22T07:41:05.123Z`: as a query string takes an instant."""
    return f"{moment(instant_ms, _UTC):%Y-%m-%dT%H:%M:%S}.{instant_ms % _SECOND_MS:03d}Z"


def day(ordinal: int) -> str:
    """`22 Nov 2026`."""
    at = date.fromordinal(ordinal)
    return f"{at.day} {at:%b %Y}"


def days(first: int, last: int) -> str:
    """`22 Nov 2026`, `1 – 7 Nov 2026`, `24 Oct – 22 Nov 2026`."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    if first == last:
        return day(last)
    if start.year != end.year:
        return f"{day(first)} – {day(last)}"
    month = "" if start.month == end.month else f" {start:%b}"
    return f"{start.day}{month} – {day(last)}"


def zone_name(zone: ZoneInfo) -> str:
    """The zone as people read it."""
    return "UTC" if zone.key in UTC_NAMES else str(zone.key).replace("_", " ")
