"""The page of budgets: bars, what is projected and what was told; and how to begin."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard import ids
from dashboard.components.burn import burn
from dashboard.reads import Reads
from monitor.domain.budgets import Budget, Override, Scope, ScopeKind
from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.services import budgets
from tests.dashboard.book import GOOD, HOSTILE, Book, request
from tests.dashboard.components import cell, rows, texts
from tests.dashboard.test_pages import draw

YEAR = Cycle(Period.YEAR, ZoneInfo("Pacific/Apia"))
#: A request of the book: 900 at $2, 300 at $1 and 300 at $8 a million.
COST = 4_500_000
SEARCH = Budget("search", Scope(ScopeKind.TEAM, "search"), 10 * COST, YEAR)


def spend(book: Book, calls: int, *made: Budget) -> None:
    """Calls of these minutes, under budgets."""
    since_ms = book.now_ms - 9 * DAY_MS
    book.watch([GOOD], since_ms=since_ms)
    with book.database.writing() as session:
        budgets.install(session, made or (SEARCH,), since_ms)
    book.record(request(GOOD, book.now_ms - 60_000 - n) for n in range(calls))


def test_without_budgets_the_page_shows_what_to_write(reads: Reads) -> None:
    page = draw(reads, "/budgets")

    assert texts(page).startswith("No budgets yet Add one to inferwatch.yaml")
    assert "amount_usd: 250" in texts(page)
    assert rows(page, ids.BUDGETS_TABLE) == rows(page, ids.BUDGETS_FIRED) == []


def test_a_budget_shows_how_far_it_has_come(book: Book, reads: Reads) -> None:
    spend(book, 6)
    page = draw(reads, "/budgets")
    [row] = rows(page, ids.BUDGETS_TABLE)

    assert texts(page).startswith("1 budget within its amount")
    assert cell(row, 0).startswith("search team search · ")
    assert [cell(row, n) for n in (1, 2, 3)] == ["60 %", "$0.03", "$0.04"]
    assert cell(row, 4) == "– no whole day yet"
    assert cell(row, 6) == "6 the cost of all is known"


def test_a_budget_that_is_used_up_says_so_first(book: Book, reads: Reads) -> None:
    spend(book, 10)
    page = draw(reads, "/budgets")
    [row] = rows(page, ids.BUDGETS_TABLE)
    fired = rows(page, ids.BUDGETS_FIRED)

    assert texts(page).startswith("1 of 1 budget used up")
    assert (cell(row, 1), cell(row, 5), row["c"][1]["tone"]) == ("100 %", "used up", "bad")
    assert {cell(each, 2) for each in fired} == {"50 %", "80 %", "100 %"}
    assert {cell(each, 6) for each in fired} == {"not delivered; see Alerts"}


def test_what_will_not_last_says_when_it_is_used_up(book: Book, reads: Reads) -> None:
    month = Cycle(Period.YEAR, ZoneInfo("UTC"), month=1)
    spend(book, 1, Budget("all", Scope(ScopeKind.TOTAL), 10**15, month))
    book.record(request(GOOD, book.now_ms - n * DAY_MS) for n in range(1, 9))
    [row] = rows(draw(reads, "/budgets"), ids.BUDGETS_TABLE)

    assert cell(row, 4).endswith("a day over 7 days")
    assert cell(row, 5) == "not in this period"


def test_another_amount_is_shown_with_who_and_why_and_whatever_he_writes(
    book: Book, reads: Reads
) -> None:
    spend(book, 1)
    made = Override("search", COST, book.now_ms - 1, book.now_ms + HOUR_MS, "al", HOSTILE)
    with book.database.writing() as session:
        budgets.override(session, made)
    [row] = rows(draw(reads, "/budgets"), ids.BUDGETS_TABLE)

    assert "then $0.04" in cell(row, 3)
    assert cell(row, 3).endswith(f"al: {HOSTILE}")


def test_calls_of_unknown_cost_make_a_budget_not_known(book: Book, reads: Reads) -> None:
    spend(book, 0)
    book.record([request(GOOD, book.now_ms - 60_000, has_usage=False)])
    [row] = rows(draw(reads, "/budgets"), ids.BUDGETS_TABLE)

    assert cell(row, 1) == "not known no call of it has a known cost"
    assert (row["c"][1]["burn"], cell(row, 6)) == (None, "1 1 without usage")


@pytest.mark.parametrize(
    ("spent", "projected", "tone", "places"),
    [
        (40_000, 70_000, "", (40, 70, [50, 80])),
        (85_000, None, "warned", (85, 85, [50, 80])),
        (100_000, 125_000, "bad", (80, 100, [40, 64, 80])),
        (900_000, 950_000, "bad", (100, 100, [33.33, 53.33, 66.67])),
    ],
)
def test_a_bar_ends_at_the_whole_or_at_what_is_more(
    spent: int, projected: int | None, tone: str, places: tuple[float, float, list[float]]
) -> None:
    cell: Any = burn(spent, projected, [50, 80, 100], shown="", below="")

    assert cell["burn"] == dict(zip(("spent", "projected", "marks"), places, strict=True)) | {
        "tone": tone
    }
