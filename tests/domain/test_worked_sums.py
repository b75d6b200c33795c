"""Sums worked out by hand, of published prices: what each of them has to come to."""

from decimal import Decimal
from typing import NamedTuple

import pytest

from monitor.domain import weekdays
from monitor.domain.money import PICO_PER_USD, pico_from_usd_per_million, usd_from_nano
from monitor.domain.prices import PER_UNIT, PriceList, Rate, cost
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage

BATCH, PRIORITY = ServiceTier.BATCH, ServiceTier.PRIORITY
MINUTE_MS = 60_000


def rates(
    above: int = -1,
    hours: tuple[int, int] | None = None,
    tier: ServiceTier | None = None,
    days: str = "mon-sun",
    **usd: str,
) -> tuple[Rate, ...]:
    """Rates in dollars per million tokens, or for one unit."""
    start, end = hours or (None, None)
    return tuple(
        Rate(leaf, _pico(leaf, each), above, start, end, tier, weekdays=weekdays.read(days))
        for leaf, each in usd.items()
    )


def _pico(leaf: str, usd: str) -> int:
    if leaf in PER_UNIT:
        return int(Decimal(usd) * PICO_PER_USD)
    return pico_from_usd_per_million(Decimal(usd))


GPT_4O = (
    *rates(input="2.50", cache_read="1.25", output="10", images="0.003613"),
    *rates(tier=BATCH, input="1.25", output="5"),
    *rates(tier=PRIORITY, input="4.25", cache_read="2.125", output="17"),
)
GPT_4O_EU = rates(input="2.75", cache_read="1.375", output="11")
SONNET = rates(input="3", cache_write_5m="3.75", cache_write_1h="6", cache_read="0.30", output="15")
GEMINI = (
    *rates(input="1.25", cache_read="0.125", output="10"),
    *rates(above=200_000, input="2.50", cache_read="0.25", output="15"),
)
#: Off-peak from 16:30 to 00:30 UTC.
NIGHTLY = (
    *rates(input="0.27", output="1.10"),
    *rates(hours=(990, 30), input="0.135", output="0.55"),
)
#: The same hours where they begin from Monday to Friday, and weekends all day.
WEEKLY = (
    *rates(input="0.27", output="1.10"),
    *rates(hours=(990, 30), days="mon-fri", input="0.135", output="0.55"),
    *rates(hours=(0, 0), days="sat-sun", input="0.10"),
)
MONDAY, FRIDAY, SATURDAY, SUNDAY = (1440 * day for day in (4, 8, 9, 10))  # from a Thursday on


class Worked(NamedTuple):
    """What was used, of what, and what it comes to."""

    name: str
    usage: Usage
    prices: tuple[Rate, ...]
    usd: str
    tier: ServiceTier | None = None
    minute: int = 0


SUMS = [
    Worked("gpt-4o, a million in", Usage(input=1_000_000), GPT_4O, "2.50"),
    Worked(
        "gpt-4o, 400,000 of a million cached",
        Usage(input=600_000, cache_read=400_000),
        GPT_4O,
        "2.00",
    ),
    Worked("gpt-4o, 1,200 in and 300 out", Usage(input=1_200, output=300), GPT_4O, "0.006"),
    Worked("gpt-4o, the same in a batch", Usage(input=1_200, output=300), GPT_4O, "0.003", BATCH),
    Worked(
        "gpt-4o, the same at priority", Usage(input=1_200, output=300), GPT_4O, "0.0102", PRIORITY
    ),
    Worked(
        "gpt-4o, a million cached at priority",
        Usage(cache_read=1_000_000),
        GPT_4O,
        "2.125",
        PRIORITY,
    ),
    Worked("gpt-4o, 1,000 images", Usage(images=1_000), GPT_4O, "3.613"),
    Worked("gpt-4o, an image in tokens", Usage(input=1_445), GPT_4O, "0.0036125"),
    Worked("gpt-4o in Europe, a million in", Usage(input=1_000_000), GPT_4O_EU, "2.75"),
    Worked(
        "claude-sonnet-4-5, two lives of cache",
        Usage(
            input=1_000,
            cache_write_5m=2_000,
            cache_write_1h=1_000,
            cache_read=10_000,
            output=500,
        ),
        SONNET,
        "0.027",
    ),
    Worked(
        "gemini-2.5-pro, above 200,000",
        Usage(input=200_000, cache_read=50_000, output=1_000, reasoning=3_000),
        GEMINI,
        "0.5725",
    ),
    Worked(
        "gemini-2.5-pro, at 200,000 not above it",
        Usage(input=150_000, cache_read=50_000, output=1_000, reasoning=3_000),
        GEMINI,
        "0.23375",
    ),
    Worked("gpt-4o by OpenRouter, 13 in and 2 out", Usage(input=13, output=2), GPT_4O, "0.0000525"),
    Worked("deepseek by day", Usage(input=1_000_000), NIGHTLY, "0.27", minute=30),
    Worked("deepseek before midnight", Usage(input=1_000_000), NIGHTLY, "0.135", minute=1439),
    Worked("deepseek after midnight", Usage(input=1_000_000), NIGHTLY, "0.135", minute=29),
    Worked("a week, Friday 16:29", Usage(input=1_000_000), WEEKLY, "0.27", minute=FRIDAY + 989),
    Worked("a week, Friday 16:30", Usage(input=1_000_000), WEEKLY, "0.135", minute=FRIDAY + 990),
    Worked("a week, Saturday 00:29", Usage(output=1_000_000), WEEKLY, "0.55", minute=SATURDAY + 29),
    Worked("a week, Saturday 00:30", Usage(output=1_000_000), WEEKLY, "1.10", minute=SATURDAY + 30),
    Worked(
        "a week, Saturday 17:00", Usage(input=1_000_000), WEEKLY, "0.10", minute=SATURDAY + 1020
    ),
    Worked("a week, Sunday 23:59", Usage(input=1_000_000), WEEKLY, "0.10", minute=SUNDAY + 1439),
    Worked("a week, Monday 00:00", Usage(input=1_000_000), WEEKLY, "0.27", minute=MONDAY),
    Worked(
        "a week, a million each on Sunday",
        Usage(input=1_000_000, output=1_000_000),
        WEEKLY,
        "1.20",
        minute=SUNDAY,
    ),
]


@pytest.mark.parametrize("worked", SUMS, ids=lambda worked: worked.name)
def test_a_sum_comes_to_what_was_worked_out_by_hand(worked: Worked) -> None:
    lists = [PriceList(worked.prices, "test", valid_from_ms=0)]
    found = cost(worked.usage, lists, worked.minute * MINUTE_MS, worked.tier)

    assert found.nano_usd is not None
    assert usd_from_nano(found.nano_usd) == Decimal(worked.usd)
