"""Rates: prices as they are written on a command line, and read on a screen.

`input=2.50`, `batch.input=1.25`, `input@200000+=5` (above 200,000 input tokens),
`input@16:30-00:30=0.135` (by UTC), `input@16:30-00:30@mon-fri=0.135` (beginning on these days):
USD per million tokens, but for images, requests and searches, which are USD for one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from monitor.domain import weekdays
from monitor.domain.money import PICO_PER_USD, pico_from_usd_per_million
from monitor.domain.prices import PER_UNIT, Rate
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import LEAVES
from monitor.domain.weekdays import EVERY_DAY
from monitor.settings.times import read_clock
from monitor.settings.values import read_rate, read_unit_price

_WRITTEN = re.compile(
    r"(?:(?P<tier>batch|flex|priority)\.)?(?P<leaf>[a-z0-9_]+)"
    r"(?:@(?P<above>\d{1,9})\+)?"
    r"(?:@(?P<start>\d{1,2}:\d\d)-(?P<end>\d{1,2}:\d\d)(?:@(?P<days>[a-z,-]+))?)?=(?P<usd>.+)"
)
_FREE = "free"


def read_rates(words: Sequence[str]) -> tuple[Rate, ...]:
    """The rates that words tell; of `free` alone, zero for everything. Raises ValueError."""
    if list(words) == [_FREE]:
        return tuple(Rate(leaf, 0) for leaf in LEAVES)
    rates = tuple(_read_rate(word) for word in words)
    told = [replace(rate, pico_usd=0) for rate in rates]
    twice = next((word for word, rate in zip(words, told, strict=True) if told.count(rate) > 1), "")
    if twice:
        raise ValueError(f"{twice!r} is said twice; say it once")
    return rates


def scale(rates: Iterable[Rate], percent: Decimal) -> tuple[Rate, ...]:
    """Rates with a mark-up of so many percent; below zero it is a discount."""
    factor = 1 + percent / 100
    return tuple(
        replace(rate, pico_usd=int((rate.pico_usd * factor).quantize(Decimal(1), ROUND_HALF_EVEN)))
        for rate in rates
    )


def spell_rate(rate: Rate) -> str:
    """A rate as `read_rates` reads it."""
    tier = "" if rate.service_tier is None else f"{rate.service_tier}."
    above = "" if rate.above_tokens < 0 else f"@{rate.above_tokens}+"
    rule = "" if rate.tier_rule is TierRule.INPUT else f"({rate.tier_rule})"
    hours = ""
    if rate.from_minute is not None and rate.to_minute is not None:
        hours = f"@{_spell_minute(rate.from_minute)}-{_spell_minute(rate.to_minute)}"
        hours += "" if rate.weekdays == EVERY_DAY else f"@{weekdays.spell(rate.weekdays)}"
    return f"{tier}{rate.leaf}{above}{rule}{hours}={spell_usd(rate)}"


def spell_usd(rate: Rate) -> str:
    """Its dollars: per million tokens, or for one image, request or search."""
    units = 1 if rate.leaf in PER_UNIT else 1_000_000
    usd = (Decimal(rate.pico_usd * units) / PICO_PER_USD).normalize()
    return f"{usd:f}"


def _read_rate(word: str) -> Rate:
    match = _WRITTEN.fullmatch(word)
    if match is None:
        raise ValueError(
            f"{word!r} is no rate; write input=2.50, batch.input=1.25, input@200000+=5, "
            "input@16:30-00:30=0.135 or input@16:30-00:30@mon-fri=0.135"
        )
    if match["leaf"] not in LEAVES:
        raise ValueError(f"{word!r}: {match['leaf']} has no price; these have: {', '.join(LEAVES)}")
    try:
        return Rate(
            leaf=match["leaf"],
            pico_usd=_read_pico(match["leaf"], match["usd"]),
            above_tokens=-1 if match["above"] is None else int(match["above"]),
            from_minute=None if match["start"] is None else _read_minute(match["start"]),
            to_minute=None if match["end"] is None else _read_minute(match["end"]),
            service_tier=None if match["tier"] is None else ServiceTier(match["tier"]),
            weekdays=EVERY_DAY if match["days"] is None else weekdays.read(match["days"]),
        )
    except ValueError as error:
        raise ValueError(f"{word!r} {error}") from None


def _read_pico(leaf: str, usd: str) -> int:
    if leaf in PER_UNIT:
        return int(read_unit_price(usd) * PICO_PER_USD)
    return pico_from_usd_per_million(read_rate(usd))


def _read_minute(clock: str) -> int:
    read = read_clock(clock)
    return read.hour * 60 + read.minute


def _spell_minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
