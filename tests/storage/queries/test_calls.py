from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.domain.calls import Attribution, Kind, Origin
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import Window
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.prices import PriceListRow, PriceRow
from monitor.storage.queries import calls
from monitor.storage.queries.calls import SCAN_ROWS, CallFilter, Cursor
from tests.storage.queries.seeds import ALPHA, BETA, CHAT, TARGET, make_call


def write(database: Database, *rows: dict[str, Any]) -> None:
    with database.writing() as session:
        session.execute(insert(CallRow), list(rows))


def read(database: Database, filters: CallFilter, limit: int = 50) -> list[int]:
    """The ids of all pages, in their order."""
    found: list[int] = []
    with database.reading() as session:
        before: Cursor | None = None
        while True:
            page = calls.page(session, filters, before, limit)
            found += [line.id for line in page.lines]
            before = page.next
            if page.is_exhausted:
                return found


def write_some(database: Database) -> None:
    """Forty calls; some of one moment, some failed, by turns alpha, beta and the target."""
    places = [(n, (ALPHA, BETA, TARGET)[n % 3], 1_000_000 + n // 4) for n in range(1, 41)]
    results: list[Result] = [Outcome.OK, Outcome.OVERLOADED]
    write(database, *(make_call(n, e, at, outcome=results[n % 5 == 0]) for n, e, at in places))


@pytest.mark.parametrize("limit", [1, 3, 7, 40, 50])
def test_pages_hold_every_call_once_and_the_newest_first(database: Database, limit: int) -> None:
    write_some(database)

    assert read(database, CallFilter(), limit) == list(range(40, 0, -1))


@pytest.mark.parametrize("limit", [2, 50])
def test_several_endpoints_are_listed_as_one(database: Database, limit: int) -> None:
    write_some(database)

    found = read(database, CallFilter(endpoint_ids=[ALPHA, BETA]), limit)

    assert found == [n for n in range(40, 0, -1) if n % 3 != 2]


def test_a_window_is_half_open(database: Database) -> None:
    write_some(database)

    found = read(database, CallFilter(window=Window(1_000_002, 1_000_003)))

    assert found == [11, 10, 9, 8]


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_failed_calls_can_be_listed_alone(database: Database, limit: int) -> None:
    write_some(database)

    assert read(database, CallFilter(only_failed=True), limit) == [40, 35, 30, 25, 20, 15, 10, 5]


@pytest.mark.parametrize(
    "filters",
    [
        CallFilter(origins=[Origin.API]),
        CallFilter(kinds=[Kind.REQUEST]),
        CallFilter(outcomes=[Outcome.TLS]),
        CallFilter(cost_states=[CostState.UNPRICED]),
        CallFilter(teams=["red"]),
        CallFilter(apps=["chat"]),
        CallFilter(endpoint_ids=[BETA], only_failed=True),
    ],
)
def test_each_filter_finds_its_call(database: Database, filters: CallFilter) -> None:
    write(
        database,
        make_call(1, ALPHA, 5),
        make_call(
            2,
            BETA,
            6,
            origin=Origin.API,
            kind=Kind.REQUEST,
            outcome=Outcome.TLS,
            cost_state=CostState.UNPRICED,
            attribution_id=CHAT,
        ),
    )

    assert read(database, filters) == [2]


def test_a_page_looks_at_a_bounded_number_of_rows_and_says_where_to_go_on(
    database: Database,
) -> None:
    rows = [make_call(n, ALPHA, n) for n in range(2, SCAN_ROWS + 12)]
    write(database, make_call(1, ALPHA, 1, outcome=Outcome.TLS), *rows)
    with database.reading() as session:
        page = calls.page(session, CallFilter(only_failed=True))
        rest = calls.page(session, CallFilter(only_failed=True), page.next)

    assert (page.lines, page.scanned, page.is_exhausted) == ([], SCAN_ROWS, False)
    assert ([line.id for line in rest.lines], rest.is_exhausted) == ([1], True)


def test_no_endpoint_asked_for_is_no_call_found(database: Database) -> None:
    write_some(database)

    assert read(database, CallFilter(endpoint_ids=[])) == []


def test_a_line_says_what_is_known(database: Database) -> None:
    missing: dict[str, Any] = dict.fromkeys(LEAVES)
    write(
        database,
        make_call(1, ALPHA, 5, attribution_id=CHAT),
        make_call(2, TARGET, 4, usage_state=UsageState.MISSING, ttft_us=None, **missing),
    )
    with database.reading() as session:
        known, unknown = calls.page(session, CallFilter()).lines

    assert (known.endpoint, known.team, known.ttft_s, known.input_tokens) == (
        "acme/alpha",
        "red",
        0.25,
        10,
    )
    assert (unknown.model, unknown.ttft_s, unknown.output_tokens) == (None, None, None)


def write_detailed(session: Session) -> None:
    prices = PriceListRow(id=7, endpoint_id=ALPHA, source="book", valid_from_ms=0, recorded_ms=0)
    rate = PriceRow(id=1, price_list_id=7, leaf="input", pico_usd=9, above_tokens=-1)
    session.add_all([prices, rate])
    session.flush()
    session.execute(insert(CallRow).values(make_call(1, ALPHA, 5, price_list_id=7)))
    session.add(
        CallDetailRow(
            call_id=1,
            started_ms=5,
            connect_us=1_500,
            request_id="req-1",
            usage_reported={"prompt_tokens": 10},
        )
    )


def test_detail_has_phases_reported_usage_and_the_prices_used(database: Database) -> None:
    with database.writing() as session:
        write_detailed(session)
    with database.reading() as session:
        full = calls.detail(session, 1)

    assert full is not None
    assert full.detail is not None
    assert full.prices is not None
    assert (full.timings.connect_s, full.timings.ttft_s) == (0.0015, 0.25)
    assert (full.detail.request_id, full.detail.usage_reported) == ("req-1", {"prompt_tokens": 10})
    assert [rate.pico_usd for rate in full.prices.rates] == [9]


def test_a_call_outlives_its_detail(database: Database) -> None:
    write(database, make_call(1, ALPHA, 5))
    with database.reading() as session:
        full = calls.detail(session, 1)

    assert full is not None
    assert (full.detail, full.prices, full.timings.connect_s) == (None, None, None)
    assert (full.attribution, full.timings.total_s) == (Attribution(), 0.9)


def test_an_unknown_call_has_no_detail(database: Database) -> None:
    with database.reading() as session:
        assert calls.detail(session, 1) is None
