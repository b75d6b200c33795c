"""No page's cost may hang on how much is stored: how the hot reads are gone about."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from monitor.domain.dimensions import Dimension, Filters
from monitor.domain.health import Policy
from monitor.domain.histogram import Metric
from monitor.domain.steps import cut
from monitor.domain.windows import DAY_MS, HOUR_MS, Window
from monitor.storage.engine import Database
from monitor.storage.queries import (
    calls,
    evidence,
    failures,
    health,
    incidents,
    latency,
    operations,
    slices,
    spend,
    usage,
    vitals,
)
from monitor.storage.queries.calls import CallFilter
from tests.storage.queries.seeds import ALPHA, BETA

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
#: Two months, off the bucket edges.
WINDOW = Window(1_000 * DAY_MS + 1, 1_060 * DAY_MS + 1)
BIG = re.compile(
    r"(?:SCAN|Seq Scan on) (call|call_detail|failure_15m|vitals|gap|incident|usage_15m"
    r"|usage_day|user_day|tag_day"
    r"|latency_15m|latency_day|health_15m|health_day"
    r"|slice(_\d)?)\b"
)
BEFORE = (1_050 * DAY_MS, 77)

Read = Callable[[Session], object]
READS: dict[str, Read] = {
    "usage": lambda s: usage.totals(s, WINDOW, UTC, by=Dimension.MODEL),
    "usage in another zone": lambda s: usage.totals(s, WINDOW, BERLIN, by=Dimension.APP),
    "usage of one endpoint": lambda s: usage.totals(s, WINDOW, UTC, endpoint_ids=[ALPHA]),
    "usage by day": lambda s: usage.by_day(s, 719_000, 719_090, UTC),
    "usage by day in another zone": lambda s: usage.by_day(s, 719_000, 719_002, BERLIN),
    "usage of users": lambda s: usage.totals(s, WINDOW, UTC, by=Dimension.USER),
    "usage under tags": lambda s: usage.by_day(s, 719_000, 719_090, UTC, by=Dimension.TAG),
    "usage of a user": lambda s: usage.totals(s, WINDOW, UTC, filters=Filters(user="01" * 6)),
    "usage under a tag": lambda s: usage.totals(s, WINDOW, UTC, filters=Filters(tag="a=b")),
    "spend by lot": lambda s: spend.by_lot(s, WINDOW, Filters(team="red")),
    "spend of failed calls": lambda s: spend.failed(s, WINDOW, Filters(model="lab/beta")),
    "availability": lambda s: health.availability(s, WINDOW, UTC),
    "days": lambda s: health.days(s, 719_000, 719_090, UTC),
    "hours": lambda s: health.hours(s, WINDOW),
    "slices": lambda s: slices.between(s, WINDOW, Policy.PROVIDER),
    "ttft": lambda s: latency.histograms(s, WINDOW, Metric.TTFT, UTC),
    "connect of one": lambda s: latency.histograms(
        s, WINDOW, Metric.CONNECT, UTC, endpoint_ids=[ALPHA]
    ),
    "a series": lambda s: latency.series(s, WINDOW, Metric.TTFT, HOUR_MS, UTC),
    "days of a series": lambda s: latency.series(s, WINDOW, Metric.TTFT, DAY_MS, BERLIN),
    "calls of a window": lambda s: calls.page(s, CallFilter(window=WINDOW, only_failed=True)),
    "calls before": lambda s: calls.page(s, CallFilter(), BEFORE),
    "calls of two": lambda s: calls.page(s, CallFilter(endpoint_ids=[ALPHA, BETA]), BEFORE),
    "failures": lambda s: failures.counts(s, WINDOW, [ALPHA, BETA]),
    "failures over time": lambda s: failures.over_time(
        s, cut(WINDOW, HOUR_MS, UTC), UTC, [ALPHA, BETA]
    ),
    "failures by day": lambda s: failures.over_time(s, cut(WINDOW, DAY_MS, UTC), UTC, [ALPHA]),
    "incidents": lambda s: incidents.recent(s, WINDOW),
    "incidents of two": lambda s: incidents.recent(s, WINDOW, [ALPHA, BETA]),
    "the last look": vitals.newest,
    "looks over time": lambda s: vitals.over_time(s, cut(WINDOW, HOUR_MS, UTC)),
    "gaps over time": lambda s: vitals.gaps_over_time(s, cut(WINDOW, HOUR_MS, UTC)),
    "what opened an incident": lambda s: evidence.starting(s, WINDOW, [ALPHA]),
    "what nobody saw": lambda s: evidence.unknown_spans(s, Policy.USABLE, [1, 2]),
    "what closed an incident": lambda s: evidence.ending(s, WINDOW, [ALPHA]),
    "one call": lambda s: calls.detail(s, 1),
    "the last call": operations.last_call_ms,
}


def explain(database: Database, read: Read) -> list[str]:
    """How the database goes about every statement of a read, line by line.

    An empty table is best read whole: PostgreSQL is asked what it would do if it must not.
    """
    is_file = database.path is not None
    question = "EXPLAIN QUERY PLAN" if is_file else "EXPLAIN"
    statements: list[tuple[str, Any]] = []

    def note(*seen: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = seen
        statements.append((statement, parameters))

    with database.reading() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        read(session)
        event.remove(connection, "before_cursor_execute", note)
        if not is_file:
            connection.exec_driver_sql("SET enable_seqscan = off")
        plans = [
            connection.exec_driver_sql(f"{question} {text}", values).all()
            for text, values in statements
        ]
    return [row[-1] for plan in plans for row in plan]


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_no_read_scans_what_grows(database: Database, read: Read) -> None:
    steps = explain(database, read)

    assert steps
    assert [step for step in steps if BIG.search(step)] == []


def test_the_newest_calls_are_taken_off_the_end_of_the_index(database: Database) -> None:
    steps = explain(database, lambda s: calls.page(s, CallFilter()))

    if database.path is None:
        assert any("Index Scan Backward using call_started" in step for step in steps)
        return
    assert [step for step in steps if BIG.search(step)] == [
        "SCAN call USING COVERING INDEX call_started"
    ]
    assert not any("TEMP B-TREE" in step for step in steps[:2])
