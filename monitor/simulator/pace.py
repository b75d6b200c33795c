"""Pace: when a model's first token comes, and how fast the others follow."""

import math
from typing import NamedTuple

from monitor.simulator.catalogue import Model

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BUSIEST_HOUR = 14.5


class Rhythm(NamedTuple):
    """Seconds to the first token, and tokens per second after it."""

    ttft_s: float
    tokens_per_s: float


def plan(
    model: Model, instant_ms: int, noise: tuple[float, float], slowdown: float = 1.0
) -> Rhythm:
    """The rhythm of one answer: log-normal by `noise` (two standard normals), slower when busy."""
    load = (1 + 0.3 * busyness(instant_ms)) * slowdown
    spread = model.pace.spread
    ttft_s = model.pace.ttft_s * load * math.exp(spread * noise[0])
    return Rhythm(ttft_s, model.pace.tokens_per_s / load * math.exp(spread / 2 * noise[1]))


def busyness(instant_ms: int) -> float:
    """How busy the world is at that instant, from 0 (night) to 1 (afternoon UTC)."""
    hour = instant_ms % DAY_MS / HOUR_MS
    return (1 + math.cos((hour - BUSIEST_HOUR) * math.tau / 24)) / 2
