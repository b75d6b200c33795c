"""Forecasting: how often the 80 % interval of a period's spend holds what came."""

from collections.abc import Callable
from math import exp
from random import Random

from monitor.domain.forecasts import HISTORY_DAYS, Band, History, forecast
from monitor.domain.money import NANO_PER_USD
from tests.performance.figures import Figure

SERIES = 1_000
_WEEK = (1.2, 1.3, 1.25, 1.2, 1.0, 0.3, 0.25)
_NOISES = (0.1, 0.2, 0.4)
_MOST_AHEAD = 28
_WANTED, _OFF = 80.0, 5.0

#: The dollars of so many days, which differ by so much noise.
Kind = Callable[[Random, int, float], list[float]]


def steady(random: Random, days: int, noise: float) -> list[float]:
    """The same each day, but for noise."""
    return [100 * exp(random.gauss(0, noise)) for _ in range(days)]


def growing(random: Random, days: int, noise: float) -> list[float]:
    """More each day, by 0.3 to 2 %."""
    by = random.uniform(0.003, 0.02)
    return [20 * exp(by * day + random.gauss(0, noise)) for day in range(days)]


def weekly(random: Random, days: int, noise: float) -> list[float]:
    """Little at weekends."""
    return [100 * _WEEK[day % 7] * exp(random.gauss(0, noise)) for day in range(days)]


def shifting(random: Random, days: int, noise: float) -> list[float]:
    """Weekly, at a level that jumps about once a month."""
    level, found = 100.0, []
    for day in range(days):
        if random.random() < 1 / 30:
            level *= exp(random.gauss(0, 0.4))
        found.append(level * _WEEK[day % 7] * exp(random.gauss(0, noise)))
    return found


KINDS: tuple[Kind, ...] = (steady, growing, weekly, shifting)


def measure(series: int = SERIES) -> list[Figure]:
    """The share of series of each kind whose 2 to 28 days to come lay in the interval."""
    return [figure for kind in KINDS for figure in _judge(kind, series)]


def _judge(kind: Kind, series: int) -> list[Figure]:
    held = 100 * sum(holds(kind, number) for number in range(series)) / series
    about = f"80 % interval of spend to come held, {series:,} {kind.__name__} series"
    key = f"forecast_{kind.__name__}"
    by = abs(held - _WANTED)
    off = Figure(f"{key}_off", by, "points", f"{about}: off", _OFF, is_ceiling=True)
    return [Figure(f"{key}_held", held, "%", about), off]


def holds(kind: Kind, number: int) -> bool:
    """Whether the interval made of 90 days of one series holds the sum of those that follow."""
    random = Random(f"{kind.__name__} {number}")
    ahead, noise = random.randint(2, _MOST_AHEAD), random.choice(_NOISES)
    days = [round(NANO_PER_USD * usd) for usd in kind(random, HISTORY_DAYS + ahead, noise)]
    found = forecast(History(tuple(days[:HISTORY_DAYS]), 0), 0, (1.0,) * ahead)
    band = Band(0, 0, 0) if found is None else found.total
    return band.low <= sum(days[HISTORY_DAYS:]) <= band.high
