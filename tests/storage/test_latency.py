"""What the histograms count, as they are written and as they are read from the ledger."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Call, Kind, Timings
from monitor.domain.histogram import Metric, bin_of
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import BUCKET_MS, Window
from monitor.storage.engine import Database
from monitor.storage.queries import latency, measures
from tests.making import MONDAY_MS, open_database, probe, record

UTC = ZoneInfo("UTC")
WHOLE = Window(MONDAY_MS, MONDAY_MS + BUCKET_MS)
COLD = Timings(connect_s=0.05, tls_s=0.1, first_byte_s=0.35, ttft_s=0.4, total_s=1.15)
WARM = Timings(first_byte_s=0.2, ttft_s=0.25, total_s=1.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def call(timings: Timings, kind: Kind = Kind.INFER, at_s: float = 0) -> Call:
    usage = Usage(input=10, output=151)
    return probe(
        at_s, kind=kind, timings=timings, usage=usage, usage_state=UsageState.MEASURED, gap_s=1.0
    )


def read(database: Database, metric: Metric) -> dict[int, int]:
    """All values of a metric: as they were summed up, and the same as they stand in the ledger."""
    with database.reading() as session:
        summed = latency.histograms(session, WHOLE, metric, UTC)
        single = Counter(k for _, k in measures.bins(session, WHOLE, metric))
    merged: Counter[int] = Counter()
    for histogram in summed.values():
        merged.update(histogram)
    assert merged == single
    return dict(merged)


@pytest.mark.parametrize(
    ("metric", "seconds"), [(Metric.FIRST_BYTE, 0.2), (Metric.TTFT, 0.25), (Metric.TOTAL, 1.0)]
)
def test_a_call_on_a_new_connection_counts_like_one_on_an_open_one(
    database: Database, metric: Metric, seconds: float
) -> None:
    record(database, [call(COLD), call(WARM, at_s=10)])

    assert read(database, metric) == {bin_of(seconds * 10_000): 2}


def test_what_it_took_to_connect_has_its_own_figures(database: Database) -> None:
    record(database, [call(COLD), call(WARM, at_s=10)])

    assert read(database, Metric.CONNECT) == {bin_of(500): 1}
    assert read(database, Metric.TLS) == {bin_of(1_000): 1}


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (Kind.REQUEST, {Metric.TTFT: 1, Metric.TOTAL: 1, Metric.OUTPUT_RATE: 1}),
        (Kind.INFER, {Metric.TTFT: 1, Metric.TOTAL: 1, Metric.OUTPUT_RATE: 0}),
        (Kind.PERFORMANCE, {Metric.TTFT: 0, Metric.TOTAL: 0, Metric.OUTPUT_RATE: 1}),
        (Kind.CAPABILITY, {Metric.TTFT: 0, Metric.TOTAL: 0, Metric.OUTPUT_RATE: 0}),
    ],
)
def test_no_figure_mixes_long_and_tiny_questions(
    database: Database, kind: Kind, counts: dict[Metric, int]
) -> None:
    record(database, [call(WARM, kind)])

    assert {metric: sum(read(database, metric).values()) for metric in counts} == counts


def test_the_speed_is_of_the_tokens_after_the_first(database: Database) -> None:
    record(database, [call(COLD, Kind.PERFORMANCE)])

    assert read(database, Metric.OUTPUT_RATE) == {bin_of(150 / 0.75 * 10): 1}


spans_s = st.floats(0, 3).map(lambda s: round(s, 6))
timings = st.builds(
    lambda connect_s, first_s, more_s: Timings(
        connect_s=connect_s,
        first_byte_s=(connect_s or 0) + first_s,
        ttft_s=(connect_s or 0) + first_s + more_s,
        total_s=(connect_s or 0) + first_s + 2 * more_s,
    ),
    st.none() | spans_s,
    spans_s,
    spans_s,
)


@settings(max_examples=25)
@given(st.lists(st.tuples(timings, st.sampled_from(list(Kind))), max_size=8))
def test_sums_and_ledger_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[Timings, Kind]]
) -> None:
    database = open_database(tmp_path_factory.mktemp("latency"))
    record(database, [call(each, kind, at_s=n) for n, (each, kind) in enumerate(made)])
    for metric in Metric:
        read(database, metric)
    database.close()
