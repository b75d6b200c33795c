"""Availability bars: one letter a bar, drawn as one inline SVG by assets/bars.js.

`u` never down, `m` at least 99 %, `p` at least 95 %, `d` less; `h` watched for less than half of
the time, `n` not watched at all.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from dashboard import format as fmt
from monitor.domain.availability import Availability

_HALF_MILLI = 50_000
_STEPS = ((100_000, "u"), (99_000, "m"), (95_000, "p"))


def letter(availability: Availability) -> str:
    """What a bar looks like."""
    share, coverage = availability.percent_milli, availability.coverage_milli
    if share is None or coverage is None:
        return "n"
    if coverage < _HALF_MILLI:
        return "h"
    return next((name for least, name in _STEPS if share >= least), "d")


def encode_days(
    days: Sequence[tuple[int, Availability]], *, label: str, href: str, zone: str
) -> dict[str, str]:
    """One bar a day; (proleptic ordinal, availability) without holes."""
    first = date.fromordinal(days[0][0]).isoformat() if days else ""
    judged = [availability for _, availability in days]
    return _encode(judged, label) | {"unit": "day", "from": first, "href": href, "zone": zone}


def encode_hours(
    hours: Sequence[tuple[int, Availability]], *, label: str, href: str, zone: str
) -> dict[str, str]:
    """One bar an hour; (instant in ms, availability) without holes."""
    first = str(hours[0][0]) if hours else ""
    judged = [availability for _, availability in hours]
    return _encode(judged, label) | {"unit": "hour", "from": first, "href": href, "zone": zone}


def _encode(judged: Iterable[Availability], label: str) -> dict[str, str]:
    judged = list(judged)
    return {
        "s": "".join(letter(each) for each in judged),
        "a": ",".join(_number(each.percent_milli) for each in judged),
        "c": ",".join(_number(each.coverage_milli) for each in judged),
        "label": f"{label}: {describe(judged)}",
    }


def _number(milli: int | None) -> str:
    return "" if milli is None else str(milli)


def describe(judged: Iterable[Availability]) -> str:
    """All of them in one sentence."""
    whole = merge(judged)
    if whole.percent_milli is None:
        return "not watched yet"
    return (
        f"{fmt.percent(whole.percent_milli)} available, {fmt.share(whole.coverage_milli)} watched"
    )


def merge(judged: Iterable[Availability]) -> Availability:
    """The availability of all their time together."""
    judged = list(judged)
    return Availability(
        window_ms=sum(each.window_ms for each in judged),
        covered_ms=sum(each.covered_ms for each in judged),
        down_ms=sum(each.down_ms for each in judged),
        maintenance_ms=sum(each.maintenance_ms for each in judged),
    )
