"""Usage and money to the last unit, in a file of SQLite and on a real PostgreSQL."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Attribution, Call, Detail, Origin
from monitor.domain.dedupe import dedupe_key
from monitor.domain.dimensions import Dimension
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import LEAVES, Usage, UsageState
from monitor.domain.windows import BUCKET_MS, DAY_MS, Window, day_of, day_window
from monitor.services.doctor import sums_agree
from monitor.services.repricing import Undoing
from monitor.storage.engine import Database
from monitor.storage.queries import usage as usage_queries
from monitor.storage.queries.totals import Totals, add_up
from tests.databases import forgetting
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, record, request
from tests.services.test_replay import QUICK, dump
from tests.services.test_repricing import apply, run, tell

pytestmark = pytest.mark.usefixtures("keeper")

#: A quarter of an hour off the hour, half an hour of summer time, both, and half an hour off.
ZONES = ("Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns")
SUMS = (
    "usage_15m",
    "usage_day",
    "user_day",
    "tag_day",
    "failure_15m",
    "latency_15m",
    "latency_day",
)
#: Some days on both sides of a Monday, so that zones put midnight elsewhere.
SPAN = Window(MONDAY_MS - 2 * DAY_MS, MONDAY_MS + 3 * DAY_MS)
UTC = ZoneInfo("UTC")

used = st.builds(
    lambda numbers: Usage(**dict(zip(LEAVES, numbers, strict=True))),
    st.lists(st.integers(0, 2**40), min_size=len(LEAVES), max_size=len(LEAVES)),
)
#: Names that would be one if `=` stood for itself in them.
who = st.builds(
    Detail,
    user_hash=st.sampled_from([None, b"\x01" * 16, b"\xfe" * 16]),
    tags=st.lists(
        st.sampled_from([("ring", "a"), ("ring=a", "b"), ("ring", "a=b")]),
        max_size=2,
        unique_by=lambda tag: tag[0],
    ).map(tuple),
)
#: All of it has a rate, so that it may cost something else.
priced = st.builds(
    lambda into, out: Usage(input=into, output=out), st.integers(0, 2**40), st.integers(0, 2**40)
)


@st.composite
def told(draw: st.DrawFn) -> Call:
    """A call that somebody tells of, under an id of the provider's."""
    counted = draw(st.none() | used | priced)
    call = request(
        draw(st.integers(-2 * 86_400, 3 * 86_400 - 1)),
        draw(st.sampled_from([Outcome.OK, Outcome.OVERLOADED, Outcome.RATE_LIMITED])),
        endpoint=draw(st.sampled_from([ENDPOINT.id, OTHER.id])),
        attribution=Attribution(team=draw(st.sampled_from(["search", "support", None]))),
        usage=counted,
        usage_state=UsageState.MISSING if counted is None else UsageState.MEASURED,
        is_live=False,
        detail=draw(st.none() | who),
    )
    return with_id(call, str(draw(st.uuids())))


def with_id(call: Call, external_id: str) -> Call:
    return replace(call, dedupe_key=dedupe_key("acme", external_id, call.started_ms))


books = st.lists(told(), min_size=1, max_size=12, unique_by=lambda call: call.dedupe_key)


@contextmanager
def opened(zone: str = "America/St_Johns") -> Iterator[Database]:
    with TemporaryDirectory() as folder, forgetting():
        database = open_database(Path(folder), zone=zone)
        yield database
        database.close()


def total(database: Database, window: Window, zone: ZoneInfo = UTC) -> Totals:
    with database.reading() as session:
        [found] = usage_queries.totals(session, window, zone).values()
    return found


def disagreements(database: Database) -> list[object]:
    with database.reading() as session:
        return list(sums_agree(session))


def by_hand(calls: Sequence[Call]) -> tuple[int, ...]:
    """The sum of each leaf over the calls whose usage is known."""
    known = [call.usage for call in calls if call.usage is not None]
    return tuple(sum(getattr(each, leaf) or 0 for each in known) for leaf in LEAVES)


def leaves(found: Totals) -> tuple[int, ...]:
    return tuple(getattr(found, leaf) for leaf in LEAVES)


@settings(max_examples=8, phases=QUICK)
@given(books, st.sampled_from(ZONES), st.data())
def test_buckets_are_the_ledger_and_parts_sum_to_the_whole(
    calls: list[Call], zone: str, data: st.DataObject
) -> None:
    home = ZoneInfo(zone)
    cuts = data.draw(st.lists(st.integers(SPAN.from_ms, SPAN.to_ms), max_size=5).map(sorted))
    edges = [SPAN.from_ms, *cuts, SPAN.to_ms]
    with opened(zone) as database:
        record(database, calls, MONDAY_MS + 4 * DAY_MS)
        whole = total(database, SPAN, home)
        parts = [total(database, Window(a, b), home) for a, b in pairwise(edges)]

        assert disagreements(database) == []
        assert (whole.n, leaves(whole)) == (len(calls), by_hand(calls))
        assert sum(part.n for part in parts) == whole.n
        assert tuple(map(sum, zip(*map(leaves, parts), strict=True))) == leaves(whole)
        assert sum(part.cost_nano_usd or 0 for part in parts) == (whole.cost_nano_usd or 0)
        with database.reading() as session:
            users = usage_queries.totals(session, SPAN, home, by=Dimension.USER)
        assert add_up(users.values()) == whole


@settings(max_examples=4, phases=QUICK)
@given(books, st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), min_size=2, max_size=4))
def test_telling_twice_in_parallel_and_in_overlapping_parts_changes_nothing(
    calls: list[Call], spans: list[tuple[int, int]]
) -> None:
    with opened() as once, opened() as often:
        record(once, calls)
        parts = [calls, *(calls[first : first + count] for first, count in spans)]
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(lambda part: part and record(often, part), parts))

        assert disagreements(often) == []
        assert total(often, SPAN) == total(once, SPAN)


def test_the_same_call_by_two_carriers_is_one() -> None:
    seen = request(10, usage=Usage(input=10), usage_state=UsageState.MEASURED)
    by_api = with_id(seen, "chatcmpl-1")
    by_import = with_id(replace(seen, origin=Origin.IMPORT), "chatcmpl-1")
    with opened() as database:
        record(database, [by_api])
        before = dump(database, ["call", *SUMS])
        record(database, [by_import], MONDAY_MS + DAY_MS)

        assert dump(database, ["call", *SUMS]) == before
        assert total(database, SPAN).n == 1


@pytest.mark.parametrize("zone", ZONES)
def test_a_late_call_lands_in_its_own_day(zone: str) -> None:
    home = ZoneInfo(zone)
    day = day_of(MONDAY_MS, home)
    midnight_ms = day_window(day, home).from_ms
    somebody = Detail(user_hash=b"\x01" * 16, tags=(("ring", "a"),))
    calls = [
        request((midnight_ms - MONDAY_MS) / 1000 + at_s, is_live=False, detail=somebody)
        for at_s in (-1, 0)
    ]
    with opened(zone) as database:
        record(database, calls, MONDAY_MS + 30 * DAY_MS)
        with database.reading() as session:
            [days] = usage_queries.by_day(session, day - 1, day, home).values()
            [own] = usage_queries.by_day(session, day - 1, day, home, by=Dimension.USER).values()
            [tag] = usage_queries.by_day(session, day - 1, day, home, by=Dimension.TAG).values()

        assert [each.totals.n for each in days] == [1, 1]
        assert days == own == tag
        assert midnight_ms % BUCKET_MS == 0


@settings(max_examples=3, phases=QUICK)
@given(books)
def test_pricing_anew_and_undoing_it_lead_back_to_the_same_sums(calls: list[Call]) -> None:
    with opened() as database:
        record(database, calls)
        before = dump(database, [*SUMS, "call"])
        tell(database, OTHER.id, 7_000_000, SPAN.from_ms)
        work = apply(database, ENDPOINT.id, OTHER.id)
        assert disagreements(database) == []
        run(database, Undoing(work.id or 0, MONDAY_MS))

        assert disagreements(database) == []
        assert dump(database, [*SUMS, "call"]) == before
