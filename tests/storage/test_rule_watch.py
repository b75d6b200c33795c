"""Rules at work: what calls and states come to, on every kind of database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.calls import Call
from monitor.domain.outcomes import Outcome
from monitor.domain.rule_parameters import Share, Slow
from monitor.domain.rules import DEFAULTS, RuleName
from monitor.services.rule_watch import Watch
from monitor.storage import rules as rows
from monitor.storage.engine import Database
from monitor.storage.queries import incidents
from monitor.storage.queries.incidents import Incident
from tests.alerting import outage, recovery
from tests.making import MONDAY_MS, open_database, probe, record, request

START_MS = MONDAY_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def look(database: Database, watch: Watch, at_s: float) -> None:
    with database.reading() as session:
        found = watch.look(session, MONDAY_MS + round(at_s * 1000))
    with database.writing() as session:
        watch.tell(session, found)


def opened(database: Database, rule: RuleName) -> list[Incident]:
    with database.reading() as session:
        listed = [incidents.numbered(session, number) for number in range(1, 20)]
    return [each for each in listed if each is not None and each.rule == rule]


def minute(
    at_min: int, good: int, failed: int, outcome: Outcome = Outcome.OVERLOADED
) -> list[Call]:
    """Requests of a team within a minute."""
    outcomes = [outcome] * failed + [Outcome.OK] * good
    return [request(60 * at_min + n % 50, each) for n, each in enumerate(outcomes)]


def test_a_share_of_errors_opens_and_closes_an_incident(database: Database) -> None:
    watch = Watch()
    record(database, minute(1, 50, 8))
    look(database, watch, 240)
    record(database, minute(20, 90, 2))
    look(database, watch, 1500)

    [incident] = opened(database, RuleName.ERRORS)
    assert (incident.started_ms, incident.confirmed_ms) == (MONDAY_MS + 60_000, MONDAY_MS + 120_000)
    assert incident.closed_ms == MONDAY_MS + 21 * 60_000
    assert incident.facts["failed"] == 8
    assert incident.cause == "13.8 % errors"


def test_a_minute_that_is_not_over_is_not_judged(database: Database) -> None:
    watch = Watch()
    record(database, minute(1, 50, 8))
    look(database, watch, 180)

    assert opened(database, RuleName.ERRORS) == []
    look(database, watch, 200)
    assert len(opened(database, RuleName.ERRORS)) == 1


def test_rate_limits_are_the_accounts(database: Database) -> None:
    watch = Watch()
    # One that another call answers between: so no two in a row confirm an account incident.
    pairs = zip(minute(1, 30, 0), minute(1, 0, 30, Outcome.RATE_LIMITED), strict=True)
    record(database, [call for pair in pairs for call in pair])
    look(database, watch, 240)

    assert opened(database, RuleName.ERRORS) == []
    assert [each.cause for each in opened(database, RuleName.RATE_LIMITS)] == ["50 % rate limited"]


def test_whoever_looks_again_after_a_restart_opens_nothing_twice(database: Database) -> None:
    record(database, minute(1, 50, 8))
    for at_s in (240, 270, 300):
        look(database, Watch(), at_s)
    record(database, minute(6, 400, 0))
    for at_s in (500, 530):
        look(database, Watch(), at_s)

    assert [each.closed_ms for each in opened(database, RuleName.ERRORS)] == [MONDAY_MS + 420_000]


def test_what_was_recorded_before_a_rule_was_in_force_opens_nothing(database: Database) -> None:
    with database.writing() as session:
        rows.install(session, list(DEFAULTS.values()), MONDAY_MS + 300_000)
    record(database, minute(1, 50, 8))
    look(database, Watch(), 900)

    assert opened(database, RuleName.ERRORS) == []


def test_an_outage_is_no_share_of_errors(database: Database) -> None:
    record(database, outage(60))
    record(database, minute(2, 0, 100))
    look(database, Watch(), 400)

    assert len(opened(database, RuleName.DOWN)) == 1
    assert opened(database, RuleName.ERRORS) == []


def test_with_outages_untold_their_errors_are(database: Database) -> None:
    with database.writing() as session:
        rows.install(session, [replace(DEFAULTS[RuleName.DOWN], is_on=False)], MONDAY_MS)
    record(database, outage(60))
    record(database, minute(2, 0, 100))
    look(database, Watch(), 400)

    assert len(opened(database, RuleName.ERRORS)) == 1


def test_a_rule_that_is_switched_off_lets_go(database: Database) -> None:
    watch = Watch()
    record(database, minute(1, 50, 8))
    look(database, watch, 240)
    with database.writing() as session:
        off = replace(DEFAULTS[RuleName.ERRORS], is_on=False)
        rows.install(session, [off], MONDAY_MS + 250_000)
    look(database, watch, 260)

    [incident] = opened(database, RuleName.ERRORS)
    assert incident.closed_ms == MONDAY_MS + 260_000


def test_other_parameters_hold_from_then_on(database: Database) -> None:
    watch = Watch()
    rule = replace(DEFAULTS[RuleName.ERRORS], parameters=Share(percent=50))
    with database.writing() as session:
        rows.install(session, [rule], MONDAY_MS)
    record(database, minute(1, 50, 8))
    look(database, watch, 240)
    with database.writing() as session:
        rows.install(session, [DEFAULTS[RuleName.ERRORS]], MONDAY_MS + 250_000)
    look(database, watch, 270)
    before = opened(database, RuleName.ERRORS)
    record(database, minute(5, 0, 1))
    look(database, watch, 500)

    assert before == []
    assert [each.confirmed_ms for each in opened(database, RuleName.ERRORS)] == [
        MONDAY_MS + 360_000
    ]


def test_a_slow_endpoint_is_told_of_after_a_while(database: Database) -> None:
    rule = replace(DEFAULTS[RuleName.DEGRADED], parameters=Slow(hold_min=3, close_min=1))
    with database.writing() as session:
        rows.install(session, [rule], MONDAY_MS)
    watch = Watch()
    wrong = [probe(30 * n, Outcome.WRONG_ANSWER, gap_s=60.0) for n in range(20)]
    for n, call in enumerate(wrong):
        record(database, [call])
        look(database, watch, 30 * n + 2)
    record(database, [probe(600 + 30 * n, gap_s=60.0) for n in range(30)])
    look(database, watch, 1600)

    [incident] = opened(database, RuleName.DEGRADED)
    assert incident.confirmed_ms - incident.started_ms == 180_000
    assert incident.closed_ms is not None


def steady(from_s: int, to_s: int, outcome: Outcome = Outcome.OK) -> list[Call]:
    return [probe(at_s, outcome, gap_s=60.0) for at_s in range(from_s, to_s, 60)]


def test_outages_that_add_up_burn_the_budget(database: Database) -> None:
    watch = Watch()
    record(database, steady(0, 3600))
    for start_s in (3660, 6000):
        record(database, outage(start_s))
        record(database, steady(start_s + 60, start_s + 200, Outcome.OVERLOADED))
        record(database, recovery(start_s + 220))
        record(database, steady(start_s + 280, start_s + 2300))
        look(database, watch, start_s + 240)
    look(database, watch, 8300)

    [incident] = opened(database, RuleName.FAST_BURN)
    assert incident.severity == "critical"
    assert incident.facts["outages"] == 2
