from zoneinfo import ZoneInfo

import pytest

from dashboard import format as fmt
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS
from tests.dashboard.book import HOME

NOON_MS = 1_795_345_200_000  # 22 Nov 2026 11:00 UTC, noon in Berlin


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("nano_usd", "shown"),
    [
        (None, "–"),
        (0, "$0"),
        (1, "$0.0000000010"),
        (72_000, "$0.000072"),
        (4_200_000, "$0.0042"),
        (9_949_999, "$0.0099"),
        (10_000_000, "$0.01"),
        (12_345_678_900, "$12.35"),
        (1_234_567_000_000_000, "$1,234,567"),
    ],
)
def test_money_is_zero_only_where_nothing_was_spent(nano_usd: int | None, shown: str) -> None:
    assert fmt.money(nano_usd) == shown


@pytest.mark.parametrize(
    ("pico_usd", "shown"),
    [(None, "–"), (0, "$0"), (2_500_000, "$2.50"), (75_000, "$0.075"), (15_000_000, "$15.00")],
)
def test_a_rate_is_shown_per_million_units(pico_usd: int | None, shown: str) -> None:
    assert fmt.rate(pico_usd) == shown


@pytest.mark.parametrize(
    ("milli", "shown"),
    [
        (None, "–"),
        (0, "0.00 %"),
        (85_719, "85.71 %"),
        (98_999, "98.99 %"),
        (99_999, "99.999 %"),
        (100_000, "100 %"),
    ],
)
def test_a_percentage_is_rounded_down_so_that_100_means_all(milli: int | None, shown: str) -> None:
    assert plain(fmt.percent(milli)) == shown


@pytest.mark.parametrize(
    ("milli", "shown"),
    [(None, "–"), (0, "0 %"), (999, "<1 %"), (99_999, "99 %"), (100_000, "100 %")],
)
def test_a_trace_of_coverage_is_not_shown_as_none(milli: int | None, shown: str) -> None:
    assert plain(fmt.share(milli)) == shown


@pytest.mark.parametrize(
    ("value_s", "shown"),
    [
        (None, "–"),
        (0.0004, "0 ms"),
        (0.4119, "412 ms"),
        (0.9996, "1.00 s"),
        (1.234, "1.23 s"),
        (12.34, "12.3 s"),
        (65.0, "1 min 5 s"),
    ],
)
def test_seconds_have_three_figures(value_s: float | None, shown: str) -> None:
    assert plain(fmt.seconds(value_s)) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (9_876, "9,876"),
        (12_345, "12.3K"),
        (456_789, "457K"),
        (4_560_000, "4.56M"),
        (1_234_000_000, "1.23B"),
    ],
)
def test_tokens_are_shortened_above_ten_thousand(number: int | None, shown: str) -> None:
    assert fmt.tokens(number) == shown


@pytest.mark.parametrize(
    ("span_ms", "shown"),
    [
        (None, "–"),
        (-5, "0 s"),
        (42_000, "42 s"),
        (7 * MINUTE_MS + 3_000, "7 min 3 s"),
        (12 * MINUTE_MS + 3_000, "12 min"),
        (3 * HOUR_MS + 12 * MINUTE_MS, "3 h 12 min"),
        (2 * DAY_MS + 4 * HOUR_MS + MINUTE_MS, "2 d 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(span_ms: int | None, shown: str) -> None:
    assert plain(fmt.lasting(span_ms)) == shown


@pytest.mark.parametrize(
    ("ago_ms", "shown"),
    [
        (HOUR_MS, "11:00"),
        (DAY_MS, "21 Nov 12:00"),
        (400 * DAY_MS, "18 Oct 2025 13:00"),
    ],
)
def test_a_time_is_told_with_as_much_date_as_it_needs(ago_ms: int, shown: str) -> None:
    assert fmt.clock(NOON_MS - ago_ms, HOME, NOON_MS) == shown


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (739_942, 739_942, "22 Nov 2026"),
        (739_936, 739_942, "16 – 22 Nov 2026"),
        (739_913, 739_942, "24 Oct – 22 Nov 2026"),
        (739_611, 739_942, "26 Dec 2025 – 22 Nov 2026"),
    ],
)
def test_a_run_of_days_names_what_differs(first: int, last: int, shown: str) -> None:
    assert fmt.days(first, last) == shown


def test_a_zone_is_named_as_people_write_it() -> None:
    assert fmt.zone_name(ZoneInfo("America/St_Johns")) == "America/St Johns"


def test_every_name_of_utc_reads_the_same() -> None:
    assert {fmt.zone_name(ZoneInfo(name)) for name in fmt.UTC_NAMES} == {"UTC"}
