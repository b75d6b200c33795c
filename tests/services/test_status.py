from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.calls import Call, Timings
from monitor.domain.health import State
from monitor.domain.maintenance import Maintenance
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.pauses import Pause, Scope
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import Window
from monitor.services import maintenance, pauses, status
from monitor.services.status import EndpointStatus
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record, request

UTC = ZoneInfo("UTC")
HOUR_MS = 3_600_000
INTERVAL_S = 300


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def priced(at_s: float, input_tokens: int) -> Call:
    usage = Usage(input=input_tokens)
    timings = Timings(ttft_s=0.5, total_s=1.0)
    return probe(at_s, usage=usage, usage_state=UsageState.MEASURED, timings=timings)


def read(database: Database, now_ms: int, zone: ZoneInfo = UTC) -> dict[str, EndpointStatus]:
    with database.reading() as session:
        return {each.id: each for each in status.statuses(session, now_ms, zone)}


def test_a_watched_endpoint_is_up_fast_and_paid_for(database: Database) -> None:
    record(database, [priced(n * INTERVAL_S, 400) for n in range(1, 13)])

    found = read(database, MONDAY_MS + HOUR_MS + 2_000)[ENDPOINT.id]

    assert (found.state, found.availability_24h, found.n_24h) == (State.UP, 100.0, 12)
    assert found.ttft_p95_s == pytest.approx(0.5, rel=0.11)
    assert found.probe_spend_today_nano_usd == 12 * 1_000_000


def test_coverage_is_the_watched_part_of_the_time_since_creation(database: Database) -> None:
    record(database, [priced(1800, 1), priced(1800 + INTERVAL_S, 1)])

    found = read(database, MONDAY_MS + HOUR_MS)[ENDPOINT.id]

    # Nothing vouches for the half hour before the first call: 301 s of 2101 s.
    assert found.availability_24h == 100.0
    assert found.coverage_24h == 14.326


def test_an_endpoint_without_a_call_is_not_known(database: Database) -> None:
    found = read(database, MONDAY_MS + HOUR_MS)[OTHER.id]

    assert (found.state, found.since_ms) == (State.UNKNOWN, MONDAY_MS)
    assert (found.availability_24h, found.coverage_24h, found.ttft_p95_s) == (None, None, None)


def test_team_spend_is_not_known_before_the_first_team(database: Database) -> None:
    record(database, [priced(0, 400)])
    before = read(database, MONDAY_MS + HOUR_MS)[ENDPOINT.id].spend_today_nano_usd
    usage: dict[str, Any] = {"usage": Usage(output=1), "usage_state": UsageState.MEASURED}
    record(database, [request(1, **usage)])

    after = read(database, MONDAY_MS + HOUR_MS)

    assert (before, after[ENDPOINT.id].spend_today_nano_usd) == (None, 10_000)
    assert after[OTHER.id].spend_today_nano_usd == 0


def test_spend_of_unpriced_calls_is_not_known(database: Database) -> None:
    usage: dict[str, Any] = {"usage": Usage(output=1), "usage_state": UsageState.MEASURED}
    record(database, [probe(0, endpoint=OTHER.id, **usage)])

    assert read(database, MONDAY_MS + HOUR_MS)[OTHER.id].probe_spend_today_nano_usd is None


def test_today_is_the_calendar_day_of_the_zone(database: Database) -> None:
    # 17:00 UTC on Monday is 22:45 in Kathmandu, 19:00 is Tuesday there.
    record(database, [priced(17 * 3600, 400), priced(19 * 3600, 800)])
    now_ms = MONDAY_MS + 20 * HOUR_MS

    in_utc, there = (read(database, now_ms, zone) for zone in (UTC, ZoneInfo("Asia/Kathmandu")))

    assert in_utc[ENDPOINT.id].probe_spend_today_nano_usd == 3_000_000
    assert there[ENDPOINT.id].probe_spend_today_nano_usd == 2_000_000


def test_an_open_incident_is_told_with_its_endpoint(database: Database) -> None:
    failing = [probe(at_s, Outcome.OVERLOADED) for at_s in (300, 303, 325)]
    record(database, [priced(0, 1), *failing[:2]])
    checking = read(database, MONDAY_MS + 310_000)[ENDPOINT.id]
    record(database, failing[2:])

    with database.reading() as session:
        (incident,) = status.open_incidents(session)
    found = read(database, MONDAY_MS + 330_000)[ENDPOINT.id]

    assert (checking.state, checking.is_checking) == (State.UP, True)
    assert (found.state, found.is_checking) == (State.DOWN, False)
    assert (incident.endpoint, incident.outcome, incident.started_ms) == (
        ENDPOINT.id,
        "overloaded",
        MONDAY_MS + 300_000,
    )


def test_a_paused_endpoint_says_by_whom_and_its_neighbour_does_not(database: Database) -> None:
    made = Pause(Scope(ENDPOINT.id), MONDAY_MS, None, "alice", "too dear")
    with database.writing() as session:
        pauses.pause(session, made)
    found = read(database, MONDAY_MS + HOUR_MS)

    assert (found[ENDPOINT.id].paused, found[OTHER.id].paused) == (made, None)


def test_maintenance_of_now_and_of_the_next_day_is_told_in_order(database: Database) -> None:
    hours = {"over": (0, 1), "tomorrow": (30, 31), "soon": (20, 21), "now": (1, 3)}
    windows = [
        Maintenance(
            name, Window(MONDAY_MS + a * HOUR_MS, MONDAY_MS + b * HOUR_MS), ENDPOINT.id, reason=name
        )
        for name, (a, b) in hours.items()
    ]
    with database.writing() as session:
        maintenance.declare(session, "settings", windows, MONDAY_MS)
        told = status.upkeep(session, MONDAY_MS + 2 * HOUR_MS)

    assert [(each.reason, each.endpoint) for each in told] == [
        ("now", ENDPOINT.id),
        ("soon", ENDPOINT.id),
    ]


def test_our_own_network_is_an_open_incident_of_no_endpoint(database: Database) -> None:
    record(database, [probe(0, LocalFailure.NETWORK_LOCAL)])

    with database.reading() as session:
        [incident] = status.open_incidents(session)
    assert (incident.endpoint, incident.kind) == (None, "monitor")
