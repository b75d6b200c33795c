from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dashboard.choices import BadChoice, choose, replaced
from monitor.domain.windows import DAY_MS, HOUR_MS
from tests.dashboard.book import HOME

NOW_MS = 1_795_345_200_000  # Sunday, 22 Nov 2026 11:00 UTC


def test_without_a_query_the_last_24_hours_are_shown_in_the_home_zone() -> None:
    choice = choose(None, HOME, NOW_MS)

    assert (choice.window.from_ms, choice.window.to_ms) == (NOW_MS - DAY_MS, NOW_MS)
    assert choice.zone is HOME


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ("7d", date(2026, 11, 16), date(2026, 11, 22)),
        ("30d", date(2026, 10, 24), date(2026, 11, 22)),
        ("mtd", date(2026, 11, 1), date(2026, 11, 22)),
        ("last", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_a_window_of_days_has_whole_days_of_the_zone(window: str, first: date, last: date) -> None:
    choice = choose(f"?window={window}", HOME, NOW_MS)

    assert (choice.first_day, choice.last_day) == (first.toordinal(), last.toordinal())


def test_a_custom_window_includes_its_last_day() -> None:
    choice = choose("?window=custom&from=2026-10-25&to=2026-10-25", HOME, NOW_MS)

    assert choice.window.length_ms == 25 * HOUR_MS  # the clock is set back that night


def test_a_custom_window_of_instants_excludes_its_end() -> None:
    choice = choose("?window=custom&from=2026-11-20T07:00Z&to=2026-11-20T08:00Z", HOME, NOW_MS)

    assert choice.window.length_ms == HOUR_MS
    assert choice.label() == "20 Nov 2026 08:00 – 20 Nov 09:00 · Europe/Berlin"


def test_a_custom_window_never_reaches_beyond_now() -> None:
    choice = choose("?window=custom&from=2026-11-22&to=2030-01-01", HOME, NOW_MS)

    assert choice.window.to_ms == NOW_MS


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("?window=5y", "use one of 1h, 24h"),
        ("?zone=Mars/Olympus", "use a name such as UTC"),
        ("?zone=../../etc/passwd", "is no time zone"),
        ("?team=a%00b", "there is a NUL in this address"),
        ("?window=custom", "needs from="),
        ("?window=custom&from=yesterday", "write a day as"),
        ("?window=custom&from=9999-12-31", "write a day as"),
        ("?window=custom&from=2026-11-21&to=2026-11-20", "is not before"),
    ],
)
def test_a_query_that_cannot_be_is_refused_with_a_remedy(search: str, said: str) -> None:
    with pytest.raises(BadChoice, match=said):
        choose(search, HOME, NOW_MS)


def test_a_link_keeps_window_and_zone_and_nothing_else() -> None:
    choice = choose("?window=7d&zone=UTC&before=1-2&endpoint=a", HOME, NOW_MS)

    assert choice.href("/calls", endpoint="b/c") == "/calls?window=7d&zone=UTC&endpoint=b%2Fc"


@pytest.mark.parametrize("window", ["1h", "24h", "7d", "30d", "90d"])
def test_a_line_has_between_4_and_100_points(window: str) -> None:
    choice = choose(f"?window={window}", ZoneInfo("UTC"), NOW_MS)

    assert 4 <= choice.window.length_ms / choice.step_ms <= 100
    assert 4 <= choice.window.length_ms / choice.coarse_step_ms <= 100


def test_a_new_filter_starts_at_the_newest_and_an_old_one_stays_where_it_is() -> None:
    search = "?window=7d&outcome=bad&before=1-2"

    assert replaced(search, {"outcome": "bad", "kind": None}) == search
    assert replaced(search, {"outcome": None, "kind": "infer"}) == "?window=7d&kind=infer"
