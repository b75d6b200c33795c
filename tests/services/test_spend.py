"""What a window cost: every figure is a sum over the calls themselves, whatever they were."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.domain.apps import App
from monitor.domain.calls import Attribution, Call, Detail
from monitor.domain.counterparts import Kind
from monitor.domain.dimensions import Dimension, Filters
from monitor.domain.outcomes import RULINGS, Group, LocalFailure, Outcome
from monitor.domain.prices import CostState, Rate
from monitor.domain.savings import Savings
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window
from monitor.services import prices, spend
from monitor.services.prices import OwnPrice
from monitor.services.spend import Drift, Question, Spending
from monitor.storage import apps
from monitor.storage.engine import Database
from monitor.storage.models.ledger import AttributionRow, CallRow, EndpointRow
from monitor.storage.queries import spend as queries
from monitor.storage.queries.totals import add_up
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record, request
from tests.services.test_replay import QUICK

#: Every test here runs on SQLite and on PostgreSQL.
pytestmark = pytest.mark.usefixtures("keeper")
HOME = ZoneInfo("America/St_Johns")
ZONES = [ZoneInfo(n) for n in ("UTC", "Asia/Kathmandu", "Pacific/Chatham", HOME.key)]
RED, BLUE = Attribution("red", "shop", "chat", "prod"), Attribution("blue")
DAY_S = 86_400
UTC = ZoneInfo("UTC")
WEEK = Window(MONDAY_MS, MONDAY_MS + 7 * DAY_MS)
USED = Usage(input=1_000, cache_read=400, output=100)
#: By the tests' own list.
COST = 1_000 * 2_500 + 400 * 1_250 + 100 * 10_000


def told(at_s: float, usage: Usage | None = USED, **more: Any) -> Call:
    state = UsageState.MISSING if usage is None else UsageState.MEASURED
    values = {"usage": usage, "usage_state": state, "attribution": RED, **more}
    if "cost_nano_usd" in more:
        values["cost_state"] = CostState.REPORTED
    return request(at_s, values.pop("outcome", Outcome.OK), **values)


@contextmanager
def opened(recorded: Sequence[Call]) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), zone=HOME.key)
        if recorded:
            record(database, recorded)
        yield database
        database.close()


def ask(database: Database, window: Window = WEEK, **more: Any) -> Spending:
    wanted = {"zone": UTC, "now_ms": window.to_ms, "kind": Kind.DAYS, "by": Dimension.TEAM}
    with database.reading() as session:
        return spend.spending(session, Question(window, **{**wanted, **more}))


def ask_of(recorded: Sequence[Call], window: Window = WEEK, **more: Any) -> Spending:
    with opened(recorded) as database:
        return ask(database, window, **more)


SOMEBODY = (
    Detail(user_hash=b"\x01" * 16),
    Detail(user_hash=b"\x02" * 16, tags=(("ring", "a"), ("release", "9"))),
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Call]:
    """Two weeks of a team's calls and of probes, of all cost states, dear and cheap."""
    counts = st.integers(0, 9_999)
    made = []
    for _ in range(draw(st.integers(0, 14))):
        used = Usage(draw(counts), draw(counts), output=draw(counts))
        more: dict[str, Any] = {
            "endpoint": draw(st.sampled_from([ENDPOINT.id, OTHER.id])),
            "attribution": draw(st.sampled_from([RED, BLUE, Attribution()])),
            "outcome": draw(st.sampled_from([Outcome.OK, Outcome.OK, Outcome.STREAM_CUT])),
            "detail": draw(st.sampled_from([None, *SOMEBODY])),
        }
        if draw(st.booleans()):
            more["cost_nano_usd"] = draw(st.integers(0, 10**9))
        usage = draw(st.sampled_from([used, used, None]))
        made.append(told(draw(st.integers(0, 14 * DAY_S)), usage, **more))
    probes = draw(st.integers(0, 3))
    return made + [
        probe(n * 100_000, usage=USED, usage_state=UsageState.MEASURED) for n in range(probes)
    ]


def calls_of(database: Database, window: Window) -> list[Mapping[str, Any]]:
    """The calls of a window as they stand in the ledger, with names."""
    row = CallRow
    columns = (row.origin, row.outcome, row.cost_state, row.cost_nano_usd, row.started_ms)
    statement = (
        select(*columns, EndpointRow.slug, AttributionRow.team)
        .join(EndpointRow, EndpointRow.id == row.endpoint_id)
        .join(AttributionRow, AttributionRow.id == row.attribution_id)
        .where(row.started_ms >= window.from_ms, row.started_ms < window.to_ms)
    )
    with database.reading() as session:
        return [dict(row) for row in session.execute(statement).mappings()]


def by_owner(calls: Sequence[Mapping[str, Any]], name: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for call in calls:
        found[call[name]] += call["cost_nano_usd"] or 0
    return dict(found)


WINDOWS = st.tuples(st.integers(0, 8 * DAY_MS), st.integers(1, 6 * DAY_MS)).map(
    lambda drawn: Window(MONDAY_MS + drawn[0], MONDAY_MS + sum(drawn))
)


@settings(max_examples=8, deadline=None, phases=QUICK)
@given(
    recorded=ledgers(),
    window=WINDOWS,
    zone=st.sampled_from(ZONES),
    by=st.sampled_from([Dimension.TEAM, Dimension.ENDPOINT]),
)
def test_every_figure_is_a_sum_over_the_ledger(
    recorded: list[Call], window: Window, zone: ZoneInfo, by: Dimension
) -> None:
    with opened([told(-7 * DAY_S, None), *recorded]) as database:
        found = ask(database, window, zone=zone, by=by, kind=Kind.SPAN)
        assert found.before is not None
        everything = calls_of(database, window)
        calls = [each for each in everything if each["origin"] != "probe"]
        before = [c for c in calls_of(database, found.before) if c["origin"] != "probe"]

    name = {Dimension.TEAM: "team", Dimension.ENDPOINT: "slug"}[by]
    spent, spent_before = by_owner(calls, name), by_owner(before, name)
    assert {owner: each.cost_nano_usd for owner, each in found.owners.items()} == spent
    assert {o: each.cost_nano_usd for o, each in found.owners_before.items()} == spent_before
    assert found.total.cost_nano_usd == sum(spent.values())
    assert found.total.n == len(calls)
    assert found.probes.n == len(everything) - len(calls)
    assert {m.owner: m.change_nano_usd for m in found.moved} == {
        owner: spent.get(owner, 0) - spent_before.get(owner, 0)
        for owner in {**spent, **spent_before}
    }
    assert all(sum(mover.effects) == mover.change_nano_usd for mover in found.moved)
    assert found.failed.cost_nano_usd == sum(
        call["cost_nano_usd"] or 0
        for call in calls
        if call["outcome"] == "stream_cut" and call["started_ms"] >= found.failed.window.from_ms
    )
    assert sum(each.n_unpriced for each in found.unpriced.values()) == sum(
        call["cost_state"] == "unpriced" for call in calls
    )


@settings(max_examples=3, deadline=None, phases=QUICK)
@given(recorded=ledgers(), zone=st.sampled_from(ZONES))
def test_any_grouping_sums_to_the_whole(recorded: list[Call], zone: ZoneInfo) -> None:
    with opened(recorded) as database:
        whole = ask(database, zone=zone, by=Dimension.ALL)
        for by in Dimension:
            found = ask(database, zone=zone, by=by)

            assert found.total == whole.total
            assert (found.moved_whole and found.moved_whole.change_nano_usd) == (
                whole.moved_whole and whole.moved_whole.change_nano_usd
            )
            if by is Dimension.TAG:  # they overlap
                continue
            assert add_up(found.owners.values()) == whole.total
            changes = sum(mover.change_nano_usd for mover in found.moved)
            assert changes == sum(mover.change_nano_usd for mover in whole.moved)


def test_a_filter_leaves_only_its_own_calls() -> None:
    found = ask_of([told(1), told(2, attribution=BLUE)], filters=Filters(team="red"))

    assert {owner: each.n for owner, each in found.owners.items()} == {"red": 1}
    assert found.failed.by_class == {}


def test_an_app_stands_for_its_aliases_too() -> None:
    moved = [told(n, attribution=Attribution(app=app)) for n, app in enumerate(("new", "old", "x"))]
    with opened(moved) as database:
        with database.writing() as session:
            apps.declare(session, [App("new", None, ("old",))])
        found = ask(database, by=Dimension.APP, filters=Filters(app="new"))

    assert {owner: each.n for owner, each in found.owners.items()} == {"new": 2}


def test_a_price_that_changed_within_a_period_is_told_as_price() -> None:
    with opened([]) as database:
        with database.writing() as session:
            dearer = (Rate("input", 5_000_000), Rate("output", 20_000_000))
            price = OwnPrice(ENDPOINT.id, dearer, "x", MONDAY_MS + 8 * DAY_MS + 1)
            prices.set_own(session, price, MONDAY_MS + 8 * DAY_MS)
        plain = Usage(input=1_000, output=100)
        record(database, [told(DAY_S * n, plain) for n in range(14)])
        [mover] = ask(database, Window(WEEK.to_ms, WEEK.to_ms + 7 * DAY_MS)).moved

    # Of seven days the last five are twice as dear.
    assert mover.effects.price == mover.change_nano_usd == 5 * 3_500_000


def test_what_a_cache_spares_is_told_for_the_prices_of_its_time() -> None:
    with opened([]) as database:
        with database.writing() as session:
            rates = (Rate("input", 3_000_000), Rate("output", 1), Rate("cache_read", 300_000))
            at_ms = MONDAY_MS + DAY_MS + 7
            prices.set_own(session, OwnPrice(ENDPOINT.id, rates, "x", at_ms), at_ms)
        record(database, [told(0), told(2 * DAY_S)])

        assert ask(database).cached == Savings(400 * 1_250 + 400 * 2_700, 0, exact=800)


def test_providers_own_figures_are_held_against_our_prices() -> None:
    found = ask_of([told(1, cost_nano_usd=COST + 5), told(2, cost_nano_usd=COST)])

    assert found.drift == Drift(2, 2 * COST + 5, 2 * COST)
    assert found.cached == Savings(left_out=800)


def test_costs_of_failed_calls_are_told_by_class() -> None:
    found = ask_of(
        [
            told(1),
            told(2, outcome=Outcome.STREAM_CUT),
            told(3, outcome=Outcome.CONTENT_FILTER),
            told(4, outcome=Outcome.CONTENT_FILTER, usage=None),
            told(5, outcome=Outcome.STREAM_CUT),
        ]
    )

    assert found.failed.by_class == {
        Outcome.STREAM_CUT: queries.Failed(2, 2 * COST),
        Outcome.CONTENT_FILTER: queries.Failed(1, COST),
    }


@pytest.mark.parametrize(
    ("most", "scanned", "from_ms"),
    [
        (100, 6, WEEK.from_ms),
        (3, 3, MONDAY_MS + 6 * DAY_MS),
        (2, 2, MONDAY_MS + 6 * DAY_MS + BUCKET_MS),
        (0, 0, WEEK.to_ms),
    ],
)
def test_of_many_calls_the_newest_are_looked_at(most: int, scanned: int, from_ms: int) -> None:
    cut = Outcome.STREAM_CUT
    recorded = [told(DAY_S * n, outcome=cut) for n in (1, 2, 5)]
    recorded += [told(6 * DAY_S + n, outcome=cut) for n in (1, 3_601, 86_399)]
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), zone="UTC")
        record(database, recorded)
        with database.reading() as session:
            found = queries.failed(session, WEEK, most=most)
        database.close()

    assert (found.scanned, found.window.from_ms) == (scanned, from_ms)
    assert sum(each.n for each in found.by_class.values()) == scanned


def test_without_a_team_there_is_nothing_but_probes() -> None:
    found = ask_of([probe(1, usage=USED, usage_state=UsageState.MEASURED)])

    assert (found.total.n, found.team_ever, found.probes.cost_nano_usd) == (0, False, COST)


def test_today_is_not_compared() -> None:
    found = ask_of([told(1)], Window(MONDAY_MS, MONDAY_MS + HOUR_MS))

    assert (found.compared, found.moved, found.total.n) == (None, [], 1)


@pytest.mark.parametrize(("late_s", "n"), [(0, 1), (899, 1), (900, 0)])
def test_a_period_that_began_before_the_first_team_call_is_compared_with_nothing(
    late_s: int, n: int
) -> None:
    calls = [probe(0), told(late_s), told(8 * DAY_S)]
    window = Window(WEEK.to_ms, WEEK.to_ms + 7 * DAY_MS)
    found = ask_of(calls, window, by=Dimension.TEAM)

    assert (found.before is not None, found.compared is not None) == (n, n)
    assert [*found.owners_before] == ["red"] * n
    assert [mover.owner for mover in found.moved] == ["red"] * n
    assert found.is_first == (n == 0)


def test_all_that_is_not_good_is_failed() -> None:
    failing = [
        told(n, outcome=outcome)
        for n, outcome in enumerate(RULINGS)
        if RULINGS[outcome].group is not Group.GOOD and not isinstance(outcome, LocalFailure)
    ]

    assert sum(each.n for each in ask_of(failing).failed.by_class.values()) == len(failing)
