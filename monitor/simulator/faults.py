"""Faults: what goes wrong at the simulated providers, as data over UTC time.

`SCRIPT` holds each provider's habits. `at` reads it for one instant and is pure, so that the
live server and the simulated history fail at the same times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from monitor.simulator.chance import draw
from monitor.simulator.pace import DAY_MS

MINUTE_MS = 60_000
_WORKDAYS = 5
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday


class FaultKind(StrEnum):
    """One way to fail; the value is also what `x-simulate` and `/_control` call it."""

    OVERLOADED = "503"
    SERVER_ERROR = "500"
    GATEWAY = "502"
    RATE_LIMITED = "429"
    NO_CREDIT = "no-credit"
    BAD_KEY = "401"
    FORBIDDEN = "403"
    CUT = "cut"
    HTML = "html"
    GARBAGE = "garbage"
    ENDLESS = "endless"
    ERROR_200 = "200-error"
    OVERLOADED_200 = "200-overloaded"
    FILTERED = "filtered"
    NO_USAGE = "no-usage"
    EMPTY = "empty"
    WRONG_ANSWER = "wrong"
    SLOW = "slow"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one call. `slowdown` multiplies its times."""

    kind: FaultKind
    slowdown: float = 1.0


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault that comes back: from `start_minute` of the UTC day for `minutes`, each `every_days`.

    It lies within one UTC day. `share` of the calls in it fail. `model` narrows it to one model
    name; only an episode with `is_edge` also hits `GET /models`.
    """

    kind: FaultKind
    start_minute: int
    minutes: int
    every_days: int = 1
    shift_days: int = 0
    share: float = 1.0
    model: str | None = None
    is_edge: bool = False
    workdays_only: bool = False
    slowdown: float = 1.0

    def window_ms(self, day: int) -> tuple[int, int] | None:
        """The half-open interval in which it runs on that day since the epoch, if it does."""
        if (day + self.shift_days) % self.every_days:
            return None
        if self.workdays_only and (day + _EPOCH_WEEKDAY) % 7 >= _WORKDAYS:
            return None
        start_ms = day * DAY_MS + self.start_minute * MINUTE_MS
        return start_ms, start_ms + self.minutes * MINUTE_MS

    def aims_at(self, model: str | None) -> bool:
        """Whether calls to that model (`None`: to `GET /models`) can be hit at all."""
        return self.is_edge if model is None else self.model in {None, model}

    def strikes(self, model: str | None, instant_ms: int) -> bool:
        """Whether the call at that instant, within the window, is one of the share that fails."""
        return self.share >= 1 or draw(self.start_minute, model, instant_ms) < self.share


def _at(hour: int, minute: int) -> int:
    return hour * 60 + minute


SCRIPT: dict[str, tuple[Episode, ...]] = {
    "aurora": (  # good and quick, but it falls over as a whole now and then
        Episode(FaultKind.OVERLOADED, _at(13, 20), 41, every_days=9, shift_days=4, is_edge=True),
        Episode(
            FaultKind.OVERLOADED,
            _at(15, 0),
            20,
            share=0.35,
            model="aurora-large",
            workdays_only=True,
        ),
        Episode(
            FaultKind.OVERLOADED, _at(9, 40), 10, every_days=2, share=0.5, model="aurora-small"
        ),
    ),
    "borealis": (  # a slow tail, and narrow limits at peak times
        Episode(FaultKind.CUT, _at(18, 5), 25, every_days=14, share=0.9, model="boreal-pro"),
        Episode(FaultKind.HANG, _at(2, 30), 30, every_days=10, shift_days=3, model="boreal-lite"),
        Episode(FaultKind.RATE_LIMITED, _at(13, 0), 90, share=0.15, workdays_only=True),
        Episode(FaultKind.SLOW, _at(0, 0), 24 * 60, share=0.06, slowdown=6),
    ),
    "cirrus": (  # cheap, and it shows
        Episode(FaultKind.BAD_KEY, _at(7, 0), 300, every_days=21, shift_days=6, is_edge=True),
        Episode(FaultKind.HTML, _at(20, 10), 18, every_days=11, shift_days=2, is_edge=True),
        Episode(FaultKind.GATEWAY, _at(4, 0), 12, every_days=15, is_edge=True),
        Episode(FaultKind.SERVER_ERROR, _at(22, 0), 30, share=0.25),
        Episode(FaultKind.NO_USAGE, _at(0, 0), 24 * 60, share=0.1, model="cirrus-preview"),
    ),
    "dusk": (Episode(FaultKind.OVERLOADED, _at(16, 0), 25, every_days=4, share=0.5),),
    "equinox": (Episode(FaultKind.RATE_LIMITED, _at(11, 0), 40, every_days=3, share=0.4),),
    "foehn": (Episode(FaultKind.ERROR_200, _at(17, 30), 30, every_days=5, share=0.3),),
    "gale": (Episode(FaultKind.OVERLOADED, _at(8, 0), 10, every_days=2, share=0.6),),
    "halo": (Episode(FaultKind.SERVER_ERROR, _at(21, 0), 20, every_days=6, share=0.7),),
    "iris": (Episode(FaultKind.OVERLOADED, _at(14, 0), 15, every_days=8),),
}


def at(provider: str, model: str | None, instant_ms: int) -> Fault | None:
    """What the script says of a call to `model` (`None`: to `GET /models`) at that instant."""
    for start_ms, end_ms, episode in _list_episodes(provider, model, instant_ms // DAY_MS):
        if start_ms <= instant_ms < end_ms and episode.strikes(model, instant_ms):
            return Fault(episode.kind, episode.slowdown)
    return None


@lru_cache(maxsize=64)
def _list_episodes(provider: str, model: str | None, day: int) -> list[tuple[int, int, Episode]]:
    aimed = (episode for episode in SCRIPT[provider] if episode.aims_at(model))
    return [(*window, episode) for episode in aimed if (window := episode.window_ms(day))]


def list_edge_windows(provider: str, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """The windows in which `GET /models` can fail and that begin in [start, end), in order."""
    for day in range(start_ms // DAY_MS, end_ms // DAY_MS + 1):
        windows = (ep.window_ms(day) for ep in SCRIPT[provider] if ep.is_edge)
        yield from sorted(w for w in windows if w is not None and start_ms <= w[0] < end_ms)
