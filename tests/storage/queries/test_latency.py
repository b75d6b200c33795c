from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind, Origin
from monitor.domain.histogram import Metric, quantile_s
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window, day_window
from monitor.storage.engine import Database
from monitor.storage.queries import latency
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import ALPHA, BETA, Book, make_call

UTC, KATHMANDU = ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")
DAY = date(2025, 5, 5).toordinal()
START_MS = day_window(DAY, UTC).from_ms
WINDOW = Window(START_MS, START_MS + 2 * DAY_MS)


@pytest.fixture
def session(empty: Database) -> Iterator[Session]:
    """Of alpha: a probe, a team's call an hour later, a late one. Of beta: a failure, one token."""
    calls = [
        make_call(1, ALPHA, START_MS + HOUR_MS, ttft_us=200_000),
        make_call(2, ALPHA, START_MS + 2 * HOUR_MS, ttft_us=400_000, origin=Origin.API),
        make_call(3, ALPHA, START_MS + 20 * HOUR_MS, ttft_us=800_000),
        make_call(5, BETA, START_MS + 2 * HOUR_MS, output=1),
        make_call(4, BETA, START_MS + HOUR_MS, outcome=Outcome.SERVER_ERROR),
    ]
    calls = [call | {"kind": Kind.REQUEST} for call in calls]
    with empty.writing() as session:
        write_book(session, Book(UTC, START_MS, WINDOW.to_ms, calls=calls))
        yield session


def count(histogram: latency.Histogram) -> int:
    return sum(histogram.values())


def test_values_of_good_calls_alone_are_merged(session: Session) -> None:
    found = latency.histograms(session, WINDOW, Metric.TTFT, UTC)

    assert {number: count(histogram) for number, histogram in found.items()} == {ALPHA: 3, BETA: 1}
    assert quantile_s(found[ALPHA], 0.5) == pytest.approx(0.4, rel=0.1)


def test_one_origin_can_be_asked_for(session: Session) -> None:
    found = latency.histograms(session, WINDOW, Metric.TTFT, UTC, origin=Origin.API)

    assert count(found[ALPHA]) == 1


def test_the_rate_is_of_the_tokens_after_the_first(session: Session) -> None:
    # Five tokens, the first at 0.2 s, the last at 0.9 s; read from the call itself.
    edge = Window(START_MS + HOUR_MS, START_MS + HOUR_MS + 1)

    (found,) = latency.histograms(session, edge, Metric.OUTPUT_RATE, UTC).values()

    assert quantile_s(found, 1) == pytest.approx(4 / 0.7 / 1000, rel=0.11)


def test_one_token_has_no_rate(session: Session) -> None:
    edge = Window(START_MS + 2 * HOUR_MS, START_MS + 2 * HOUR_MS + 1)

    assert list(latency.histograms(session, edge, Metric.TTFT, UTC)) == [ALPHA, BETA]
    assert list(latency.histograms(session, edge, Metric.OUTPUT_RATE, UTC)) == [ALPHA]


def test_a_series_has_every_step(session: Session) -> None:
    window = Window(START_MS + 7, START_MS + 3 * HOUR_MS + 7)
    points = latency.series(session, window, Metric.TTFT, HOUR_MS, UTC)[ALPHA]

    assert [p.from_ms - START_MS for p in points] == [n * HOUR_MS for n in range(4)]
    assert [count(p.histogram) for p in points] == [0, 1, 1, 0]


@pytest.mark.parametrize(("zone", "counts"), [(UTC, [3, 0]), (KATHMANDU, [2, 1, 0])])
def test_steps_of_a_day_are_the_zones_days(
    session: Session, zone: ZoneInfo, counts: list[int]
) -> None:
    points = latency.series(session, WINDOW, Metric.TTFT, DAY_MS, zone)[ALPHA]

    first = day_window(DAY, zone).from_ms
    assert [p.from_ms - first for p in points] == [n * DAY_MS for n in range(len(counts))]
    assert [count(p.histogram) for p in points] == counts


@pytest.mark.parametrize("step_ms", [0, -BUCKET_MS, BUCKET_MS + 1])
def test_a_step_that_splits_buckets_is_refused(session: Session, step_ms: int) -> None:
    with pytest.raises(ValueError, match="no multiple of 15 minutes"):
        latency.series(session, WINDOW, Metric.TTFT, step_ms, UTC)
