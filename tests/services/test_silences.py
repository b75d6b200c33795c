"""Silences and maintenance: what they hold is told when they are over, once, or left to the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.deliveries import GIVE_UP_MS, DeliveryState, Refused
from monitor.domain.maintenance import Maintenance
from monitor.domain.silences import Scope, Silence
from monitor.domain.windows import Window
from monitor.services import alerts, cases, digests, maintenance, silences
from monitor.services.silences import NotSilenced, UnknownScope
from monitor.storage import silences as rows
from monitor.storage.engine import Database
from tests.alerting import outage, recovery, to_hooks
from tests.making import ENDPOINT, MONDAY_MS, OTHER, TARGET, open_database, record
from tests.services.test_deliveries import due, note, plan, send_all, states

BOTH = to_hooks("https://example.com/a", "https://example.com/b")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def at_ms(at_s: float) -> int:
    return MONDAY_MS + round(at_s * 1000)


def silence(
    database: Database, scope: Scope, from_s: float, until_s: float | None = None
) -> list[int]:
    until_ms = None if until_s is None else at_ms(until_s)
    with database.writing() as session:
        return silences.silence(session, Silence(scope, at_ms(from_s), until_ms, "alice", "busy"))


def unsilence(database: Database, number: int, at_s: float) -> None:
    with database.writing() as session:
        silences.unsilence(session, number, "bob", at_ms(at_s))


def declare(database: Database, from_s: float, to_s: float, **scope: Any) -> None:
    window = Window(at_ms(from_s), at_ms(to_s))
    with database.writing() as session:
        maintenance.declare(session, "test", [Maintenance("one", window, **scope)], at_ms(from_s))


def befall(database: Database, from_s: float, to_s: float, endpoint: str = ENDPOINT.id) -> None:
    """An outage that is over, planned as it comes."""
    record(database, outage(from_s, endpoint))
    plan(database, from_s + 42)
    record(database, recovery(to_s, endpoint))
    plan(database, to_s + 12)


def holding(database: Database) -> int:
    with database.reading() as session:
        return len(rows.holding(session))


SCOPES = [
    Scope(),
    Scope(endpoint=ENDPOINT.id),
    Scope(provider=TARGET.provider),
    Scope(kind=AlertKind.AVAILABILITY),
]


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_what_began_in_a_silence_and_lasts_is_told_at_its_end(
    database: Database, scope: Scope
) -> None:
    silence(database, scope, 0, 1000)
    record(database, outage(100))
    plan(database, 142)
    meanwhile = send_all(database, 999)
    plan(database, 1000)

    assert meanwhile == []
    assert send_all(database, 1000) == [("hook", Telling.OPENED)]


def test_a_silence_of_another_endpoint_holds_nothing(database: Database) -> None:
    silence(database, Scope(endpoint=OTHER.id), 0, 1000)
    record(database, outage(100))
    plan(database, 142)

    assert send_all(database, 150) == [("hook", Telling.OPENED)]


def test_what_fails_beside_what_is_silenced_is_told_alone(database: Database) -> None:
    silence(database, Scope(endpoint=ENDPOINT.id), 0, 1000)
    record(database, outage(100))
    plan(database, 142)
    record(database, outage(150, OTHER.id))
    plan(database, 192)
    [parcel] = due(database, 195)
    with database.reading() as session:
        told = cases.build(session, parcel.standing, at_ms(195), told_before=False)

    assert told.case.subjects == (OTHER.id,)


def test_what_came_and_went_in_a_silence_is_one_summary_at_its_end(database: Database) -> None:
    silence(database, Scope(), 0, 3000)
    befall(database, 100, 200)
    befall(database, 1000, 1200, OTHER.id)
    plan(database, 3000)
    [parcel] = due(database, 3000)
    note(database, parcel, 3000)
    with database.reading() as session:
        digest = digests.find(session, parcel.standing.id)
    plan(database, 3001)

    assert parcel.picked.delivery.telling is Telling.SUMMARY
    assert digest is not None
    assert [each.subject for each in digest.entries] == [ENDPOINT.id, OTHER.id]
    assert states(database) == [("opened", "summed"), ("closed", "summed")]
    assert send_all(database, 10_000) == []


def test_a_lone_one_is_told_as_ever(database: Database) -> None:
    silence(database, Scope(), 0, 1000)
    befall(database, 100, 200)
    plan(database, 1000)

    assert send_all(database, 1000) == [("hook", Telling.CLOSED)]


def test_the_end_of_what_was_told_before_is_told_after_the_silence(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142)
    send_all(database, 145)
    silence(database, Scope(alert=1), 150, 1000)
    record(database, recovery(200))
    plan(database, 212)
    meanwhile = send_all(database, 999)
    plan(database, 1000)

    assert meanwhile == []
    assert send_all(database, 1000) == [("hook", Telling.CLOSED)]


def test_a_message_that_waits_already_is_held_too(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142)
    [parcel] = due(database, 150)
    note(database, parcel, 150, Refused("busy"))
    silence(database, Scope(), 151, 1000)
    plan(database, 152)
    meanwhile = send_all(database, 999)
    plan(database, 1000)

    assert meanwhile == []
    assert send_all(database, 1000) == [("hook", Telling.OPENED)]


def test_until_the_recovery_nothing_more_is_told_not_even_the_end(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142)
    send_all(database, 145)
    silence(database, Scope(provider=TARGET.provider), 150)
    record(database, recovery(200))
    plan(database, 212)

    assert send_all(database, 10_000) == []
    assert states(database) == [("opened", "delivered"), ("closed", "untold")]
    assert holding(database) == 0


def test_until_the_recovery_holds_only_what_fails_now(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142)
    send_all(database, 145)
    silence(database, Scope(), 150)
    record(database, outage(200, OTHER.id))
    plan(database, 242)

    assert send_all(database, 250) == [("hook", Telling.OPENED)]


def test_without_an_open_alert_nothing_can_be_silenced_until_it_is_over(
    database: Database,
) -> None:
    with pytest.raises(UnknownScope, match=r"no open alert is of everything alone; .* open: none"):
        silence(database, Scope(), 0)


def test_a_silence_that_is_ended_tells_what_lasts_at_once(database: Database) -> None:
    [number] = silence(database, Scope(), 0, 10_000)
    record(database, outage(100))
    plan(database, 142)
    unsilence(database, number, 500)
    plan(database, 501)

    assert send_all(database, 502) == [("hook", Telling.OPENED)]


def test_ending_a_silence_twice_changes_nothing(database: Database) -> None:
    [number] = silence(database, Scope(), 0, 10_000)
    unsilence(database, number, 500)
    unsilence(database, number, 900)
    with database.reading() as session:
        found = rows.find(session, number)

    assert found is not None
    assert found.ended_ms == at_ms(500)
    with pytest.raises(NotSilenced):
        unsilence(database, 77, 900)


def test_a_silence_of_the_same_takes_the_place_of_the_one_before(database: Database) -> None:
    silence(database, Scope(), 0, 100)
    silence(database, Scope(), 50, 1000)
    silence(database, Scope(), 50, 1000)

    assert holding(database) == 1


def test_what_maintenance_hides_is_told_once_when_it_is_over_and_lasts(database: Database) -> None:
    declare(database, 0, 1000, provider=TARGET.provider)
    record(database, outage(100))
    plan(database, 142)
    meanwhile = send_all(database, 999)
    plan(database, 1000)
    [parcel] = due(database, 1000)

    assert (meanwhile, parcel.picked.delivery.hold) == ([], "maintenance")
    assert send_all(database, 1000) == [("hook", Telling.OPENED)]


def test_what_came_and_went_in_maintenance_is_left_to_the_log(database: Database) -> None:
    declare(database, 0, 1000, endpoint=ENDPOINT.id)
    befall(database, 100, 200)
    plan(database, 1000)

    assert send_all(database, 10_000) == []
    assert states(database) == [("opened", "untold"), ("closed", "untold")]


def test_what_is_planned_too_late_is_judged_by_when_it_was(database: Database) -> None:
    declare(database, 0, 1000)
    record(database, outage(100))
    record(database, recovery(200))
    plan(database, 5000)
    plan(database, 5001)

    assert send_all(database, 5002) == []


def test_what_was_told_before_maintenance_is_over_after_it(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142)
    send_all(database, 145)
    declare(database, 150, 1000)
    record(database, recovery(200))
    plan(database, 212)
    meanwhile = send_all(database, 999)
    plan(database, 1000)

    assert meanwhile == []
    assert send_all(database, 1000) == [("hook", Telling.CLOSED)]


def test_a_day_of_silence_makes_no_dead_letter(database: Database) -> None:
    record(database, outage(100))
    silence(database, Scope(), 0, GIVE_UP_MS / 1000 + 500)
    plan(database, 142)
    later_s = GIVE_UP_MS / 1000 + 600
    plan(database, later_s)
    [parcel] = due(database, later_s)
    note(database, parcel, later_s, Refused("busy"))

    assert states(database) == [("opened", DeliveryState.WAITING)]


def test_each_channel_hears_of_what_was_held_for_it(database: Database) -> None:
    silence(database, Scope(), 0, 3000)
    for from_s, endpoint in ((100, ENDPOINT.id), (1000, OTHER.id)):
        record(database, outage(from_s, endpoint))
        plan(database, from_s + 42, BOTH)
        record(database, recovery(from_s + 100, endpoint))
        plan(database, from_s + 112, BOTH)
    plan(database, 3000, BOTH)

    assert sorted(send_all(database, 3000)) == [
        ("hook", Telling.SUMMARY),
        ("hook1", Telling.SUMMARY),
    ]


def test_a_quiet_round_has_nothing_to_plan_while_something_is_held(database: Database) -> None:
    silence(database, Scope(), 0, 1000)
    record(database, outage(100))
    plan(database, 142)

    with database.reading() as session:
        assert not alerts.is_due(session, BOTH, at_ms(500))
        assert alerts.is_due(session, BOTH, at_ms(1000))
