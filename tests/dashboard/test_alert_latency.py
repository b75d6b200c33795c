from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard import ids
from dashboard.figures.deliveries import NEVER, promptness
from monitor.domain.promptness import Promptness
from monitor.domain.windows import BUCKET_MS, Window
from tests.dashboard.book import Book
from tests.dashboard.components import cell, rows, texts
from tests.dashboard.test_alerts import page, tell
from tests.making import MONDAY_MS

WINDOW, UTC = Window(MONDAY_MS, MONDAY_MS + 2 * BUCKET_MS), ZoneInfo("UTC")


def test_each_channel_has_its_median_and_its_p95_and_a_gap_where_nothing_arrived() -> None:
    course = [(MONDAY_MS, Promptness(3, 1_200, 4_000, 4_000, 0)), (MONDAY_MS + BUCKET_MS, None)]
    drawn = promptness({"ops": ("#112233", course)}, WINDOW, UTC)
    go.Figure(drawn)

    assert [(each["name"], each["y"]) for each in drawn["data"]] == [
        ("ops p50", [1.2, None]),
        ("ops p95", [4.0, None]),
    ]


def test_a_window_in_which_nothing_arrived_says_so() -> None:
    assert NEVER in str(promptness({}, WINDOW, UTC))


def test_the_page_shows_how_soon_alerts_arrived_with_their_number(book: Book) -> None:
    empty = page(book)
    tell(book, None)
    drawn = page(book)
    [first, _] = rows(drawn, ids.ALERTS_LATENCY_ROWS)

    assert NEVER in str(empty)
    assert (cell(first, 0), cell(first, 1)) == ("hook", "1")
    assert "How soon alerts arrive" in texts(drawn)
