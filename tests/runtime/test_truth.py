"""Where monitors are wrong today, held end to end: through the writer, on a real file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from monitor.domain.calls import Call, Kind, Origin, Timings
from monitor.domain.health import Policy, State
from monitor.domain.maintenance import Maintenance
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.windows import HOUR_MS, Window, instant_ms
from monitor.services.maintenance import declare
from monitor.storage import sqlite
from tests.making import ENDPOINT, MONDAY_MS, OTHER, TARGET, probe, request
from tests.runtime.test_ledger import Blocked
from tests.runtime.truth import DAY_S, HOUR_S, INTERVAL_S, Installation, probes
from tests.services.test_replay import MADE, dump

DOWN, UP, UNKNOWN, DEGRADED = State.DOWN, State.UP, State.UNKNOWN, State.DEGRADED
KEPT = (*MADE, "slice", "health", "account", "pace", "meter", "incident", "outbox", "call_detail")
#: All of a call but its own key, which the spool gives it.
CALLS = """(SELECT id, endpoint_id, origin, kind, outcome, started_ms, ended_ms, recorded_ms,
    is_live, gap_ms, ttft_us, usage_state, cost_state FROM call)"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation.open(tmp_path / "home")
    yield installation
    installation.close()


def test_a_host_asleep_for_22_hours_has_2_hours_of_coverage_and_a_grey_day(
    home: Installation,
) -> None:
    home.hear([*probes(0, HOUR_S), *probes(23 * HOUR_S, 24 * HOUR_S)])
    judged = home.judge(0, DAY_S)

    assert home.state(12 * HOUR_S) is UNKNOWN
    assert judged.percent_milli == 100_000
    assert 1.8 * HOUR_MS < judged.covered_ms < 2 * HOUR_MS
    assert judged.coverage_milli is not None
    assert judged.coverage_milli < 50_000  # under a half: drawn grey


def test_a_window_of_nothing_but_maintenance_is_not_available_and_not_down(
    home: Installation,
) -> None:
    with home.database.writing() as session:
        always = Window(MONDAY_MS, MONDAY_MS + 24 * HOUR_MS)
        declare(session, "settings", [Maintenance("move", always)], MONDAY_MS)
    home.hear([*probes(0, HOUR_S), *probes(HOUR_S, 2 * HOUR_S, Outcome.OVERLOADED)])
    judged = home.judge(0, DAY_S)

    assert (judged.percent_milli, judged.coverage_milli) == (None, 100_000)
    assert home.is_sound()


def test_mixed_intervals_do_not_bend_availability(home: Installation) -> None:
    first = probe(0, lasts_s=59, gap_s=60)
    up = [first, *(probe(at, gap_s=60) for at in range(119, 3_600, 60))]
    down = [probe(at, Outcome.OVERLOADED, gap_s=20) for at in range(3_600, 4_200, 20)]
    last = replace(down[-1], ended_ms=MONDAY_MS + 4_200_000)
    home.hear([*up, *down[:-1], last])

    assert home.judge(0, DAY_S).percent_milli == 85_714


def test_a_database_that_was_gone_for_an_hour_is_as_if_it_had_never_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sqlite._WRITER_PRAGMAS, "busy_timeout", 20)  # or it takes minutes
    before, after = probes(0, HOUR_S), probes(2 * HOUR_S, 3 * HOUR_S)
    meanwhile = [
        *probes(HOUR_S, HOUR_S + 600),
        *(probe(HOUR_S + at, Outcome.SERVER_ERROR) for at in (900, 903, 926)),
        *probes(HOUR_S + 1_200, 2 * HOUR_S),
    ]
    found = []
    for name in ("disturbed", "undisturbed"):
        home = Installation.open(tmp_path / name)
        home.hear(before)
        if name == "disturbed":
            with Blocked(home.database):
                home.hear(meanwhile)
                assert home.ledger.status().spooled == len(meanwhile)
        else:
            home.hear(meanwhile)
        home.hear(after)
        found.append(dump(home.database, [*KEPT, CALLS]))
        home.close()

    assert found[0] == found[1]
    assert len(found[0]["incident"]) == 1


def test_two_incidents_of_one_rule_on_one_day_are_two(home: Installation) -> None:
    for at_s in (0, HOUR_S):
        home.hear(probes(at_s, at_s + 900))
        home.hear(probes(at_s + 900, at_s + 1_800, Outcome.SERVER_ERROR))
        home.hear(probes(at_s + 1_800, at_s + HOUR_S))

    found = home.incidents()
    assert [(i.started_ms - MONDAY_MS) // 1_000 for i in found] == [900, HOUR_S + 900]
    assert home.told() == [("availability", t) for t in ("opened", "closed")] * 2


@pytest.mark.parametrize("pattern", ["FF|F", "F.F.|FF", "F|.F.F.F"], ids=str)
def test_a_restart_in_mid_count_counts_on(tmp_path: Path, pattern: str) -> None:
    outcomes = {"F": Outcome.SERVER_ERROR, ".": Outcome.OK}
    home = Installation.open(tmp_path / "home")
    home.hear(probes(0, 600))
    at_s = 600
    for each in pattern:
        if each == "|":
            assert home.incidents() == []
            home.restart()
            continue
        home.hear([probe(at_s, outcomes[each])])
        at_s += INTERVAL_S

    [incident] = home.incidents()
    home.close()
    assert incident.started_ms == MONDAY_MS + 600_000


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 3, 30), 24)]
)
def test_a_day_has_the_hours_that_its_zone_gives_it(
    tmp_path: Path, day: tuple[int, int, int], hours: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    midnight_ms = instant_ms(datetime(*day, tzinfo=zone))
    begun_s = (midnight_ms - MONDAY_MS) / 1_000
    home = Installation.open(tmp_path / "home", zone=zone.key, now_ms=midnight_ms)
    # Down from 02:00 to 03:00 on the clock that counts on, whatever the one on the wall does.
    down = (begun_s + 2 * HOUR_S, begun_s + 3 * HOUR_S)
    home.hear(probes(begun_s, down[0], every_s=900))
    home.hear(probes(*down, Outcome.SERVER_ERROR, every_s=900))
    home.hear(probes(down[1], begun_s + (hours + 1) * HOUR_S, every_s=900))
    judged = home.day(midnight_ms, zone)

    assert judged.window_ms == hours * HOUR_MS == judged.covered_ms
    assert abs(judged.down_ms - HOUR_MS) < 20_000
    assert home.is_sound()
    home.close()


def test_a_clock_that_stepped_back_an_hour_holds_states_until_it_has_caught_up(
    home: Installation,
) -> None:
    home.hear(probes(0, 12 * HOUR_S, every_s=900))
    stood = dump(home.database, ["slice", "health", "incident"])
    home.restart()
    home.hear([probe(11 * HOUR_S + at, Outcome.SERVER_ERROR) for at in (60, 63, 75)])

    assert dump(home.database, ["slice", "health", "incident"]) == stood
    assert home.state(11 * HOUR_S + 80) is UNKNOWN
    with home.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM call WHERE outcome = 21")) == 3

    home.hear(probes(12 * HOUR_S, 13 * HOUR_S, every_s=900))
    assert home.state(13 * HOUR_S - 800) is UP
    assert home.is_sound()


def test_while_the_monitor_is_offline_nobody_is_charged_and_one_notice_is_given(
    tmp_path: Path,
) -> None:
    near = replace(ENDPOINT, id="near/one", target=replace(TARGET, id="near@default"))
    home = Installation.open(tmp_path / "home", (ENDPOINT, OTHER, near))

    def round_of(at_s: float, remote: Result) -> list[Call]:
        outcomes = {ENDPOINT.id: remote, OTHER.id: remote, near.id: Outcome.OK}
        return [
            probe(at_s + i, outcome, endpoint=name, lasts_s=0.5)
            for i, (name, outcome) in enumerate(outcomes.items())
        ]

    for at_s in range(0, 3 * HOUR_S, INTERVAL_S):
        is_away = HOUR_S <= at_s < 2 * HOUR_S
        home.hear(round_of(at_s, LocalFailure.NETWORK_LOCAL if is_away else Outcome.OK))
        if at_s == HOUR_S + INTERVAL_S:
            assert home.state(at_s) is UNKNOWN

    assert home.told() == [("monitor", "opened"), ("monitor", "closed")]
    [notice] = home.incidents()
    assert (notice.endpoint_id, notice.outcome) == (None, LocalFailure.NETWORK_LOCAL)
    assert notice.started_ms == MONDAY_MS + HOUR_S * 1_000
    assert notice.ended_ms == MONDAY_MS + 2 * HOUR_S * 1_000 + 500
    judged = home.judge(0, 3 * HOUR_S)
    assert (judged.percent_milli, judged.down_ms) == (100_000, 0)
    assert abs(judged.window_ms - judged.covered_ms - HOUR_MS) < 2 * INTERVAL_S * 1_000
    home.close()


def test_a_key_rejected_for_a_day_cannot_be_judged_and_is_of_no_use_to_us(
    home: Installation,
) -> None:
    home.hear(probes(0, DAY_S, Outcome.AUTH, every_s=900))

    assert home.judge(0, DAY_S).percent_milli is None
    assert home.state(DAY_S) is UNKNOWN
    assert home.judge(0, DAY_S, Policy.USABLE).percent_milli == 0
    assert home.told() == [("account", "opened")]


def test_strictly_counted_a_rejected_key_is_the_providers_downtime(tmp_path: Path) -> None:
    home = Installation.open(tmp_path / "home")
    with home.database.writing() as session:
        session.execute(text("INSERT INTO fact VALUES ('openrouter_strict', 'true')"))
    home.restart()
    home.hear(probes(0, HOUR_S, Outcome.AUTH))

    assert home.judge(0, HOUR_S).percent_milli == 0
    assert sorted(home.told()) == [("account", "opened"), ("availability", "opened")]
    home.close()


def test_late_imports_count_in_their_day_and_move_no_state(home: Installation) -> None:
    home.hear(probes(0, 6 * HOUR_S, every_s=900))
    states = ["slice", "health", "account", "pace", "incident", "outbox"]
    stood, used = dump(home.database, states), dump(home.database, ["usage_15m"])
    late = [
        request(2 * HOUR_S + i, outcome, origin=Origin.IMPORT)
        for i, outcome in enumerate([Outcome.SERVER_ERROR, Outcome.OK] * 30)
    ]
    home.ledger.submit(late, is_bulk=True).result(60)

    assert dump(home.database, states) == stood
    assert dump(home.database, ["usage_15m"]) != used


def pace(ttft_s: float, from_s: float, count: int) -> list[Call]:
    timings = Timings(ttft_s=ttft_s, total_s=ttft_s)
    return [probe(from_s + i * 150, timings=timings, gap_s=150, lasts_s=4) for i in range(count)]


@pytest.mark.parametrize(
    ("ttft_s", "state"), [(3.0, UP), (3.000_001, DEGRADED)], ids=["equal", "above"]
)
def test_a_latency_that_equals_its_limit_is_within_it(
    home: Installation, ttft_s: float, state: State
) -> None:
    # Usually a second at that hour, so the limit is three.
    home.hear(pace(1.0, 10 * HOUR_S, 6))
    home.hear(pace(ttft_s, DAY_S + 10 * HOUR_S, 20))

    assert home.state(DAY_S + 10 * HOUR_S + 20 * 150) is state
    assert home.judge(0, 2 * DAY_S).percent_milli == 100_000


def test_performance_probes_say_nothing_of_speed(home: Installation) -> None:
    home.hear(pace(1.0, 10 * HOUR_S, 6))
    slow = pace(9.0, DAY_S + 10 * HOUR_S, 20)
    home.hear(replace(call, kind=Kind.PERFORMANCE) for call in slow)
    home.hear(pace(1.0, DAY_S + 10 * HOUR_S + 20 * 150, 1))

    assert home.state(DAY_S + 10 * HOUR_S + 20 * 150 + 10) is UP


def test_a_paused_endpoint_is_unknown_after_its_gap_and_has_no_incident(
    home: Installation,
) -> None:
    home.hear(probes(0, HOUR_S))
    assert home.state(HOUR_S + 2 * INTERVAL_S - 300) is UP
    assert home.state(3 * HOUR_S) is UNKNOWN
    home.hear(probes(6 * HOUR_S, 7 * HOUR_S))

    judged = home.judge(0, 7 * HOUR_S)
    assert (judged.percent_milli, home.incidents()) == (100_000, [])
    assert abs(judged.covered_ms - 2 * HOUR_MS) < 2 * INTERVAL_S * 1_000


def traffic(at_s: float, good: int, failed: int) -> list[Call]:
    outcomes = [Outcome.OK] * good + [Outcome.OVERLOADED] * failed
    return [request(at_s + i, o, lasts_s=0.5) for i, o in enumerate(outcomes)]


def test_where_nothing_is_probed_two_minutes_of_failing_traffic_are_an_incident(
    tmp_path: Path,
) -> None:
    home = Installation.open(tmp_path / "home", (replace(ENDPOINT, is_probed=False), OTHER))
    minutes = [(20, 0), (14, 6), (14, 6), (20, 0), (20, 0), (1, 0)]
    for number, (good, failed) in enumerate(minutes):
        home.hear(traffic(60 * number, good, failed))
        if number == 3:
            assert home.state(60 * number + 20) is DOWN

    [incident] = home.incidents()
    assert incident.started_ms == MONDAY_MS + 60_000 + 14_000
    assert incident.confirmed_ms == MONDAY_MS + 120_000 + 19_500
    assert incident.outcome is Outcome.OVERLOADED
    assert (incident.ended_ms, home.state(310)) == (MONDAY_MS + 180_000 + 19_500, UP)
    assert home.is_sound()
    home.close()


def test_a_failing_list_of_models_says_nothing_where_nothing_is_probed(tmp_path: Path) -> None:
    home = Installation.open(tmp_path / "home", (replace(ENDPOINT, is_probed=False),))
    home.hear(traffic(0, 20, 0))
    home.hear(
        probe(at_s, Outcome.SERVER_ERROR, kind=Kind.REACH, endpoint=TARGET.id)
        for at_s in (30, 60, 90, 120)
    )

    assert (home.incidents(), home.state(130)) == ([], UP)
    home.close()


def test_where_there_are_probes_the_same_traffic_decides_nothing(home: Installation) -> None:
    home.hear(probes(0, INTERVAL_S))
    for number in range(5):
        home.hear(traffic(60 * number + 60, 0, 20))

    assert (home.incidents(), home.state(200)) == ([], UP)


def test_settled_slices_are_never_rewritten(home: Installation) -> None:
    seen: list[str] = []
    pattern = "...FFF..F.F.FF....N..FF"
    outcomes: dict[str, Result] = {
        ".": Outcome.OK,
        "F": Outcome.SERVER_ERROR,
        "N": LocalFailure.NETWORK_LOCAL,
    }
    for place, each in enumerate(pattern):
        home.hear([probe(place * INTERVAL_S, outcomes[each])])
        now = dump(home.database, ["slice"])["slice"]
        assert set(seen) <= set(now)
        seen = now

    assert len(seen) > 8
