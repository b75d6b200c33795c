"""Forecasts: what a period's spend will come to, how surely, and how often that held before.

A level that is smoothed day by day times a factor for each weekday, with multiplicative errors:
ETS(M,A,M) of Hyndman, Koehler, Ord, Snyder, "Forecasting with Exponential Smoothing" (2008),
chapter 4, its factors being ratios to the centred mean of seven days, and the trend damped or
absent. Futures are drawn by resampling the errors it made so far (a bootstrap), so an interval
assumes no distribution, over all models by how likely they are (Akaike weights). Drawn with one
seed: the same days give the same figures.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import ceil, exp, log, sqrt
from random import Random
from statistics import fmean
from typing import NamedTuple

#: So many days are looked back on, and so many are needed at least.
HISTORY_DAYS = 90
LEAST_DAYS = 28
#: The interval leaves out a tenth at either end: it is to hold 80 % of the time.
_LOW, _MIDDLE, _HIGH = 0.1, 0.5, 0.9
_PATHS = 400
_WEEK = 7
_SEED = 20_080_619
#: How fast the level follows, and how a trend does with its damping; the first is none.
_SMOOTHINGS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
_TRENDS = ((0.0, 0.0), (0.05, 0.99), (0.2, 0.97))
#: A trend is believed where it explains much: found by `make bench-forecast`, as all of these.
_TREND_PENALTY = 12.0
#: The level and seven factors are fitted, which makes past errors look smaller than coming ones.
_FITTED = 8
#: A weekday with less than this share of a usual day is one on which nothing is spent.
_OFF = 0.01
_TINY = 1e-9
#: Its record: forecasts as of days this far apart, of at most so many days each, at most so often.
_RECORD_EVERY, _RECORD_DAYS, _RECORDS = 4, 14, 12


class Band(NamedTuple):
    """The tenth, the half and nine tenths of what may come, in nano-dollars."""

    low: int
    middle: int
    high: int


class Breach(NamedTuple):
    """How likely an amount is used up in the period, in thousandths, and on which day to come.

    `day` counts from 0, which is today: on half of the ways that lead there it is so by then.
    """

    permille: int
    day: int


class Record(NamedTuple):
    """Of so many earlier forecasts, as they would have been, so many intervals held the truth."""

    held: int
    n: int


class History(NamedTuple):
    """What was spent on each complete day, in nano-dollars; the first is a `weekday` (0 Monday)."""

    days: tuple[int, ...]
    weekday: int

    @property
    def is_enough(self) -> bool:
        """Whether there is something to go on."""
        return len(self.days) >= LEAST_DAYS and any(self.days[-LEAST_DAYS:])


class Forecast(NamedTuple):
    """How a period's spend adds up by the end of today and of each day to come."""

    ends: tuple[Band, ...]
    paths: tuple[tuple[float, ...], ...]

    @property
    def total(self) -> Band:
        """What the period comes to."""
        return self.ends[-1]

    def breach(self, amount_nano_usd: int) -> Breach:
        """How likely, and when, an amount is used up."""
        days = [_crossing(path, amount_nano_usd) for path in self.paths]
        found = sorted(day for day in days if day is not None)
        day = found[(len(found) - 1) // 2] if found else len(self.ends) - 1
        return Breach(1000 * len(found) // len(self.paths), day)


class _Fit(NamedTuple):
    score: float
    smoothing: float
    trend: float
    damping: float
    level: float
    slope: float
    errors: tuple[float, ...]


def forecast(history: History, spent_nano_usd: int, ahead: Sequence[float]) -> Forecast | None:
    """What a period comes to that has seen `spent_nano_usd`; `None` where history is too short.

    `ahead` is which share of today, and of each day after it, is still to come in the period.
    """
    if not history.is_enough or not ahead:
        return None
    drawn = _draw(history, len(ahead))
    paths = tuple(
        tuple(accumulate((day * left for day, left in zip(path, ahead, strict=True))))
        for path in drawn
    )
    ends = tuple(_band([path[at] for path in paths], spent_nano_usd) for at in range(len(ahead)))
    return Forecast(ends, tuple(tuple(spent_nano_usd + each for each in path) for path in paths))


@lru_cache(maxsize=64)
def record(history: History, days: int) -> Record:
    """How the interval for so many days (two weeks at most) would have done before."""
    length = min(days, _RECORD_DAYS)
    lasts = range(len(history.days) - length, LEAST_DAYS - 1, -_RECORD_EVERY)[:_RECORDS]
    held = [_has_held(history, at, length) for at in lasts]
    return Record(sum(held), len(held))


def _has_held(history: History, at: int, length: int) -> bool:
    before = History(history.days[:at], history.weekday)
    found = forecast(before, 0, (1.0,) * length)
    truth = sum(history.days[at : at + length])
    return found is not None and found.total.low <= truth <= found.total.high


@lru_cache(maxsize=64)
def _draw(history: History, days: int) -> tuple[tuple[float, ...], ...]:
    """Ways in which so many days may go on, each as likely as the others."""
    factors, random = _factors(history), Random(_SEED)  # noqa: S311 -- no secret
    fits = _fits(history, factors)
    following = [factors[(history.weekday + len(history.days) + at) % _WEEK] for at in range(days)]
    likely = random.choices(fits, _weights(fits), k=_PATHS)
    return tuple(_go_on(each, random.choices(each.errors, k=days), following) for each in likely)


def _factors(history: History) -> list[float]:
    """How much of a usual day is spent on each weekday."""
    days, half = history.days, _WEEK // 2
    ratios: list[list[float]] = [[] for _ in range(_WEEK)]
    for at in range(half, len(days) - half):
        mean = fmean(days[at - half : at + half + 1])
        if mean:
            ratios[(history.weekday + at) % _WEEK].append(days[at] / mean)
    means = [fmean(each) if each else 1.0 for each in ratios]
    return [each / fmean(means) for each in means]


def _fits(history: History, factors: Sequence[float]) -> list[_Fit]:
    """All levels and trends that may be behind the days so far."""
    known = [
        day / factors[(history.weekday + at) % _WEEK]
        for at, day in enumerate(history.days)
        if factors[(history.weekday + at) % _WEEK] > _OFF
    ]
    return [_follow(known, each, *trend) for each in _SMOOTHINGS for trend in _TRENDS]


def _weights(fits: Sequence[_Fit]) -> list[float]:
    """How likely each of them is (Akaike weights): not knowing which makes the interval wider."""
    best = min(each.score for each in fits)
    return [exp((best - each.score) / 2) for each in fits]


def _follow(days: Sequence[float], smoothing: float, trend: float, damping: float) -> _Fit:
    level, slope, errors = fmean(days[: 2 * _WEEK]), 0.0, []
    for day in days:
        expected = max(level + damping * slope, _TINY)
        error = day / expected - 1
        errors.append(error)
        level, slope = _step(expected, slope, error, smoothing, trend, damping)
    judged = tuple(errors[_WEEK:])
    squares = fmean(each * each for each in judged)
    score = len(judged) * log(squares + _TINY) + (_TREND_PENALTY if trend else 0.0)
    return _Fit(score, smoothing, trend, damping, level, slope, _widen(judged))


def _step(
    expected: float, slope: float, error: float, smoothing: float, trend: float, damping: float
) -> tuple[float, float]:
    """The level and the slope after a day that was off by `error` of what was expected."""
    after = max(expected * (1 + smoothing * error), _TINY)
    return after, damping * slope + trend * smoothing * error * expected


def _widen(errors: Sequence[float]) -> tuple[float, ...]:
    mean = fmean(errors)
    by = sqrt(len(errors) / max(1, len(errors) - _FITTED))
    return tuple((each - mean) * by for each in errors)


def _go_on(fit: _Fit, errors: Sequence[float], factors: Sequence[float]) -> tuple[float, ...]:
    level, slope, path = fit.level, fit.slope, []
    for error, factor in zip(errors, factors, strict=True):
        expected = max(level + fit.damping * slope, _TINY)
        path.append(max(0.0, expected * (1 + error) * factor))
        level, slope = _step(expected, slope, error, fit.smoothing, fit.trend, fit.damping)
    return tuple(path)


def _band(amounts: list[float], spent_nano_usd: int) -> Band:
    amounts.sort()
    ranks = (ceil(share * len(amounts)) - 1 for share in (_LOW, _MIDDLE, _HIGH))
    return Band(*(spent_nano_usd + round(amounts[rank]) for rank in ranks))


def _crossing(path: Sequence[float], amount: int) -> int | None:
    return next((at for at, spent in enumerate(path) if spent >= amount), None)
