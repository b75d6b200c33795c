"""Replay: which incidents a rule of alerts would have opened, had it been another.

It goes the way that the watch goes, over what is stored, a part at a time, and writes nothing. So
with the parameters that were in force it finds what was found.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from monitor.domain.health import Rule
from monitor.domain.rule_shares import Judge
from monitor.domain.rules import AlertRule, Finding, RuleName, Ruleset
from monitor.domain.windows import DAY_MS, HOUR_MS, Window
from monitor.services import rule_evidence, rule_rerun
from monitor.services.rule_evidence import SHARES, SPANS, Ask
from monitor.storage.engine import Database
from monitor.storage.queries import rule_evidence as asked
from monitor.storage.queries.rule_evidence import Watched

#: What these go by is stored: calls and settled states.
REPLAYABLE = (RuleName.DOWN, RuleName.ACCOUNT, *SPANS, *SHARES)

#: So many minutes are read at once.
_PART_MS = 6 * HOUR_MS
#: So long before its window a replay begins, at least.
_BEFORE_MS = DAY_MS
#: So many incidents are kept of those that would have opened, the newest.
KEPT = 1_000

Progress = Callable[[int, int], None]


class CannotReplay(ValueError):
    """What a rule goes by is not stored."""


class Would(NamedTuple):
    """An incident that would have opened; `closed_ms` is `None` where it would go on still."""

    endpoint_id: int
    started_ms: int
    confirmed_ms: int
    ended_ms: int | None
    closed_ms: int | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many incidents would have opened in a window, and the newest of them, in order."""

    count: int
    incidents: tuple[Would, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A rule to be tried over a window. `rules` are in force, `health` confirms outages."""

    database: Database
    rule: AlertRule[Any]
    window: Window
    rules: Ruleset = field(default_factory=Ruleset)
    health: Rule = field(default_factory=Rule)
    progress: Progress = lambda _done, _total: None

    def run(self) -> Replayed:
        """All of it. Raises CannotReplay; what `progress` raises ends it."""
        with self.database.reading() as session:
            known = [each for each in asked.watched(session) if self._is_meant(each)]
        count, newest = 0, deque[Would](maxlen=KEPT)
        for would in _pair(self._find(known)):
            if self.window.from_ms <= would.confirmed_ms < self.window.to_ms:
                count += 1
                newest.append(would)
        ordered = sorted(newest, key=lambda each: (each.confirmed_ms, each.endpoint_id))
        return Replayed(count, tuple(ordered))

    def _is_meant(self, endpoint: Watched) -> bool:
        return self.rule.reach.holds(endpoint.provider, endpoint.slug)

    def _find(self, known: list[Watched]) -> Iterator[tuple[int, Finding]]:
        name = self.rule.name
        if name in SHARES:
            return self._shares(known)
        if name in SPANS:
            return self._spans(known)
        if name in {RuleName.DOWN, RuleName.ACCOUNT}:
            return self._again({each.id for each in known})
        listed = ", ".join(REPLAYABLE)
        raise CannotReplay(f"rule {name} cannot be replayed; these can: {listed}")

    @property
    def _begin_ms(self) -> int:
        """Before the window, so that what it goes by is known when it begins."""
        before_ms = max(_BEFORE_MS, rule_evidence.reach_ms(self.rule))
        return max(0, self.window.from_ms - before_ms)

    def _again(self, numbers: set[int]) -> Iterator[tuple[int, Finding]]:
        begin_ms, to_ms = self._begin_ms, self.window.to_ms
        found = rule_rerun.find(self.database, self.rule, self.health, begin_ms, self.progress)
        return (each for each in found if each[0] in numbers and each[1].at_ms < to_ms)

    def _spans(self, known: list[Watched]) -> Iterator[tuple[int, Finding]]:
        for done, each in enumerate(known):
            endpoint = each._replace(settled_ms=min(each.settled_ms, self.window.to_ms - 1))
            ask = Ask(endpoint, self._begin_ms, is_open=False)
            with self.database.reading() as session:
                yield from rule_evidence.judge_spans(session, self.rule, [ask], self.rules)
            self.progress(done + 1, len(known))

    def _shares(self, known: list[Watched]) -> Iterator[tuple[int, Finding]]:
        judges = {each.id: Judge(self.rule, str(each.id)) for each in known}
        with self.database.reading() as session:
            first_ms = asked.first_ms(session)
        parts = list(_parts(Window(max(first_ms, self._begin_ms), self.window.to_ms)))
        for done, part in enumerate(parts):
            with self.database.reading() as session:
                minutes = asked.minutes(session, part)
                told = rule_evidence.explained(session, self.rule, part.from_ms, self.rules, known)
            for number, judge in judges.items():
                for finding in judge.hear(minutes.get(number, ()), told.get(number, ())):
                    yield number, finding
            self.progress(done + 1, len(parts))


def _parts(window: Window) -> Iterator[Window]:
    for from_ms in range(window.from_ms // _PART_MS * _PART_MS, window.to_ms, _PART_MS):
        yield window.clip(from_ms, from_ms + _PART_MS)


def _pair(found: Iterable[tuple[int, Finding]]) -> Iterator[Would]:
    """Openings with their closings; what has none goes on still."""
    opened: dict[int, Would] = {}
    for number, finding in found:
        if finding.is_firing:
            opened[number] = Would(
                number, finding.since_ms, finding.at_ms, None, None, finding.facts
            )
        elif number in opened:
            yield opened.pop(number)._replace(ended_ms=finding.since_ms, closed_ms=finding.at_ms)
    yield from opened.values()
