"""Amounts: how price files write dollars, hours and days. What is none is `None`, no error."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from monitor.domain.endpoints import DATED, Endpoint
from monitor.domain.money import PICO_PER_USD
from monitor.domain.prices import Rate

#: No unit of anything costs more dollars than this; what does is a mistake or a trap.
_MOST_USD = 1_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::00Z?)?")
_MOST_DIGITS = 64
#: So many endpoints are named in a remark.
_NAMED = 3


def pico(usd: object, units: int = 1) -> int | None:
    """Pico-dollars for one unit of dollars for so many; `None` for what is no price, as −1."""
    if isinstance(usd, bool) or not isinstance(usd, str | int | float | Decimal):
        return None
    if isinstance(usd, int) and abs(usd) > _MOST_USD * units:
        return None
    try:
        value = Decimal(str(usd)[:_MOST_DIGITS]) / units
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= _MOST_USD:
        return None
    return int((value * PICO_PER_USD).quantize(Decimal(1), ROUND_HALF_EVEN))


def minute(clock: object) -> int | None:
    """The minute of the day of `16:30`, `1630` or `16:30:00Z`."""
    match = _CLOCK.fullmatch(str(clock)[:16])
    return None if match is None else int(match[1]) * 60 + int(match[2])


def day(text: object) -> int | None:
    """The day (proleptic ordinal) of `2027-01-14`, with or without a time."""
    try:
        return date.fromisoformat(str(text)[:10]).toordinal()
    except ValueError:
        return None


def unique(rates: Iterable[Rate]) -> tuple[Rate, ...]:
    """Of rates under the same conditions the last one."""
    return tuple({replace(rate, pico_usd=0): rate for rate in rates}.values())


def names(endpoint: Endpoint) -> tuple[str, str]:
    """The exact name of a model, then the one without its date."""
    return endpoint.model_name, DATED.sub("", endpoint.model_name)


class Remarks:
    """What was not understood, said once, with the names of those whom it concerns."""

    def __init__(self) -> None:
        self._found: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, what: str, of: str) -> None:
        """Note it."""
        if of not in self._found[what]:
            self._found[what].append(of)

    def texts(self) -> Iterator[str]:
        """One line for each."""
        for what, concerned in self._found.items():
            more = len(concerned) - _NAMED
            listed = ", ".join(concerned[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            yield f"{what} ({listed})"
