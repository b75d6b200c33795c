"""Ticks, rows and runs, as the tests of health write them."""

from monitor.domain.course import advance
from monitor.domain.health import Advanced, Health, Rule, State, Tick, Verdict

GAP = 100


def good(started_ms: int, ended_ms: int, *, is_probe: bool = True) -> Tick:
    return Tick(started_ms, ended_ms, Verdict.PASS, is_probe, GAP)


def bad(started_ms: int, ended_ms: int, *, is_probe: bool = True) -> Tick:
    return Tick(started_ms, ended_ms, Verdict.FAIL, is_probe, GAP)


def blind(started_ms: int, ended_ms: int) -> Tick:
    return Tick(started_ms, ended_ms, Verdict.BLIND, is_probe=True, gap_ms=GAP)


def row(state: State, *, has_incident: bool = False) -> Health:
    return Health(
        created_ms=0,
        settled_ms=1000,
        since_ms=0,
        state=state,
        last_tick_ms=1000,
        gap_ms=GAP,
        has_incident=has_incident,
    )


#: Here a second passes for an hour: no failure is too short to count.
RULE = Rule(least_span_ms=0)


def run(health: Health, *ticks: Tick, rule: Rule = RULE) -> Advanced:
    return advance(health, ticks, rule)


NEW = Health.new(0)
BROKEN = row(State.DOWN, has_incident=True)
UNSEEN = row(State.UNKNOWN, has_incident=True)
