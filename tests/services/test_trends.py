from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.apps import App
from monitor.domain.calls import Attribution
from monitor.domain.counterparts import Comparison, Kind
from monitor.domain.dimensions import Dimension, Filters
from monitor.domain.trends import Trend
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, Window, day_window
from monitor.services import trends
from monitor.services.breakdown import Question, break_down, labels
from monitor.storage import apps
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, open_database, record, request

UTC = ZoneInfo("UTC")
OLD, NEW, OTHER = "https://old.example", "https://new.example", "https://other.example"
NOW = Window(MONDAY_MS + 3 * DAY_MS, MONDAY_MS + 4 * DAY_MS)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Database]:
    """Four days: one app moves to a new address and grows, another stays as it is."""
    with closing(open_database(tmp_path)) as database:
        calls = [
            request(
                DAY_MS / 1000 * day + 60 + n,
                usage=Usage(input=100),
                usage_state=UsageState.MEASURED,
                attribution=Attribution(app=app),
            )
            for day in range(4)
            for n, app in enumerate([OTHER, *[OLD if day < 3 else NEW] * (1 + day)])
        ]
        record(database, calls)
        with database.writing() as session:
            apps.note(session, {OLD: "The App", OTHER: "Other"}, MONDAY_MS)
        yield database


def use(database: Database, filters: Filters | None = None) -> dict[str, trends.AppUse]:
    with database.reading() as session:
        used = trends.of_apps(session, NOW, UTC, filters or Filters())
    return {each.app: each for each in used}


def test_the_gain_is_the_window_less_the_mean_of_the_three_before(ledger: Database) -> None:
    found = use(ledger)

    assert {app: each.trend.gain for app, each in found.items() if each.trend} == {
        NEW: 400,
        OLD: -200,
        OTHER: 0,
    }
    assert [each.app for each in trends.rising([*found.values()])] == [NEW]


def test_identities_that_the_settings_call_one_are_one_with_their_whole_past(
    ledger: Database,
) -> None:
    with ledger.writing() as session:
        apps.declare(session, [App(NEW, aliases=(OLD,))])
    found = use(ledger, Filters(model=ENDPOINT.model))

    assert [*found] == [NEW, OTHER]
    assert (found[NEW].title, found[NEW].totals.n) == ("The App", 4)
    assert found[NEW].trend == Trend(400, (300, 200, 100))
    assert use(ledger, Filters(app=OLD))[NEW].totals.n == 4


def test_a_title_of_the_settings_wins_and_what_is_no_longer_listed_is_apart_again(
    ledger: Database,
) -> None:
    with ledger.writing() as session:
        apps.declare(session, [App(NEW, "Ours", (OLD,))])
        assert labels(session, Dimension.APP, [NEW]) == {NEW: "Ours"}
        apps.declare(session, [])

    assert {*use(ledger)} == {OLD, NEW, OTHER}


def test_a_breakdown_compares_complete_days_and_keeps_probes_apart(ledger: Database) -> None:
    start = date(2026, 3, 4).toordinal()
    window = Window(day_window(start, UTC).from_ms, MONDAY_MS + 4 * DAY_MS - 1)
    with ledger.reading() as session:
        found = break_down(session, Question(window, UTC, Dimension.APP))

    assert {app: each.tokens for app, each in found.now.items()} == {OTHER: 100, OLD: 300}
    assert {app: each.tokens for app, each in found.before.items()} == {OTHER: 100, OLD: 200}
    assert (found.whole.tokens, found.probes.n) == (900, 0)


def test_a_breakdown_has_no_period_before_the_first_team_call(ledger: Database) -> None:
    window = Window(MONDAY_MS + DAY_MS, MONDAY_MS + 3 * DAY_MS)
    with ledger.reading() as session:
        found = break_down(session, Question(window, UTC, Dimension.APP))

    assert (found.compared, found.is_first, found.now, found.before) == (None, True, {}, {})


def test_a_month_of_usage_is_compared_with_the_same_days_of_the_month_before(
    ledger: Database,
) -> None:
    record(ledger, [request(-2 * DAY_MS / 1000)])
    window = Window(MONDAY_MS - DAY_MS, MONDAY_MS + DAY_MS)  # the first two days of March
    with ledger.reading() as session:
        found = break_down(session, Question(window, UTC, Dimension.APP, kind=Kind.MONTH))
        month_later = Window(window.from_ms + 31 * DAY_MS, window.to_ms + 31 * DAY_MS)
        april = break_down(session, Question(month_later, UTC, Dimension.APP, kind=Kind.MONTH))

    assert (found.compared, found.is_first) == (None, True)
    assert april.compared == Comparison(before=window, after=month_later)
