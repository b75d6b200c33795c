"""Our own rules on simulated endpoints: the rows, rules and cadence of the real monitor.

Only the network, the database and the clock are simulated. Every probe becomes a call, which moves
the same rows as in the ledger; when the next probe is sent, the same cadence decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from random import Random
from typing import NamedTuple

from monitor.domain import pace
from monitor.domain.accounts import Account
from monitor.domain.cadence import CadenceRules, Look, Need, Standing, next_look
from monitor.domain.calls import Call, Kind, Origin, Timings
from monitor.domain.health import Health, Rule
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.pace import Pace, Sample
from monitor.rehearsal.alarms import Tally
from monitor.rehearsal.scenario import Event, Scenario, Trouble

#: What is simulated of an answer: the median time to its first token, its spread, and the rest.
TTFT_S, SPREAD, REST_S = 0.4, 0.3, 0.5
REFUSAL_S = 0.3
_MICROS = 1_000_000
_OUTCOMES: dict[Trouble, Result] = {
    Trouble.OUTAGE: Outcome.SERVER_ERROR,
    Trouble.BURST: Outcome.SERVER_ERROR,
    Trouble.RATE_LIMIT_STORM: Outcome.RATE_LIMITED,
    Trouble.OWN_NETWORK: LocalFailure.NETWORK_LOCAL,
}


@dataclass(frozen=True, slots=True)
class OurRules:
    """What is rehearsed: the rules of health and of cadence, and the regular intervals."""

    rule: Rule = field(default_factory=Rule)
    cadence: CadenceRules = field(default_factory=CadenceRules)
    interval_s: float = 300.0
    reach_interval_s: float = 60.0


class Seen(NamedTuple):
    """When one endpoint was found down, when slow; after how many paid and how many free probes."""

    down_ms: list[int]
    slow_ms: list[int]
    paid: int
    free: int


def rehearse(scenario: Scenario, rules: OurRules) -> Iterator[Tally]:
    """How our rules do: the tally so far, after each endpoint."""
    tally = Tally()
    for endpoint in range(scenario.endpoints):
        events = scenario.events(endpoint)
        seen = watch(scenario, endpoint, events, rules)
        tally.judge(seen.down_ms, events)
        tally.judge_slow(seen.slow_ms, events)
        tally.paid += seen.paid
        tally.free += seen.free
        tally.watched_ms += scenario.length_ms
        yield tally


def watch(scenario: Scenario, endpoint: int, events: Sequence[Event], rules: OurRules) -> Seen:
    """Probe one endpoint from the start of a scenario to its end."""
    rng = scenario.rng(endpoint, "ours")
    watcher, answers = _Watcher(rules, rng), _Answers(scenario, events, rng)
    infer_ms: float
    reach_ms: float
    infer_ms, reach_ms = (
        rng.randrange(round(each_s * 1000)) for each_s in (rules.interval_s, rules.reach_interval_s)
    )
    paid = free = 0
    while (at_ms := int(min(infer_ms, reach_ms))) < scenario.length_ms:
        if at_ms == infer_ms:
            infer_ms = watcher.take(answers.ask(at_ms, Kind.INFER))
            paid += 1
        else:
            infer_ms = min(infer_ms, watcher.take_reach(answers.ask(at_ms, Kind.REACH)))
            reach_ms = at_ms + round(rules.reach_interval_s * 1000)
            free += 1
    return Seen(watcher.down_ms, watcher.slow_ms, paid, free)


class _Answers:
    """What an endpoint answers, asked at rising instants."""

    def __init__(self, scenario: Scenario, events: Sequence[Event], rng: Random) -> None:
        self._scenario, self._rng = scenario, rng
        self._long = [event for event in events if event.trouble is not Trouble.BURST]
        self._bursts = [event for event in events if event.trouble is Trouble.BURST]

    def ask(self, at_ms: int, kind: Kind) -> Call:
        """A call that starts then."""
        is_slow = False
        for event in filter(None, (self._now(self._bursts, at_ms), self._now(self._long, at_ms))):
            is_slow = is_slow or event.trouble is Trouble.SLOW_DOWN
            if self._is_hit(event, kind):
                return _call(at_ms, kind, _OUTCOMES[event.trouble], REFUSAL_S)
        if self._rng.random() < self._scenario.blip_share:
            return _call(at_ms, kind, Outcome.SERVER_ERROR, REFUSAL_S)
        factor = self._scenario.slowdown if is_slow else 1.0
        ttft_s = factor * TTFT_S * self._rng.lognormvariate(0, SPREAD)
        return _call(at_ms, kind, Outcome.OK, ttft_s + REST_S, ttft_s)

    def _is_hit(self, event: Event, kind: Kind) -> bool:
        if event.trouble not in _OUTCOMES:
            return False
        is_apart = kind is Kind.REACH and event.trouble is Trouble.OUTAGE
        if is_apart and not self._scenario.is_whole_api:
            return False
        return event.share >= 1 or self._rng.random() < event.share

    def _now(self, events: list[Event], at_ms: int) -> Event | None:
        while events and events[0].to_ms <= at_ms:
            events.pop(0)
        return events[0] if events and events[0].from_ms <= at_ms else None


class _Watcher:
    """One endpoint's rows, and when they turned."""

    def __init__(self, rules: OurRules, rng: Random) -> None:
        self._rules, self._rng = rules, rng
        self._standing = Standing(Health.new(0), Account())
        self._pace = Pace()
        self.down_ms: list[int] = []
        self.slow_ms: list[int] = []

    def take(self, call: Call) -> int:
        """Record an infer probe; when the next one is sent."""
        look = self._record(call)
        if call.outcome is Outcome.OK:
            self._take_pace(call, round(look.gap_s * 1000))
        return call.ended_ms + round((look.delay_s + self._late_s(look.need)) * 1000)

    def take_reach(self, call: Call) -> float:
        """Record a reachability check; when it is to be confirmed, `inf` where it is not."""
        before = self._standing.failures
        if call.outcome is Outcome.OK:
            return inf
        look = self._record(call)
        is_news = self._standing.failures > before
        return call.ended_ms + round(look.delay_s * 1000) if is_news else inf

    def _record(self, call: Call) -> Look:
        rules, before = self._rules, self._standing
        look = next_look(
            before.after(call, rules.rule),
            rules.interval_s,
            call.ended_ms,
            jitter=self._rng.uniform(-1, 1),
            rules=rules.cadence,
        )
        self._standing = before.after(replace(call, gap_s=look.gap_s), rules.rule)
        if self._standing.health.has_incident and not before.health.has_incident:
            self.down_ms.append(call.ended_ms)
        return look

    def _late_s(self, need: Need) -> float:
        if need is not Need.REGULAR:
            return 0.0
        return self._rng.uniform(0, self._rules.cadence.jitter_s(self._rules.interval_s))

    def _take_pace(self, call: Call, gap_ms: int) -> None:
        was_slow, usual_us = self._pace.is_slow, round(TTFT_S * _MICROS)
        ttft_us = round((call.timings.ttft_s or 0) * _MICROS)
        span_ms = call.started_ms, call.ended_ms
        sample = Sample(*span_ms, gap_ms, ttft_us, is_wrong=False, usual_us=usual_us)
        self._pace, _ = pace.advance(self._pace, [sample], self._rules.rule)
        if self._pace.is_slow and not was_slow:
            self.slow_ms.append(call.ended_ms)


def _call(
    at_ms: int, kind: Kind, outcome: Result, total_s: float, ttft_s: float | None = None
) -> Call:
    ended_ms = at_ms + round(total_s * 1000)
    timings = Timings(ttft_s=ttft_s, total_s=total_s)
    return Call("simulated", Origin.PROBE, kind, at_ms, ended_ms, outcome, timings=timings)
