"""Shares: which part of the calls of a window went wrong, minute by minute.

A call belongs to the minute of UTC in which it was recorded, live; so a minute that is over stays
as it is, and whoever counts it later counts the same. A minute in which nobody called says nothing
new: it opens nothing and closes nothing.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.domain.outcomes import RULINGS, Group, Outcome, Result
from monitor.domain.rule_parameters import Share
from monitor.domain.rules import AlertRule, Finding, RuleName
from monitor.domain.windows import MINUTE_MS

#: So long after its end a minute is judged: an outage that was confirmed by then is known.
GRACE_MS = MINUTE_MS
_LISTED = 3


class Minute(NamedTuple):
    """The calls of an endpoint in a minute (of UTC since 1970), by class."""

    minute: int
    counts: Mapping[Result, int]


class Explained(NamedTuple):
    """An outage or refusal that a stronger rule tells of: its calls are counted in no share.

    From `from_ms` to `to_ms`, known since `confirmed_ms` and, that it was over, since `closed_ms`.
    """

    from_ms: int
    to_ms: int | None
    confirmed_ms: int
    closed_ms: int | None

    def covers(self, minute: int, known_ms: int) -> bool:
        """Whether a minute lies in it, as far as it was known at an instant."""
        from_ms = minute * MINUTE_MS
        is_over = self.closed_ms is not None and self.closed_ms <= known_ms
        ends_later = not is_over or self.to_ms is None or from_ms < self.to_ms
        return self.confirmed_ms <= known_ms and self.from_ms < from_ms + MINUTE_MS and ends_later


def is_error(result: Result) -> bool:
    """Whether a call counts as failed: those that are bad in a success rate."""
    return RULINGS[result].group is Group.BAD


def is_answer(result: Result) -> bool:
    """Whether a call counts in a success rate at all."""
    return RULINGS[result].group in {Group.GOOD, Group.BAD}


def is_limited(result: Result) -> bool:
    """Whether a rate limit was met."""
    return result is Outcome.RATE_LIMITED


def is_theirs(result: Result) -> bool:
    """Whether a call got as far as the provider, or would have but for it."""
    return RULINGS[result].group is not Group.LOCAL


Counting = tuple[Callable[[Result], bool], Callable[[Result], bool]]

#: Which calls a rule counts, and of which.
COUNTED: Mapping[RuleName, Counting] = {
    RuleName.ERRORS: (is_error, is_answer),
    RuleName.RATE_LIMITS: (is_limited, is_theirs),
}


@dataclass(slots=True)
class Judge:
    """A rule at an endpoint, on its way through minutes; earlier than `from_ms` it only counts."""

    rule: AlertRule[Share]
    subject: str
    is_open: bool = False
    from_ms: int = 0
    _recent: deque[Minute] = field(default_factory=deque)

    def hear(self, minutes: Iterable[Minute], explained: Sequence[Explained]) -> Iterator[Finding]:
        """What further minutes, in order, come to."""
        for minute in minutes:
            self._recent.append(minute)
            while self._recent[0].minute <= minute.minute - self.rule.parameters.window_min:
                self._recent.popleft()
            at_ms = (minute.minute + 1) * MINUTE_MS
            finding = None if at_ms < self.from_ms else self._look(at_ms, explained)
            if finding is not None:
                self.is_open = finding.is_firing
                yield finding

    def _look(self, at_ms: int, explained: Sequence[Explained]) -> Finding | None:
        rule, share, subject = self.rule, self.rule.parameters, self.subject
        minutes = self._counted(explained, at_ms + GRACE_MS)
        failed, calls = _count(rule.name, minutes)
        bad = failed.total()
        threshold = share.close_percent if self.is_open else share.percent
        is_over = 100 * bad >= threshold * calls
        if calls < share.least_calls or is_over is self.is_open:
            return None
        if not is_over:
            return Finding(rule.name, subject, is_firing=False, since_ms=at_ms, at_ms=at_ms)
        first = next(each.minute for each in minutes if failed.keys() & each.counts.keys())
        classes = {result.value: n for result, n in failed.most_common(_LISTED)}
        facts = {
            "failed": bad,
            "calls": calls,
            "window_min": share.window_min,
            "classes": classes,
        }
        since_ms = first * MINUTE_MS
        return Finding(rule.name, subject, True, since_ms, at_ms, facts)  # noqa: FBT003 -- it fires

    def _counted(self, explained: Sequence[Explained], known_ms: int) -> list[Minute]:
        if not explained:
            return list(self._recent)
        return [
            minute
            for minute in self._recent
            if not any(each.covers(minute.minute, known_ms) for each in explained)
        ]


def _count(rule: RuleName, minutes: Iterable[Minute]) -> tuple[Counter[Result], int]:
    """The calls that a rule counts, by class, and of how many."""
    is_counted, is_of = COUNTED[rule]
    failed, calls = Counter[Result](), 0
    for minute in minutes:
        for result, n in minute.counts.items():
            calls += n * is_of(result)
            if is_counted(result):
                failed[result] += n
    return failed, calls
