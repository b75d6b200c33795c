from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.pauses import Scope
from monitor.domain.recurrence import Every, Once
from monitor.domain.windows import HOUR_MS, Window, instant_ms
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError

HEAD = "zone: Europe/Berlin\nproviders: {acme: {base_url: 'http://acme.test', models: [small]}}\n"
BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = "every: sunday, at: 02:00, for: 2h"


def read(folder: Path, window: str) -> Settings:
    path = folder / "inferwatch.yaml"
    path.write_text(f"{HEAD}maintenance:\n  - {{{window}}}\n")
    return load(path)


def test_a_weekly_window_is_of_the_home_zone(tmp_path: Path) -> None:
    found = read(tmp_path, f"{WEEKLY}, reason: restart").maintenance

    assert found == (
        Every(frozenset({6}), time(2), 2 * HOUR_MS, BERLIN, Scope(), reason="restart"),
    )


@pytest.mark.parametrize(
    ("days", "numbers"), [("day", range(7)), ("[monday, Friday]", (0, 4)), ("SUNDAY", (6,))]
)
def test_days_are_named(tmp_path: Path, days: str, numbers: range) -> None:
    [found] = read(tmp_path, f"every: {days}, at: 22:30, for: 90m").maintenance

    assert isinstance(found, Every)
    assert (found.weekdays, found.at) == (frozenset(numbers), time(22, 30))


@pytest.mark.parametrize(
    ("window", "scope"),
    [("provider: acme", Scope(provider="acme")), ("endpoint: acme/small", Scope("acme/small"))],
)
def test_a_single_window_may_be_of_some_and_of_another_zone(
    tmp_path: Path, window: str, scope: Scope
) -> None:
    times = "from: 2026-12-01 22:00, to: 2026-12-02 02:00, zone: Asia/Kathmandu"
    [found] = read(tmp_path, f"{times}, {window}").maintenance

    start_ms = instant_ms(datetime(2026, 12, 1, 16, 15, tzinfo=UTC))
    assert found == Once(Window(start_ms, start_ms + 4 * HOUR_MS), scope)


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        ("reason: x", "says no time; add from and to, or every, at and for"),
        ("every: sunday, at: 02:00", ".for: is missing; add it"),
        ("from: 2026-12-01 22:00", ".to: is missing; add it"),
        (f"{WEEKLY}, from: 2026-12-01", ".every: sunday: does not go with from and to; remove it"),
        ("every: sundays, at: 02:00, for: 2h", ".every: sundays: 'sundays' is no weekday; write s"),
        ("every: sunday, at: 2, for: 2h", ".at: 2: is no time of day; write it like 02:00"),
        ("every: sunday, at: 26:00, for: 2h", ".at: 26:00: is no time of day; write it from 00:00"),
        ("every: sunday, at: 02:00, for: 8d", ".for: 8d: is outside of 1 minute to 7 days"),
        ("from: tomorrow, to: 2026-12-01", ".from: tomorrow: is no date and time; write it like"),
        (
            "from: 2026-12-02, to: 2026-12-01 22:00",
            ".to: 2026-12-01 22:00: is not after `from`; write a later end",
        ),
        (
            f"{WEEKLY}, provider: apex",
            ".provider: apex: provider 'apex' is not in this file; these are: acme",
        ),
        (
            f"{WEEKLY}, endpoint: acme/big",
            ".endpoint: acme/big: endpoint 'acme/big' is not in this file; these are: acme/small",
        ),
        (
            f"{WEEKLY}, provider: acme, endpoint: acme/small",
            ".provider: acme: does not go with endpoint; keep one",
        ),
        (f"{WEEKLY}, untill: x", ".untill: x: unknown key; remove it, or use one of at, endpoint,"),
    ],
)
def test_a_window_that_cannot_be_meant_says_where_and_why(
    tmp_path: Path, window: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, window)

    place = f"{tmp_path}/inferwatch.yaml:4: maintenance[0]"
    assert str(caught.value).startswith((f"{place}{problem}", f"{place}: {problem}"))
