"""Rerun: the outages and refusals that stored calls come to under another rule of confirmation.

The same course is taken as when they were recorded (`domain.course`, `domain.accounts`), by live
calls in their order of recording; nothing is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.domain import accounts, course
from monitor.domain.accounts import Account, Answer
from monitor.domain.health import Closed, Health, Opened, Policy, Rule
from monitor.domain.rules import AlertRule, Finding, RuleName
from monitor.domain.traffic import Meter
from monitor.services import health, reference
from monitor.services.reference import Reference
from monitor.services.ticks import hear, hear_minutes
from monitor.storage.calls import Written
from monitor.storage.engine import Database
from monitor.storage.queries import live_calls

Found = tuple[int, Finding]


def find(
    database: Database,
    rule: AlertRule[Any],
    confirming: Rule,
    from_ms: int,
    progress: Callable[[int, int], None],
) -> Iterator[Found]:
    """What a rule finds in calls from an instant on: its number, and each opening and closing."""
    with database.reading() as session:
        known = reference.load(session)
        first_id, total = live_calls.count(session, from_ms)
    strict = replace(confirming, openrouter_strict=known.rule.openrouter_strict)
    rerun, next_id = _Rerun(rule.name, replace(known, rule=strict), from_ms), first_id
    while total:
        with database.reading() as session:
            written = live_calls.read(session, next_id)
        if not written:
            return
        next_id = written[-1][0] + 1
        yield from rerun.take(written)
        progress(min(next_id - first_id, total), total)


@dataclass(slots=True)
class _Rerun:
    """All endpoints on their way."""

    name: RuleName
    known: Reference
    from_ms: int
    rows: dict[int, Health] = field(default_factory=dict)
    meters: dict[int, dict[Policy, Meter]] = field(default_factory=dict)
    doors: dict[int, Account] = field(default_factory=dict)

    def take(self, written: list[Written]) -> Iterator[Found]:
        """Further calls, in their order."""
        calls, _ = health.by_endpoint(written, self.known)
        move = self._move if self.name is RuleName.DOWN else self._answer
        for number, each in calls.items():
            for transition in move(number, each):
                yield number, _finding(self.name, number, transition)

    def _move(self, number: int, calls: list[Written]) -> Iterator[Opened | Closed]:
        rule, row = self.known.rule, self.rows.get(number) or Health.new(self.from_ms)
        if number in self.known.unprobed:
            meters = self.meters.get(number) or {policy: Meter() for policy in Policy}
            ticks, self.meters[number] = hear_minutes(calls, meters, rule)
            rule = rule.of_traffic
        else:
            ticks = hear(calls, rule).ticks
        moved = course.advance(row, ticks[Policy.PROVIDER], rule)
        self.rows[number] = moved.health
        return (each for each in moved.transitions if isinstance(each, Opened | Closed))

    def _answer(self, number: int, calls: list[Written]) -> Iterator[accounts.Refused | Closed]:
        told = [entry.call for _, entry in calls]
        answers = [Answer(c.started_ms, c.ended_ms, c.outcome, c.kind) for c in told]
        moved = accounts.advance(self.doors.get(number, Account()), answers)
        self.doors[number] = moved.account
        return iter(moved.transitions)


def _finding(name: RuleName, number: int, found: Opened | accounts.Refused | Closed) -> Finding:
    if isinstance(found, Closed):
        return Finding(
            name, str(number), is_firing=False, since_ms=found.ended_ms, at_ms=found.confirmed_ms
        )
    return Finding(
        name, str(number), is_firing=True, since_ms=found.started_ms, at_ms=found.confirmed_ms
    )
