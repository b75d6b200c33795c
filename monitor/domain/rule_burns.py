"""Burn rates: how fast the error budget of an availability is used up.

Availability is by time (docs/semantics.md, 4), and so is its budget: with D the time down and C
the time watched of a window, the burn rate is (D / C) / (1 - objective). An outage is told by a
rule of its own, so a burn rate tells what that leaves untold: outages that add up.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from monitor.domain.alerts import FLAPPING_MS, FLAPS
from monitor.domain.availability import WHOLE_MILLI
from monitor.domain.health import Span, State
from monitor.domain.maintenance import cut
from monitor.domain.rule_parameters import Burn
from monitor.domain.rules import AlertRule, Finding
from monitor.domain.windows import MINUTE_MS, Window


class Spent(NamedTuple):
    """What was down, and what was watched, of a window, in milliseconds."""

    down_ms: int
    covered_ms: int


@dataclass(frozen=True, slots=True)
class History:
    """Settled spans of an endpoint, in order and without gaps, as sums up to each of them.

    `outages` are the times that it was down, with maintenance in them or not.
    """

    starts: tuple[int, ...]
    down: tuple[int, ...]
    covered: tuple[int, ...]
    is_down: tuple[bool, ...]
    is_covered: tuple[bool, ...]
    outages: tuple[Window, ...]
    end_ms: int

    @classmethod
    def of(cls, spans: Sequence[Span], maintenance: Sequence[Window] = ()) -> "History":
        """The sums of spans; time in maintenance (disjoint, in order) is in none of them."""
        parts = [
            (part, not is_held and span.state is not State.UNKNOWN, span.state is State.DOWN)
            for span in spans
            for part, is_held in cut(Window(span.from_ms, span.to_ms), maintenance)
        ]
        down = [part.length_ms * (is_covered and is_down) for part, is_covered, is_down in parts]
        covered = [part.length_ms * is_covered for part, is_covered, _ in parts]
        return cls(
            tuple(part.from_ms for part, _, _ in parts),
            tuple(accumulate(down, initial=0)),
            tuple(accumulate(covered, initial=0)),
            tuple(is_covered and is_down for _, is_covered, is_down in parts),
            tuple(is_covered for _, is_covered, _ in parts),
            tuple(Window(s.from_ms, s.to_ms) for s in spans if s.state is State.DOWN),
            spans[-1].to_ms if spans else 0,
        )

    def spent(self, window: Window) -> Spent:
        """What was down and what was watched of a window."""
        to, from_ = self._until(window.to_ms), self._until(window.from_ms)
        return Spent(to.down_ms - from_.down_ms, to.covered_ms - from_.covered_ms)

    def _until(self, at_ms: int) -> Spent:
        place = bisect_right(self.starts, at_ms) - 1
        if place < 0:
            return Spent(0, 0)
        inside_ms = min(at_ms, self.end_ms) - self.starts[place]
        return Spent(
            self.down[place] + inside_ms * self.is_down[place],
            self.covered[place] + inside_ms * self.is_covered[place],
        )


def judge(
    rule: AlertRule[Burn],
    subject: str,
    history: History,
    *,
    is_open: bool = False,
    from_ms: int = 0,
    outages_are_told: bool = True,
) -> Iterator[Finding]:
    """What a rule finds at its instants from one on, up to the end of what is settled."""
    burn = rule.parameters
    at_ms = _next(burn, from_ms)
    while at_ms <= history.end_ms:
        if is_open:
            finding = _close(rule, subject, history, at_ms)
        else:
            at_ms = _skip(burn, history, at_ms)
            is_told = outages_are_told and _is_told(history, burn, at_ms)
            finding = None if is_told else _open(rule, subject, history, at_ms)
        if finding is not None and at_ms <= history.end_ms:
            is_open = finding.is_firing
            yield finding
        at_ms += burn.step_ms


def rate_tenths(spent: Spent, burn: Burn) -> int | None:
    """The burn rate of a window in tenths, rounded down; `None` where nothing was watched."""
    if not spent.covered_ms:
        return None
    budget = (WHOLE_MILLI - burn.objective_milli) * spent.covered_ms
    return 10 * WHOLE_MILLI * spent.down_ms // budget


def _next(burn: Burn, at_ms: int) -> int:
    return -(-at_ms // burn.step_ms) * burn.step_ms


def _skip(burn: Burn, history: History, at_ms: int) -> int:
    """The first instant from one on that has an outage in its long window."""
    reach_ms = burn.long_min * MINUTE_MS
    outage = next((o for o in history.outages if o.to_ms > at_ms - reach_ms), None)
    return history.end_ms + 1 if outage is None else max(at_ms, _next(burn, outage.from_ms))


def _open(rule: AlertRule[Burn], subject: str, history: History, at_ms: int) -> Finding | None:
    burn = rule.parameters
    long, short = (_window(history, minutes, at_ms) for minutes in (burn.long_min, burn.short_min))
    if not all(_exceeds(*each, burn) for each in (long, short)):
        return None
    window, spent = long
    outages = _outages(history, window)
    facts = {
        "down_ms": spent.down_ms,
        "covered_ms": spent.covered_ms,
        "outages": len(outages),
        "long_min": burn.long_min,
        "rate_tenths": rate_tenths(spent, burn),
        "objective_milli": burn.objective_milli,
    }
    since_ms = max(outages[0].from_ms, window.from_ms)
    return Finding(rule.name, subject, is_firing=True, since_ms=since_ms, at_ms=at_ms, facts=facts)


def _close(rule: AlertRule[Burn], subject: str, history: History, at_ms: int) -> Finding | None:
    window, spent = _window(history, rule.parameters.short_min, at_ms)
    is_known = _is_watched(window, spent, rule.parameters)
    if not is_known or _is_over(spent, rule.parameters, halves=1):
        return None
    return Finding(rule.name, subject, is_firing=False, since_ms=at_ms, at_ms=at_ms)


def _window(history: History, minutes: int, at_ms: int) -> tuple[Window, Spent]:
    window = Window(at_ms - minutes * MINUTE_MS, at_ms)
    return window, history.spent(window)


def _exceeds(window: Window, spent: Spent, burn: Burn) -> bool:
    return _is_watched(window, spent, burn) and _is_over(spent, burn, halves=2)


def _is_watched(window: Window, spent: Spent, burn: Burn) -> bool:
    return 100 * spent.covered_ms >= burn.least_percent * window.length_ms


def _is_over(spent: Spent, burn: Burn, halves: int) -> bool:
    """Whether the burn rate is at least so many halves of the factor, without any rounding."""
    allowed = burn.factor_tenths * halves * (WHOLE_MILLI - burn.objective_milli) * spent.covered_ms
    return 20 * WHOLE_MILLI * spent.down_ms >= allowed


def _outages(history: History, window: Window) -> list[Window]:
    return [o for o in history.outages if o.from_ms < window.to_ms and o.to_ms > window.from_ms]


def _is_told(history: History, burn: Burn, at_ms: int) -> bool:
    """Whether outages alone tell it: one that goes on, a single one, or an endpoint that flaps."""
    known = _outages(history, Window(at_ms - burn.long_min * MINUTE_MS, at_ms))
    changes = sum(at_ms - FLAPPING_MS < at <= at_ms for o in known for at in (o.from_ms, o.to_ms))
    is_single = len(known) <= 1
    return is_single or known[-1].to_ms >= at_ms or changes >= FLAPS
