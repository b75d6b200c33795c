"""What rules find: incidents and notices, each once, on every kind of database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import Severity, Telling
from monitor.domain.rule_parameters import Nothing
from monitor.domain.rules import DEFAULTS, AlertRule, Finding, Notice, Reach, RuleName
from monitor.services import alerts, cases, deliveries, firings, rules
from monitor.services.deliveries import Parcel
from monitor.storage import rules as rows
from monitor.storage.engine import Database
from monitor.storage.queries import incidents
from tests.alerting import outage, recovery, to_hooks
from tests.making import ENDPOINT, MONDAY_MS, open_database, record

HOOK, UTC = to_hooks("https://example.com/a"), ZoneInfo("UTC")
RULE = AlertRule(RuleName.NETWORK, Nothing(), Severity.WARNING)
FULL = Finding(
    RuleName.NETWORK,
    "disk",
    is_firing=True,
    since_ms=MONDAY_MS,
    at_ms=MONDAY_MS + 60_000,
    facts={"percent": 99},
)
FREE = FULL._replace(is_firing=False, since_ms=MONDAY_MS + 120_000, at_ms=MONDAY_MS + 180_000)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def report(database: Database, *findings: Finding) -> None:
    for finding in findings:
        with database.writing() as session:
            rules.report(session, RULE, finding)


def told(database: Database, at_s: float) -> list[Parcel]:
    now_ms = MONDAY_MS + round(at_s * 1000)
    with database.writing() as session:
        alerts.plan(session, HOOK, now_ms)
    with database.reading() as session:
        return list(deliveries.due(session, now_ms, ()))


def test_a_finding_opens_an_incident_and_its_end_closes_it(database: Database) -> None:
    report(database, FULL, FREE)

    with database.reading() as session:
        incident = incidents.numbered(session, 1)
    assert incident is not None
    assert (incident.subject, incident.facts, incident.call_id) == ("disk", {"percent": 99}, None)
    assert (incident.started_ms, incident.ended_ms) == (MONDAY_MS, MONDAY_MS + 120_000)


def test_the_same_finding_opens_nothing_twice_even_after_its_end(database: Database) -> None:
    report(database, FULL, FULL, FREE, FULL)

    with database.reading() as session:
        assert incidents.numbered(session, 2) is None
        assert incidents.open_incidents(session) == []


def test_what_a_rule_found_is_told_with_what_it_is_of(database: Database) -> None:
    report(database, FULL)
    [parcel] = told(database, 90)
    with database.reading() as session:
        case = cases.build(session, parcel.standing, MONDAY_MS + 90_000, told_before=False).case

    assert parcel.picked.delivery.telling is Telling.OPENED
    assert (case.subjects, case.outcome, case.severity) == (("disk",), None, Severity.WARNING)


def test_a_notice_is_told_once_for_its_key(database: Database) -> None:
    noticed = Notice(RuleName.NETWORK, "acme/small", "a change", MONDAY_MS, "acme", {"n": 1})
    with database.writing() as session:
        assert rules.notice(session, RULE, noticed)
        assert not rules.notice(session, RULE, noticed)
        assert rules.notice(session, RULE, noticed._replace(key="another"))
        assert not rules.notice(session, replace(RULE, is_on=False), noticed._replace(key="third"))
    parcels = told(database, 1)
    with database.reading() as session:
        [message, _] = [
            firings.compose(session, each.standing.id, "https://w.example", UTC) for each in parcels
        ]

    assert message is not None
    assert message.noticed is not None
    assert (message.noticed.subject, message.noticed.facts) == ("acme/small", {"n": 1})
    assert message.title == "acme/small: network"


def test_a_rule_that_is_off_keeps_the_incident_and_tells_nobody(database: Database) -> None:
    with database.writing() as session:
        rows.install(session, [replace(DEFAULTS[RuleName.DOWN], is_on=False)], MONDAY_MS)
    record(database, outage(100))
    record(database, recovery(200))

    assert told(database, 300) == []
    with database.reading() as session:
        assert incidents.numbered(session, 1) is not None


def test_a_rule_holds_for_those_whom_it_names(database: Database) -> None:
    other = replace(DEFAULTS[RuleName.DOWN], reach=Reach(endpoints=frozenset({"acme/large"})))
    with database.writing() as session:
        rows.install(session, [other], MONDAY_MS)
    record(database, outage(100))
    record(database, outage(100, "acme/large"))
    [parcel] = told(database, 150)
    with database.reading() as session:
        case = cases.build(session, parcel.standing, MONDAY_MS + 150_000, told_before=False).case

    assert case.subjects == ("acme/large",)


def test_a_severity_of_the_settings_is_that_of_the_alert(database: Database) -> None:
    quiet = replace(DEFAULTS[RuleName.DOWN], severity=Severity.WARNING)
    with database.writing() as session:
        rows.install(session, [quiet], MONDAY_MS)
    record(database, outage(100))

    assert [each.standing.alert.severity for each in told(database, 150)] == [Severity.WARNING]


def test_a_rule_is_in_force_since_it_was_last_another(database: Database) -> None:
    rule = DEFAULTS[RuleName.DOWN]
    loud = replace(rule, severity=Severity.WARNING)
    off = replace(rule, is_on=False, reach=Reach(frozenset({"acme"})))
    since = []
    for at_ms, each in enumerate((rule, loud, off, off)):
        with database.writing() as session:
            rows.install(session, [each], at_ms)
            since.append(rows.read(session)[RuleName.DOWN].since_ms)
    with database.reading() as session:
        found = rows.read(session)[RuleName.DOWN]

    assert since == [0, 0, 2, 2]
    assert found == replace(off, since_ms=2)
    assert not found.tells_of("acme", ENDPOINT.id)
