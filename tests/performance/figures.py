"""Figures: what a measurement found, and what it had to reach."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `None` where this machine cannot tell it.

    With a `goal` it is to be at least that, or with `is_ceiling` at most. `about` says what was
    measured, in a line.
    """

    key: str
    value: float | None
    unit: str
    about: str
    goal: float | None = None
    is_ceiling: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; `None` without a goal or a value."""
        if self.goal is None or self.value is None:
            return None
        return self.value <= self.goal if self.is_ceiling else self.value >= self.goal


def clock(work: Callable[[T], object], parts: Iterable[T]) -> float:
    """The seconds that some work takes on all parts."""
    begun = perf_counter()
    for part in parts:
        work(part)
    return perf_counter() - begun


def find_median_ratio(pairs: Iterable[tuple[float, float]]) -> float:
    """The median of upper / lower: each pair is of one moment, so a busy machine slows both."""
    return median(upper / lower for upper, lower in pairs)
