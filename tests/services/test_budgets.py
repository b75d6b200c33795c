"""Budgets over a real ledger: each threshold once, by the call that met it, whatever the order."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.domain.apps import App
from monitor.domain.budgets import (
    DEFAULT_THRESHOLDS,
    Budget,
    Override,
    Scope,
    ScopeKind,
    Spent,
    Threshold,
)
from monitor.domain.calls import Attribution, Call, Origin
from monitor.domain.periods import Cycle, Period
from monitor.domain.prices import CostState, Rate
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_window
from monitor.services import budgets, prices, repricing
from monitor.services.budgets import NotOverridden, UnknownBudget
from monitor.services.prices import OwnPrice
from monitor.services.repricing import Repricing, Undoing
from monitor.storage import apps
from monitor.storage import budgets as rows
from monitor.storage.engine import Database
from monitor.storage.models.health import OutboxRow
from monitor.storage.queries import budgets as sums
from tests.making import (
    ENDPOINT,
    MONDAY_MS,
    OTHER,
    load_reference,
    open_database,
    probe,
    record,
    request,
)

#: Every test here runs on SQLite and on PostgreSQL.
pytestmark = pytest.mark.usefixtures("keeper")
UTC = ZoneInfo("UTC")
MONTH = Cycle(Period.MONTH, UTC)
SEARCH = Attribution(team="search", project="site", app="https://a.example", key="prod")
TEAM = Budget("search", Scope(ScopeKind.TEAM, "search"), 1_000, MONTH)
TOTAL = Budget("all", Scope(ScopeKind.TOTAL), 10_000, MONTH)
APRIL_MS = MONDAY_MS + 30 * DAY_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def install(database: Database, *made: Budget, now_ms: int = MONDAY_MS) -> None:
    with database.writing() as session:
        budgets.install(session, made, now_ms)


def paid(at_s: float, nano_usd: int, whose: Attribution = SEARCH, **more: Any) -> Call:
    """A call whose cost the provider told."""
    return request(
        at_s,
        attribution=whose,
        cost_nano_usd=nano_usd,
        cost_state=CostState.REPORTED,
        **more,
    )


def list_fired(database: Database) -> list[tuple[str, int, int]]:
    """Budget, start of its period and percent of what was told, in that order."""
    with database.reading() as session:
        found = [
            (each.payload["budget"], each.payload["from_ms"], each.payload["percent"])
            for each in session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        ]
        listed = {
            (f.budget, f.window.from_ms, f.threshold.percent) for f in sums.fired(session, 999)
        }
    assert listed == set(found)
    assert len(listed) == len(found)
    return found


def run(database: Database, work: Repricing | Undoing) -> None:
    is_more = True
    while is_more:
        with database.writing() as session:
            is_more = work.step(session)


def percents(database: Database, name: str = "search") -> list[int]:
    return [percent for budget, _, percent in list_fired(database) if budget == name]


def test_each_threshold_is_told_once_by_the_call_that_met_it(database: Database) -> None:
    install(database, TEAM)
    steps = []
    for n, nano_usd in enumerate((499, 1, 299, 1, 199, 1, 5_000)):
        record(database, [paid(n, nano_usd)])
        steps.append(percents(database))

    assert steps == [[], [50], [50], [50, 80], [50, 80], [50, 80, 100], [50, 80, 100]]


def test_one_call_may_meet_all_thresholds_at_once(database: Database) -> None:
    install(database, TEAM)
    record(database, [paid(0, 1_000)])

    assert percents(database) == [50, 80, 100]


def test_what_is_told_says_what_was_known(database: Database) -> None:
    install(database, TEAM)
    record(database, [paid(0, 600), request(1, attribution=SEARCH)], now_ms=MONDAY_MS + 5_000)
    with database.reading() as session:
        [told] = session.scalars(select(OutboxRow))
        [fired] = sums.fired(session, 9)

    window = MONTH.window(MONDAY_MS)
    assert told.key == f"budget/search/{window.from_ms}/spent/50"
    assert (told.kind, told.subject, told.state) == ("budget", "search", "waiting")
    assert told.payload == {
        "budget": "search",
        "scope": "team",
        "scope_name": "search",
        "zone": "UTC",
        "from_ms": window.from_ms,
        "to_ms": window.to_ms,
        "percent": 50,
        "is_projected": False,
        "amount_nano_usd": 1_000,
        "spent_nano_usd": 600,
        "projected_nano_usd": None,
        "calls": 2,
        "unpriced": 0,
        "no_usage": 1,
    }
    assert (fired.fired_ms, fired.spent, fired.delivered_ms) == (
        MONDAY_MS + 5_000,
        Spent(600, 2, no_usage=1),
        None,
    )


@pytest.mark.parametrize(
    "scope",
    [
        Scope(ScopeKind.PROJECT, "site"),
        Scope(ScopeKind.APP, "https://a.example"),
        Scope(ScopeKind.KEY, "prod"),
        Scope(ScopeKind.PROVIDER, "acme"),
        Scope(ScopeKind.MODEL, "acme/small"),
        Scope(ScopeKind.TOTAL),
    ],
)
def test_calls_of_every_scope_are_told_of(database: Database, scope: Scope) -> None:
    install(database, replace(TEAM, scope=scope))
    other = Attribution(team="other", project="other")
    strangers = (
        [] if scope.kind not in {ScopeKind.PROJECT, ScopeKind.APP, ScopeKind.KEY} else [other]
    )
    record(database, [paid(0, 499), *(paid(1, 900, whose) for whose in strangers)])
    before = percents(database)
    record(database, [paid(2, 1)])

    assert (before, percents(database)) == ([], [50])


MAIN, ALIAS = "https://a.example", "https://old.example"
APP = replace(TEAM, scope=Scope(ScopeKind.APP, MAIN))
OLD = SEARCH._replace(app=ALIAS)


def install_app(database: Database, *aliases: str, budget: Budget = APP) -> None:
    """The settings list the app with these aliases, and have a budget for it."""
    with database.writing() as session:
        apps.declare(session, [App(MAIN, None, aliases)])
    install(database, budget)


@pytest.mark.parametrize("named", [MAIN, ALIAS])
def test_what_is_told_under_an_alias_counts_for_the_budget_of_the_app(
    database: Database, named: str
) -> None:
    install_app(database, ALIAS, budget=replace(APP, scope=Scope(ScopeKind.APP, named)))
    stranger = SEARCH._replace(app="https://b.example")
    record(database, [paid(0, 300), paid(1, 199, OLD), paid(2, 5_000, stranger)])
    before = percents(database)
    record(database, [paid(3, 1, OLD)])
    with database.reading() as session:
        [standing] = budgets.standing(session, MONDAY_MS + HOUR_MS)
        days = sums.daily(session, standing.held.budget, range(735_000, 750_000))

    assert (before, percents(database)) == ([], [50])
    assert (standing.spent, [day[1:] for day in days]) == (Spent(500, 3), [(500, 3)])


def test_an_alias_that_an_edit_adds_is_told_of_at_once_and_one_that_it_takes_counts_no_more(
    database: Database,
) -> None:
    install_app(database)
    record(database, [paid(0, 100), paid(1, 450, OLD)])
    before = percents(database)
    install_app(database, ALIAS)
    edited = percents(database)
    record(database, [paid(2, 249, OLD)])
    below = percents(database)
    record(database, [paid(3, 1, OLD)])
    above = percents(database)
    install_app(database)
    record(database, [paid(4, 800, OLD), paid(5, 100)])

    assert (before, edited, below, above) == ([], [50], [50], [50, 80])
    assert percents(database) == [50, 80]


def test_the_tripwire_of_an_app_is_right_whoever_of_its_names_spends(database: Database) -> None:
    install_app(database, ALIAS)
    spent = [(300, SEARCH), (199, OLD), (1, OLD), (299, SEARCH), (0, OLD), (1, OLD), (200, OLD)]
    told = []
    for n, (nano_usd, whose) in enumerate(spent):
        record(database, [paid(n, nano_usd, whose)])
        told.append(percents(database)[-1:])

    assert told == [[], [], [50], [50], [50], [80], [100]]


def test_probes_count_where_the_budget_says_so(database: Database) -> None:
    install(database, TOTAL, replace(TOTAL, name="with probes", has_probes=True))
    dear = probe(0, cost_nano_usd=9_000, cost_state=CostState.REPORTED)
    record(database, [dear])

    assert {name for name, _, _ in list_fired(database)} == {"with probes"}


def test_a_late_call_counts_in_the_period_of_its_start(database: Database) -> None:
    """Closed periods fire nothing; the current one is told of on every call, late or not."""
    install(database, TEAM)
    record(database, [paid(0, 499)])
    record(database, [paid(1, 900)], now_ms=APRIL_MS)
    before = list_fired(database)
    record(database, [paid(30 * DAY_MS / 1000, 700)], now_ms=APRIL_MS + 20 * DAY_MS)

    assert before == []
    assert list_fired(database) == [("search", MONTH.window(APRIL_MS).from_ms, 50)]


def test_a_batch_that_was_kept_over_the_end_of_a_period_tells_of_both(database: Database) -> None:
    """As a spool that is drained: each call is recorded as of when it was kept."""
    install(database, TEAM)
    record(database, [paid(0, 800), paid(30 * DAY_MS / 1000, 500)])

    march, april = (MONTH.window(at).from_ms for at in (MONDAY_MS, APRIL_MS))
    assert list_fired(database) == [
        ("search", march, 50),
        ("search", march, 80),
        ("search", april, 50),
    ]


def test_every_period_begins_anew(database: Database) -> None:
    daily = replace(TEAM, cycle=Cycle(Period.DAY, ZoneInfo("Asia/Kathmandu")))
    install(database, daily)
    for day in range(3):
        for part in range(4):
            record(database, [paid(day * 86_400 + part * 7_200, 250)])

    assert len(list_fired(database)) == 9


WRITERS = 8


def test_eight_writers_at_once_tell_each_threshold_once(database: Database) -> None:
    """Each with a connection and a memory of its own, as several monitors have."""
    budget = replace(TEAM, thresholds=tuple(map(Threshold, range(1, 301, 3))))
    install(database, budget, replace(budget, name="all", scope=Scope(ScopeKind.TOTAL)))

    def write(writer: int) -> None:
        with closing(Database(database.url)) as own:
            for n in range(10):
                record(own, [paid(writer * 100 + n, 37), paid(writer * 100 + 50 + n, 0)])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    total = WRITERS * 10 * 37
    met = [share for share in range(1, 301, 3) if 100 * total >= share * 1_000]
    assert percents(database) == percents(database, "all") == met


amounts = st.lists(st.integers(0, 400), min_size=1, max_size=30)
percentages = st.sets(st.integers(1, 300), min_size=1, max_size=6)


@settings(max_examples=10)
@given(
    amounts, st.sets(st.integers(1, 300), min_size=1, max_size=6), st.randoms(use_true_random=False)
)
def test_what_is_told_is_what_the_final_sum_meets_whatever_the_batches(
    costs: Sequence[int], shares: set[int], chance: Random
) -> None:
    thresholds = tuple(map(Threshold, sorted(shares)))
    budget = replace(TEAM, thresholds=thresholds)
    calls = [paid(n, cost, SEARCH if n % 3 else Attribution()) for n, cost in enumerate(costs)]
    chance.shuffle(calls)
    with TemporaryDirectory() as folder, closing(open_database(Path(folder))) as database:
        install(database, budget, replace(budget, name="all", scope=Scope(ScopeKind.TOTAL)))
        while calls:
            size = chance.randint(1, len(calls))
            batch, calls = calls[:size], calls[size:]
            record(database, batch, now_ms=MONDAY_MS + HOUR_MS)
        told = {name: set(percents(database, name)) for name in ("search", "all")}
    search = sum(cost for n, cost in enumerate(costs) if n % 3)

    for name, total in (("search", search), ("all", sum(costs))):
        assert told[name] == {share for share in shares if 100 * total >= share * 1_000}


def test_a_repeat_that_fills_in_a_cost_is_told_of(database: Database) -> None:
    install(database, TEAM)
    key = b"k" * 16
    record(database, [request(0, attribution=SEARCH, dedupe_key=key)])
    before = percents(database)
    for _ in range(2):
        record(database, [paid(0, 500, dedupe_key=key)], now_ms=MONDAY_MS + 60_000)

    assert (before, percents(database)) == ([], [50])


def test_a_repricing_is_told_of_in_the_current_period_and_its_undoing_takes_nothing_back(
    database: Database,
) -> None:
    install(database, replace(TEAM, amount_nano_usd=5_000_000))
    used: dict[str, Any] = {"usage": Usage(input=1_000), "usage_state": UsageState.MEASURED}
    record(database, [request(0, attribution=SEARCH, **used)])  # $2.50 a million: 2,500,000
    before, now_ms = percents(database), MONDAY_MS + DAY_MS
    dearer = OwnPrice(ENDPOINT.id, (Rate("input", 4_000_000),), "me", MONDAY_MS)
    with database.writing() as session:
        prices.set_own(session, dearer, now_ms)
    number = load_reference(database).tariff(ENDPOINT.id).endpoint_id
    job = Repricing(repricing.Scope((number,), Window(0, now_ms)), "me", now_ms)
    run(database, job)
    priced = percents(database)
    run(database, Undoing(job.id or 0, now_ms))

    assert before == [50]
    assert (priced, percents(database)) == ([50, 80], [50, 80])


def test_another_amount_holds_until_its_end_and_fires_no_threshold_twice(
    database: Database,
) -> None:
    install(database, TEAM)
    record(database, [paid(0, 500)])
    more = Override("search", 10_000, MONDAY_MS + 1_000, MONDAY_MS + DAY_MS, "me", "launch")
    with database.writing() as session:
        budgets.override(session, more)
        [held] = rows.hold(session, MONDAY_MS + 2_000)
    record(database, [paid(10, 600)])
    raised = percents(database)
    record(database, [paid(DAY_MS / 1000, 1)])

    assert (held.amount_nano_usd, held.override and held.override.reason) == (10_000, "launch")
    assert (raised, percents(database)) == ([50], [50, 80, 100])


def test_a_smaller_amount_is_told_of_at_once(database: Database) -> None:
    install(database, TEAM)
    record(database, [paid(0, 400)])
    with database.writing() as session:
        budgets.override(session, Override("search", 500, MONDAY_MS, APRIL_MS, "me", ""))
    overridden = percents(database)
    with database.writing() as session:
        budgets.end_override(session, "search", "you", MONDAY_MS + 5)
        assert [each.amount_nano_usd for each in rows.hold(session, MONDAY_MS + 6)] == [1_000]
    install(database, replace(TEAM, amount_nano_usd=300))

    assert (overridden, percents(database)) == ([50, 80], [50, 80, 100])


def test_only_what_is_there_can_be_overridden_or_given_back(database: Database) -> None:
    install(database, TEAM)
    with database.writing() as session:
        with pytest.raises(UnknownBudget, match=r"'serach' is not in .*; these are: search"):
            budgets.override(session, Override("serach", 5, 0, 9, "me", ""))
        with pytest.raises(NotOverridden, match="has the amount of the settings"):
            budgets.end_override(session, "search", "me", 0)


def test_a_budget_that_is_gone_is_told_of_no_more_and_its_past_stays(database: Database) -> None:
    install(database, TEAM)
    record(database, [paid(0, 500)])
    install(database)
    record(database, [paid(1, 500)])

    assert percents(database) == [50]


def test_what_will_not_last_is_told_once_by_the_minutes_look(database: Database) -> None:
    install(database, replace(TEAM, amount_nano_usd=10_000))
    now_ms = MONDAY_MS + 8 * DAY_MS
    for day in range(8):
        record(database, [paid(day * 86_400, 400)])
    with database.reading() as session:
        due = budgets.untold(session, now_ms)
        [standing] = budgets.standing(session, now_ms)
    for _ in range(2):
        with database.writing() as session:
            budgets.tell(session, due, now_ms)
    with database.reading() as session:
        assert (due, budgets.untold(session, now_ms)) == (["search"], [])
        [fired] = sums.fired(session, 9)

    # 2 March is the first day of all and not a whole one: 3 to 9 March, 400 each; 22 days are left.
    assert standing.projected_nano_usd == 3_200 + 22 * 400
    assert standing.breach_ms == now_ms + 17 * DAY_MS
    assert (str(fired.threshold), fired.projected_nano_usd) == ("projected", 12_000)


def test_nothing_is_projected_before_a_whole_day(database: Database) -> None:
    install(database, TEAM)
    record(database, [paid(0, 400)])
    with database.reading() as session:
        [standing] = budgets.standing(session, MONDAY_MS + HOUR_MS)

    assert (standing.projected_nano_usd, standing.breach_ms) == (None, None)


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
)
def test_what_is_spent_is_the_sum_of_the_calls_of_the_period(tmp_path: Path, zone: str) -> None:
    chance, cycle = Random(zone), Cycle(Period.WEEK, ZoneInfo(zone), weekday=3)
    calls = [
        paid(
            chance.randrange(30 * 86_400),
            chance.randrange(100),
            chance.choice([SEARCH, Attribution()]),
            endpoint=chance.choice([ENDPOINT.id, OTHER.id]),
            origin=chance.choice([Origin.API, Origin.PROBE]),
        )
        for _ in range(300)
    ]
    with closing(open_database(tmp_path, zone="Europe/Berlin")) as database:
        record(database, calls)
        for at_ms in range(MONDAY_MS, MONDAY_MS + 28 * DAY_MS, 7 * DAY_MS):
            window = cycle.window(at_ms)
            expected = [
                call.cost_nano_usd or 0
                for call in calls
                if call.attribution == SEARCH
                and call.origin is not Origin.PROBE
                and window.from_ms <= call.started_ms < window.to_ms
            ]
            with database.reading() as session:
                found = sums.spent(session, replace(TEAM, cycle=cycle), window)
            assert found == Spent(sum(expected), len(expected))


def test_thresholds_and_calendars_are_read_as_they_were_stored(database: Database) -> None:
    cycle = Cycle(Period.QUARTER, ZoneInfo("Pacific/Chatham"), 0, 4, 6)
    made = Budget(
        "b", Scope(ScopeKind.MODEL, "a/b"), 7, cycle, DEFAULT_THRESHOLDS[1:], has_probes=True
    )
    install(database, made)
    with database.reading() as session:
        [held] = rows.hold(session, day_window(739_700, UTC).from_ms)

    assert held.budget == made
