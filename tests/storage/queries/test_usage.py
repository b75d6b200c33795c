from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dimensions import Dimension, Filters
from monitor.domain.windows import DAY_MS, Window, day_of, day_window
from monitor.storage.engine import Database
from monitor.storage.models.rollups import UsageDay
from monitor.storage.queries import usage
from monitor.storage.queries.owners import ALL, Audience, Whose, chosen
from monitor.storage.queries.totals import Totals, add_up
from tests.storage.queries.oracle import sum_calls, write_book
from tests.storage.queries.seeds import ALPHA, BETA, CHAT, NOBODY, TARGET, Book, make_call

UTC, CHATHAM = ZoneInfo("UTC"), ZoneInfo("Pacific/Chatham")
DAY = date(2025, 5, 5).toordinal()
START_MS = day_window(DAY, UTC).from_ms
WHOLE_DAY = Window(START_MS, START_MS + DAY_MS)

Read = Callable[..., dict[str | int, Totals]]


def chat(number: int, endpoint_id: int, at_ms: int) -> dict[str, object]:
    return make_call(
        number, endpoint_id, at_ms, attribution_id=CHAT, origin=Origin.RECORDER, cost_nano_usd=70
    )


@pytest.fixture
def book() -> Book:
    calls = [
        make_call(1, ALPHA, START_MS),
        make_call(2, BETA, START_MS + 1),
        chat(3, ALPHA, START_MS + DAY_MS // 2),
        make_call(4, TARGET, START_MS + 2),
        chat(5, ALPHA, START_MS + DAY_MS),
    ]
    return Book(UTC, START_MS, START_MS + 2 * DAY_MS, calls=calls)


@pytest.fixture
def read(empty: Database, book: Book) -> Read:
    with empty.writing() as session:
        write_book(session, book)

    def totals(**question: object) -> dict[str | int, Totals]:
        with empty.reading() as session:
            return usage.totals(session, WHOLE_DAY, UTC, **question)  # type: ignore[arg-type]

    return totals


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        (Dimension.ALL, {ALL: 3}),
        (Dimension.ENDPOINT, {ALPHA: 2, BETA: 1}),
        (Dimension.MODEL, {"lab/alpha-2025-01-01": 2, "lab/beta": 1}),
        (Dimension.PROVIDER, {"acme": 2, "zeta": 1}),
        (Dimension.TEAM, {"": 2, "red": 1}),
        (Dimension.APP, {"": 2, "chat": 1}),
        (Dimension.PROJECT, {"": 3}),
        (Dimension.KEY, {"": 3}),
        (Dimension.ORIGIN, {"probe": 2, "recorder": 1}),
    ],
)
def test_calls_are_kept_apart_by_owner(
    read: Read, by: Dimension, counts: dict[str | int, int]
) -> None:
    assert {owner: found.n for owner, found in read(by=by).items()} == counts


@pytest.mark.parametrize(
    ("audience", "nano_usd"),
    [(Audience.TEAM, 70), (Audience.PROBES, 2_000), (Audience.EVERYONE, 2_070)],
)
def test_a_team_is_everybody_but_the_probes(read: Read, audience: Audience, nano_usd: int) -> None:
    assert read(audience=audience)[ALL].spend_nano_usd == nano_usd


def test_reach_checks_count_only_where_their_target_is_named(read: Read) -> None:
    assert read(endpoint_ids=[TARGET])[ALL].n == 1
    assert read(endpoint_ids=[ALPHA, TARGET])[ALL].n == 3


@pytest.mark.parametrize(
    ("filters", "n"),
    [
        (Filters(), 3),
        (Filters(model="lab/beta"), 1),
        (Filters(provider="acme"), 2),
        (Filters(endpoint="acme/alpha"), 2),
        (Filters(origin="probe"), 2),
        (Filters(team="red"), 1),
        (Filters(team=""), 2),
        (Filters(app="chat", provider="acme"), 1),
        (Filters(app="chat", provider="zeta"), 0),
        (Filters(project="", key=""), 3),
        (Filters(team="' OR 1=1"), 0),
    ],
    ids=str,
)
def test_filters_leave_out_all_other_calls(read: Read, filters: Filters, n: int) -> None:
    assert read(filters=filters)[ALL].n == n


def test_a_filter_narrows_the_endpoints_that_are_asked_for(read: Read) -> None:
    assert read(endpoint_ids=[ALPHA, TARGET], filters=Filters(provider="acme"))[ALL].n == 3
    assert read(endpoint_ids=[BETA], filters=Filters(provider="acme"))[ALL].n == 0


def test_end_users_are_in_no_rollup_of_all_calls() -> None:
    whose = Whose(Dimension.ALL, Audience.TEAM, filters=Filters(user="01"))
    with pytest.raises(LookupError, match="usage_day does not know who called"):
        list(chosen(UsageDay, whose))


def test_nothing_asked_for_is_nothing_found(read: Read) -> None:
    assert read(endpoint_ids=[]) == {ALL: Totals()}
    assert read(by=Dimension.ENDPOINT, endpoint_ids=[]) == {}


def test_days_run_from_the_first_to_the_last(empty: Database, book: Book) -> None:
    with empty.writing() as session:
        write_book(session, book)
        found = usage.by_day(session, DAY - 1, DAY + 1, UTC, by=Dimension.APP)

    assert {owner: [(d.day - DAY, d.totals.n) for d in days] for owner, days in found.items()} == {
        "": [(-1, 0), (0, 2), (1, 0)],
        "chat": [(-1, 0), (0, 1), (1, 1)],
    }


def test_days_of_another_zone_hold_its_calls(empty: Database, book: Book) -> None:
    with empty.writing() as session:
        write_book(session, book)
        found = usage.by_day(session, DAY, DAY + 2, CHATHAM, endpoint_ids=[ALPHA])

    by_day = {
        day: [
            c
            for c in book.calls
            if c["endpoint_id"] == ALPHA and day_of(c["started_ms"], CHATHAM) == day
        ]
        for day in range(DAY, DAY + 3)
    }
    assert [d.totals for d in found[ALL]] == [Totals(**sum_calls(by_day[d])) for d in by_day]


def test_a_team_is_known_by_its_first_call(database: Database) -> None:
    sums = sum_calls([])
    row = {"day": DAY, "endpoint_id": ALPHA, "attribution_id": NOBODY, **sums}
    with database.writing() as session:
        probed = insert_day(session, row | {"origin": Origin.PROBE})
        recorded = insert_day(session, row | {"origin": Origin.API})

    assert (probed, recorded) == (False, True)


def insert_day(session: Session, row: dict[str, object]) -> bool:
    session.execute(insert(UsageDay).values(row))
    return usage.has_team_calls(session)


def test_totals_have_the_columns_of_the_rollup() -> None:
    assert set(sum_calls([])) == {*Totals.__slots__}


def test_spend_is_not_known_where_no_call_has_a_price() -> None:
    assert Totals(n=2, n_unpriced=2).spend_nano_usd is None
    assert Totals(n=2, n_unpriced=1, n_computed=1).spend_nano_usd == 0
    assert Totals().spend_nano_usd == 0


def test_shares_say_how_much_is_known() -> None:
    some = Totals(n=4, n_measured=1, n_estimated=1, n_missing=2, n_reported=1, n_no_usage=3)

    assert (some.usage_share, some.cost_share) == (0.5, 0.25)
    assert (Totals().usage_share, Totals().cost_share) == (None, None)


def test_totals_add_up() -> None:
    added = add_up([Totals(n=1, input=2), Totals(n=3, reasoning=4)])

    assert added == Totals(n=4, input=2, reasoning=4)
    assert (added.tokens, added.leaves.reasoning) == (6, 4)
