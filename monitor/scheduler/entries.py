"""Entries: what the clockwork is given to run, and what it tells of runs that were lost."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from zlib import crc32

from monitor.domain.purposes import Purpose
from monitor.services.rounds import Again
from monitor.storage.gaps import GapReason


@dataclass(frozen=True, slots=True)
class Entry:
    """One job; `run` tells which probes are to be made again. `probed`: whose probe it is.

    One that `is_new` has never run in the life of this installation: after its first run it is
    spread over its interval.
    """

    id: str
    run: Callable[[], Awaitable[Iterable[Again]]]
    interval_s: float
    first_s: float
    probed: str | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Runs of a probe that were not made, the first due at `at_ms`."""

    probed: str
    at_ms: int
    reason: GapReason
    runs: int


def name_of(purpose: Purpose, watched: str) -> str:
    """The id of the entry that probes an endpoint or target for a purpose."""
    return f"{purpose} {watched}"


def share(name: str) -> float:
    """A number in [0, 1) that is always the same for a name and spreads names evenly."""
    return crc32(name.encode()) / 2**32
