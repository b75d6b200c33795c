from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import HOUR_MS, MINUTE_MS, instant_ms
from monitor.settings.times import read_clock, read_moment, read_until_ms

BERLIN = ZoneInfo("Europe/Berlin")
#: Half past nine in the morning in Berlin, in winter.
NOW_MS = instant_ms(datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
MIDNIGHT_MS = NOW_MS - 9 * HOUR_MS - 30 * MINUTE_MS


@pytest.mark.parametrize(
    ("text", "until_ms"),
    [
        ("2h", NOW_MS + 2 * HOUR_MS),
        ("90m", NOW_MS + 90 * MINUTE_MS),
        ("18:30", MIDNIGHT_MS + 18 * HOUR_MS + 30 * MINUTE_MS),
        ("09:30", MIDNIGHT_MS + 33 * HOUR_MS + 30 * MINUTE_MS),
        ("2026-12-01 22:00", MIDNIGHT_MS + 22 * HOUR_MS),
        ("2026-12-01T22:00Z", MIDNIGHT_MS + 23 * HOUR_MS),
    ],
)
def test_a_time_to_come_is_a_span_a_clock_or_a_date(text: str, until_ms: int) -> None:
    assert read_until_ms(text, NOW_MS, BERLIN) == until_ms


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "is no time; write it like 2h"),
        ("25:00", "is no time of day"),
        ("30", "is no time; write it like 2h"),
        ("2026-11-30", "is over already"),
        ("0h", "is over already"),
    ],
)
def test_what_is_no_time_to_come_says_why(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_until_ms(text, NOW_MS, BERLIN)


@pytest.mark.parametrize(
    ("day", "utc_hour", "utc_minute"),
    [(date(2026, 3, 28), 1, 30), (date(2026, 3, 29), 1, 30), (date(2026, 10, 25), 0, 30)],
)
def test_a_clock_that_is_set_leaps_forward_or_means_the_first(
    day: date, utc_hour: int, utc_minute: int
) -> None:
    wanted = datetime(day.year, day.month, day.day, utc_hour, utc_minute, tzinfo=UTC)

    assert at_clock_ms(day, time(2, 30), BERLIN) == instant_ms(wanted)


def test_what_is_no_clock_or_moment_says_how_to_write_one() -> None:
    with pytest.raises(ValueError, match="is no time of day; write it like 02:00"):
        read_clock("two")
    with pytest.raises(ValueError, match="write it like 2026-12-01 22:00"):
        read_moment("tomorrow")
