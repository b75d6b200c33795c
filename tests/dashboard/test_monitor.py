from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import choose
from dashboard.pages.monitor import check_sums
from dashboard.reads import Reads
from monitor.domain.vitals import Vitals
from monitor.domain.windows import HOUR_MS, MINUTE_MS
from monitor.storage import gaps, lease, probe_caps, quarantine, vitals
from monitor.storage.gaps import GapReason
from tests.dashboard.book import GOOD, HOME, Book, probes
from tests.dashboard.components import cell, rows, texts, walk
from tests.dashboard.test_pages import draw

LOOK = Vitals(
    at_ms=0,
    lag_s=0.0042,
    queued=3,
    in_flight=2,
    missed_runs=1,
    skipped_runs=0,
    clock_steps=0,
    clock_behind_s=0.0,
    is_writable=True,
    spooled=0,
    spool_bytes=16,
    spool_limit_bytes=64_000_000,
    lost=0,
    quarantined=0,
    database_bytes=30_000_000,
    wal_bytes=1_500_000,
)


def run_monitor(book: Book, *, looks: int = 5, silent_ms: int = 0, **last: Any) -> None:
    """A monitor that holds the lease and took looks a minute apart, the last some time ago."""
    end_ms = book.now_ms - silent_ms
    with book.database.writing() as session:
        lease.take(session, 4711, "watch-01", end_ms - HOUR_MS)
        lease.beat(session, 4711, "watch-01", end_ms)
        for n in range(looks):
            look = replace(LOOK, at_ms=end_ms - n * MINUTE_MS)
            vitals.add(session, look if n else replace(look, **last))


def draw_monitor(book: Book, search: str = "") -> Component:
    return draw(Reads(book.database, book.home), "/monitor", search)


def said(book: Book) -> str:
    """The page's first words."""
    return texts(draw_monitor(book))[:120]


def figure_of(page: Component, component_id: str) -> Any:  # noqa: ANN401 - Plotly's own
    charts = {getattr(each, "id", ""): getattr(each, "figure", None) for each in walk(page)}
    return charts[component_id]


def test_before_any_monitor_ran_the_page_says_how_to_start_it(book: Book) -> None:
    assert said(book).startswith("No monitor has run here yet Start it with  inferwatch up")


def test_a_monitor_that_runs_names_its_process(book: Book) -> None:
    run_monitor(book)

    assert said(book).startswith("The monitor runs Writer: process 4711 on watch-01, since ")


def test_a_monitor_that_fell_silent_is_not_called_running(book: Book) -> None:
    run_monitor(book, silent_ms=10 * MINUTE_MS)

    assert said(book).startswith("The monitor was not heard of since ")


def test_a_monitor_that_was_ended_says_so(book: Book) -> None:
    run_monitor(book)
    with book.database.writing() as session:
        lease.give_up(session, 4711, "watch-01")

    assert said(book).startswith("The monitor was ended after ")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ({"is_writable": False}, "The monitor runs, but its last write was refused"),
        ({"lost": 2}, "The monitor runs; 2 probes found no room on the spool"),
    ],
)
def test_a_monitor_in_trouble_says_which(book: Book, last: dict[str, Any], words: str) -> None:
    run_monitor(book, **last)

    assert said(book).startswith(words)


def test_the_cards_tell_lag_queue_spool_lost_runs_and_size(book: Book) -> None:
    run_monitor(book)
    page = draw_monitor(book)
    cards = [
        texts(each) for each in walk(page) if "iw-card " in str(getattr(each, "className", ""))
    ]

    assert [each.split(" the ")[0] for each in cards[:2]] == [
        "Event-loop lag 4.2 ms",
        "Writer queue 3 calls",
    ]
    assert cards[2] == "Spool 0 calls 64.0 MB reserved, all of it free none was ever lost"
    assert cards[3].startswith("Runs not made 5 5 missed, 0 skipped")
    assert cards[4].startswith("Database 30.0 MB growth not known yet")


def test_growth_is_told_once_an_hour_is_known(book: Book) -> None:
    run_monitor(book, looks=181, database_bytes=30_125_000)
    page = draw_monitor(book)

    assert "+1.00 MB a day in this window" in texts(page)


def test_time_without_a_monitor_is_shaded_and_no_zero(book: Book) -> None:
    run_monitor(book, looks=61)
    drawn = figure_of(draw_monitor(book), ids.MONITOR_LAG)
    figure = go.Figure(drawn)

    assert [shape.type for shape in figure.layout.shapes] == ["rect"]
    assert None in figure.data[0].y
    assert 0.0042 in figure.data[0].y


def test_probes_that_were_not_sent_are_stacked_by_reason(book: Book) -> None:
    with book.database.writing() as session:
        for reason in (GapReason.CAPPED, GapReason.MISSED, GapReason.MISSED):
            gaps.add(session, 1, book.now_ms - HOUR_MS, reason, runs=2)
    drawn = go.Figure(figure_of(draw_monitor(book), ids.MONITOR_GAPS))

    assert {trace.name: sum(trace.y) for trace in drawn.data} == {"capped": 2, "missed": 4}


def test_spent_probe_money_is_held_against_the_caps(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - MINUTE_MS)
    book.record(probes(GOOD, book.now_ms - 1_000, book.now_ms))
    with book.database.writing() as session:
        probe_caps.state(session, probe_caps.Caps(1_000_000, {"aurora": 72_000}))
    own, whole = rows(draw_monitor(book, "?window=7d"), ids.MONITOR_BUDGETS)

    assert [cell(own, place) for place in range(5)] == [
        "aurora",
        "1",
        "$0.000072",
        "$0.000072",
        "100 %",
    ]
    assert [cell(whole, place) for place in (0, 3, 4)] == ["All together", "$0.0010", "7 %"]


def test_a_call_in_quarantine_is_listed_with_its_reason(book: Book) -> None:
    with book.database.writing() as session:
        quarantine.add(session, book.now_ms, "ContradictoryUsage: 40 of 12", "{}")
    [row] = rows(draw_monitor(book), ids.MONITOR_QUARANTINE)

    assert cell(row, 1) == "ContradictoryUsage: 40 of 12"


def test_sums_are_checked_on_demand_and_a_wrong_one_is_named(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record(probes(GOOD, book.now_ms - HOUR_MS, book.now_ms))
    choice = choose("?window=7d", HOME, book.now_ms + 1)
    with book.database.writing() as session:
        agreeing = check_sums(session, choice)
        session.connection().exec_driver_sql("UPDATE usage_day SET n = n + 1")
        wrong = check_sums(session, choice)

    assert agreeing.endswith("all sums of 7\u00a0days agree.")
    assert "the first in usage_day" in wrong
    assert wrong.endswith("Run inferwatch db rebuild.")


def test_an_hour_is_drawn_in_steps_that_each_have_a_look(book: Book) -> None:
    run_monitor(book, looks=61)
    drawn = figure_of(draw_monitor(book, "?window=1h"), ids.MONITOR_LAG)

    assert 20 <= len(drawn["data"][0]["y"]) <= 22
    assert drawn["layout"]["shapes"] == []
