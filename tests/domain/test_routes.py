"""Routes and quiet hours, also on the days when the clock is set."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import AlertKind, Root, Severity
from monitor.domain.routes import Alerting, Hours, Matter, Route
from monitor.domain.windows import DAY_MS, HOUR_MS, instant_ms, moment

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.integers(1_700_000_000_000, 1_900_000_000_000)


INSIDE = ("22:00", "23:59", "00:00", "06:59")


@pytest.mark.parametrize("at", [*INSIDE, "21:59", "07:00", "12:00"])
def test_hours_go_over_midnight(at: str) -> None:
    night = Hours(time(22), time(7), BERLIN)
    clock = time.fromisoformat(at)
    now = datetime(2026, 6, 1, clock.hour, clock.minute, tzinfo=BERLIN)

    assert night.holds(instant_ms(now.astimezone(UTC))) == (at in INSIDE)


@given(CLOCKS, CLOCKS, ZONES, INSTANTS)
def test_what_waits_for_the_end_of_quiet_hours_goes_out_when_they_are_over(
    start: time, end: time, zone: str, now_ms: int
) -> None:
    hours = Hours(start, end, ZoneInfo(zone))
    due_ms = Alerting(quiet=hours).due_ms(Severity.WARNING, now_ms)

    assert now_ms <= due_ms <= now_ms + DAY_MS + 2 * HOUR_MS
    assert due_ms == now_ms or moment(due_ms, hours.zone).time() >= end or not hours.holds(due_ms)


@given(CLOCKS, CLOCKS, ZONES, INSTANTS)
def test_what_is_critical_waits_for_nothing(start: time, end: time, zone: str, now_ms: int) -> None:
    alerting = Alerting(quiet=Hours(start, end, ZoneInfo(zone)))

    assert alerting.due_ms(Severity.CRITICAL, now_ms) == now_ms


FRIDAY_NIGHT = Hours(time(22), time(7), BERLIN, frozenset({4}))


@pytest.mark.parametrize(
    ("day", "clock", "is_inside"),
    [(5, 23, True), (6, 6, True), (6, 23, False), (5, 6, False), (7, 6, False)],
)
def test_hours_of_weekdays_are_those_that_begin_on_them(
    day: int, clock: int, *, is_inside: bool
) -> None:
    now = datetime(2026, 6, day, clock, tzinfo=BERLIN)

    assert FRIDAY_NIGHT.holds(instant_ms(now.astimezone(UTC))) is is_inside


def test_from_a_time_to_the_same_is_a_whole_day() -> None:
    weekend = Hours(time(0), time(0), BERLIN, frozenset({5, 6}))
    saturday = instant_ms(datetime(2026, 6, 6, 12, tzinfo=BERLIN).astimezone(UTC))

    assert weekend.holds(saturday)
    assert not weekend.holds(saturday - DAY_MS)


ALL = (Route(("all",)),)


@pytest.mark.parametrize(
    ("route", "is_taken"),
    [
        (Route(("x",), endpoints=("openai/gpt-*",)), True),
        (Route(("x",), endpoints=("azure/*", "openai/gpt-4o")), True),
        (Route(("x",), endpoints=("gpt-*",)), False),
        (Route(("x",), models=("openai/*",)), True),
        (Route(("x",), models=("anthropic/*",)), False),
        (Route(("x",), teams=frozenset({"search", "ads"})), True),
        (Route(("x",), teams=frozenset({"ads"})), False),
    ],
)
def test_a_route_takes_what_befalls_those_that_it_names(route: Route, *, is_taken: bool) -> None:
    endpoints, models = frozenset({"openai/gpt-4o"}), frozenset({"openai/gpt-4o-2024-08-06"})
    root = Root(AlertKind.AVAILABILITY, "openai")
    matter = Matter(root, Severity.CRITICAL, endpoints, models, frozenset({"search"}))
    routes = (route, *ALL)

    heard = Alerting(routes=routes).channels_for(matter, 0)
    assert heard == (("x", "all") if is_taken else ("all",))
    stopping = Alerting(routes=(replace(route, is_last=True), *ALL)).channels_for(matter, 0)
    assert stopping == (("x",) if is_taken else ("all",))
