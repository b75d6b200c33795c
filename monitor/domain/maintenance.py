"""Maintenance: declared times in which an endpoint is not judged, whatever its checks say.

An overlay: checks, states, slices and incidents go on beneath it. Availability leaves the time
out, and coverage counts it (docs/semantics.md, 4). All windows are half-open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from monitor.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One declared window: of an endpoint, of a provider's endpoints, or of all if it names none.

    `name` tells it from the others of its source (the settings, a person): declared again under
    the same name, it takes the place of what was declared before. `by` is who declared it where
    that was a person; `line` is where it stands in a file, and no part of what it is.
    """

    name: str
    window: Window
    endpoint: str | None = None
    provider: str | None = None
    reason: str = ""
    by: str | None = None
    line: int | None = field(default=None, compare=False)


def amend(
    standing: Iterable[Maintenance], declared: Iterable[Maintenance], now_ms: int
) -> tuple[Maintenance, ...]:
    """What holds once a source declares anew.

    What it names holds as it says, for the past too. Of what it no longer names the past stays:
    a window that is over is kept, one that runs ends now, one to come is gone. So a list may be
    tidied without changing any figure of the past.
    """
    named = {each.name: each for each in declared}
    dropped = (each for each in standing if each.name not in named)
    begun = (each for each in dropped if each.window.from_ms < now_ms)
    return (*named.values(), *(_until(each, now_ms) for each in begun))


def _until(maintenance: Maintenance, now_ms: int) -> Maintenance:
    window = maintenance.window
    return replace(maintenance, window=Window(window.from_ms, min(window.to_ms, now_ms)))


def join(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same time as disjoint windows, in order; empty ones are left out."""
    joined: list[Window] = []
    for window in sorted(windows, key=lambda each: each.from_ms):
        if joined and window.from_ms <= joined[-1].to_ms:
            joined[-1] = Window(joined[-1].from_ms, max(joined[-1].to_ms, window.to_ms))
        elif window.length_ms:
            joined.append(window)
    return tuple(joined)


def cut(span: Window, held: Iterable[Window]) -> Iterator[tuple[Window, bool]]:
    """The parts of a span, in order, and whether each lies in `held` (disjoint and in order)."""
    at_ms = span.from_ms
    for window in held:
        inside = span.clip(window.from_ms, window.to_ms)
        if not inside.length_ms:
            continue
        if at_ms < inside.from_ms:
            yield Window(at_ms, inside.from_ms), False
        yield inside, True
        at_ms = inside.to_ms
    if at_ms < span.to_ms:
        yield Window(at_ms, span.to_ms), False


def subtract(windows: Iterable[Window], held: Iterable[Window]) -> tuple[Window, ...]:
    """The parts of windows that lie outside of `held` (disjoint and in order)."""
    held = tuple(held)
    return tuple(part for each in windows for part, is_held in cut(each, held) if not is_held)
