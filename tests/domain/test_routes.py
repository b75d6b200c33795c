"""Routes and quiet hours, also on the days when the clock is set."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import Severity
from monitor.domain.routes import Alerting, Hours
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
