from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from monitor.domain.health import Policy, State
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window, day_window
from monitor.storage.engine import Database
from monitor.storage.models.health import HealthRow
from monitor.storage.queries import health
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import ALPHA, BETA, Book, make_health

UTC, KATHMANDU = ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")
DAY = date(2025, 5, 5).toordinal()
START_MS = day_window(DAY, UTC).from_ms
CREATED_MS = START_MS + 8 * HOUR_MS
DOWN_MS, UP_MS, SETTLED_MS = (CREATED_MS + n * HOUR_MS for n in (10, 12, 36))


@pytest.fixture
def session(empty: Database) -> Iterator[Session]:
    """Alpha: created at 8:00, up, down from 18:00 to 20:00, up, settled to 20:00 the day after."""
    slices = [
        (ALPHA, CREATED_MS, DOWN_MS, State.UP),
        (ALPHA, DOWN_MS, UP_MS, State.DOWN),
        (ALPHA, UP_MS, SETTLED_MS, State.UP),
    ]
    with empty.writing() as session:
        write_book(session, Book(UTC, CREATED_MS, SETTLED_MS, calls=[], slices=slices))
        yield session


def test_availability_is_of_the_time_between_creation_and_settling(session: Session) -> None:
    found = health.availability(session, Window(START_MS, START_MS + 9 * DAY_MS), UTC)

    assert list(found) == [ALPHA]
    assert (found[ALPHA].window_ms, found[ALPHA].percent_milli) == (36 * HOUR_MS, 94_444)


def test_a_window_off_the_bucket_edges_is_measured_to_the_millisecond(session: Session) -> None:
    found = health.availability(session, Window(DOWN_MS - 7, DOWN_MS + BUCKET_MS + 5), UTC)

    assert (found[ALPHA].covered_ms, found[ALPHA].down_ms) == (BUCKET_MS + 12, BUCKET_MS + 5)


def test_before_creation_nothing_can_be_judged(session: Session) -> None:
    found = health.availability(session, Window(START_MS, CREATED_MS), UTC)

    assert (found[ALPHA].percent_milli, found[ALPHA].coverage_milli) == (None, None)


def test_only_the_endpoints_asked_for_are_judged(session: Session) -> None:
    window = Window(START_MS, START_MS + DAY_MS)

    assert health.availability(session, window, UTC, endpoint_ids=[BETA]) == {}


def test_the_other_policy_has_a_track_of_its_own(session: Session) -> None:
    window = Window(START_MS, START_MS + DAY_MS)

    assert health.availability(session, window, UTC, Policy.USABLE) == {}


@pytest.mark.parametrize("zone", [UTC, KATHMANDU])
def test_days_are_those_of_the_zone(session: Session, zone: ZoneInfo) -> None:
    found = health.days(session, DAY - 1, DAY + 3, zone)[ALPHA]

    windows = [day_window(day, zone) for day in range(DAY - 1, DAY + 4)]
    assert [each.availability.window_ms for each in found] == [
        w.clip(CREATED_MS, SETTLED_MS).length_ms for w in windows
    ]
    assert [each.availability.down_ms for each in found] == [
        w.clip(DOWN_MS, UP_MS).length_ms for w in windows
    ]


def test_hours_start_where_the_window_does(session: Session) -> None:
    from_ms = DOWN_MS - HOUR_MS - 2 * BUCKET_MS
    found = health.hours(session, Window(from_ms, from_ms + 4 * HOUR_MS))[ALPHA]

    assert [each.from_ms - from_ms for each in found] == [n * HOUR_MS for n in range(4)]
    assert [each.availability.percent_milli for each in found] == [100_000, 50_000, 0, 50_000]


def test_a_state_is_unknown_since_the_last_tick_once_it_is_overdue(session: Session) -> None:
    standing = health.standings(session, SETTLED_MS + DAY_MS)[ALPHA]

    assert (standing.state, standing.since_ms) == (State.UNKNOWN, SETTLED_MS)


def test_a_state_that_is_vouched_for_is_shown_as_it_is(session: Session) -> None:
    standing = health.standings(session, SETTLED_MS + 1)[ALPHA]

    assert (standing.state, standing.since_ms) == (State.UP, CREATED_MS)


def test_an_endpoint_without_a_tick_is_unknown_since_its_creation(session: Session) -> None:
    row = make_health(BETA, CREATED_MS, CREATED_MS, state=State.UNKNOWN, last_tick_ms=None)
    session.execute(insert(HealthRow).values(row))

    standing = health.standings(session, SETTLED_MS)[BETA]

    assert (standing.state, standing.since_ms) == (State.UNKNOWN, CREATED_MS)


def test_a_failure_under_confirmation_is_told(session: Session) -> None:
    session.execute(update(HealthRow).values(first_failed_ms=SETTLED_MS - 1))

    assert health.standings(session, SETTLED_MS)[ALPHA].first_failed_ms == SETTLED_MS - 1
