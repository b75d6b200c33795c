import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.app import PAGES
from dashboard.reads import Reads
from dashboard.shell import draw_page
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import DAY_MS, HOUR_MS
from tests.dashboard.book import FAILING, GOOD, HOSTILE, INTERVAL_MS, Book, probe, probes, request
from tests.dashboard.components import cell, rows, texts, walk
from tests.dashboard.test_pages import draw

#: A window that the whole day lies in, however long the tests take.
WEEK = "?window=7d"


def refuse(book: Book, *outcomes: Outcome) -> None:
    """An hour of good probes, and then these, one after the other."""
    start_ms = book.now_ms - HOUR_MS
    book.watch([GOOD], since_ms=start_ms)
    until_ms = book.now_ms - len(outcomes) * INTERVAL_MS
    book.record(probes(GOOD, start_ms, until_ms))
    book.record(
        probe(GOOD, until_ms + place * INTERVAL_MS, outcome)
        for place, outcome in enumerate(outcomes)
    )


def draw_provider(book: Book, provider: str = "aurora", search: str = "") -> Component:
    return draw_page(Reads(book.database, book.home), PAGES, f"/providers/{provider}", search)


def test_a_provider_that_is_down_says_so_first(day_reads: Reads) -> None:
    page = draw(day_reads, "/providers/borealis")

    assert texts(page).startswith("borealis 1 of 1 endpoint down since")
    assert cell(rows(page, ids.PROVIDER_ENDPOINTS)[0], 1).startswith("Down since")


def test_an_endpoint_shows_both_availabilities_with_coverage_and_n(day_reads: Reads) -> None:
    [row] = rows(draw(day_reads, "/providers/aurora", WEEK), ids.PROVIDER_ENDPOINTS)

    assert cell(row, 2).startswith("100 % ")
    assert "watched · n 324" in cell(row, 2)
    assert cell(row, 3).startswith("100 % ")


def test_success_rates_stand_beside_apart_with_their_interval_and_n(book: Book) -> None:
    start_ms = book.now_ms - 30 * INTERVAL_MS
    book.watch([GOOD], since_ms=start_ms)
    book.record(probe(GOOD, start_ms, Outcome.SERVER_ERROR) for _ in range(1))
    book.record(probes(GOOD, start_ms + INTERVAL_MS, start_ms + 20 * INTERVAL_MS))
    book.record(request(GOOD, start_ms + n) for n in range(99))
    [row] = rows(draw_provider(book), ids.PROVIDER_ENDPOINTS)

    # 19 of 20, by Wilson's interval; 99 team calls are one too few
    assert cell(row, 6) == "95.00 % 95 %: 76.38 % to 99.111 % · n 20"
    assert cell(row, 7) == "too few n 99"


def test_percentiles_are_given_phase_by_phase(day_reads: Reads) -> None:
    listed = rows(draw(day_reads, "/providers/borealis", WEEK), ids.PROVIDER_PHASES)

    assert [cell(row, 0).split(" ")[0] for row in listed] == [
        "Connect",
        "TLS",
        "First",
        "First",
        "Whole",
    ]
    assert cell(listed[0], 2) == "12 ms"
    assert {cell(row, 6) for row in listed} == {"284"}


def test_failed_calls_are_counted_by_class_with_a_way_to_them(day_reads: Reads) -> None:
    [row] = rows(draw(day_reads, "/providers/borealis"), ids.PROVIDER_CLASSES)

    assert [cell(row, place) for place in (1, 2, 4)] == ["the provider", "6", "1"]
    assert row["h"] == "/calls?provider=borealis&outcome=overloaded"
    assert len(rows(draw(day_reads, *row["h"].split("?")), ids.CALLS_TABLE)) == 6


def test_a_refused_account_leaves_the_providers_availability_alone(book: Book) -> None:
    refuse(book, *[Outcome.AUTH] * 6)
    [row] = rows(draw_provider(book), ids.PROVIDER_ACCOUNTS)

    assert cell(row, 1).startswith("Refused auth since")
    assert cell(row, 3) == "50 % 6 of 12"
    assert cell(row, 4).split(" %")[0] < "60"
    assert cell(row, 5).startswith("100 %")


def test_rate_limits_are_told_apart_from_other_refusals(book: Book) -> None:
    refuse(book, Outcome.RATE_LIMITED, Outcome.OK)
    [row] = rows(draw_provider(book), ids.PROVIDER_ACCOUNTS)

    assert [cell(row, place) for place in (2, 3)] == ["8 % 1 of 12", "none 0 of 12"]
    assert cell(row, 1) == "Let in by the newest answer"


def test_an_endpoint_that_was_never_probed_is_unknown_and_without_figures(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms)
    page = draw_provider(book)
    [row] = rows(page, ids.PROVIDER_ENDPOINTS)

    assert cell(row, 1) == "Unknown no verdict yet"
    assert [cell(row, place) for place in (2, 4, 6, 8)] == [
        "no data n 0",
        "no data",
        "no data n 0",
        "–",
    ]
    assert "Nothing is known of the endpoint yet" in texts(page)


def test_time_without_calls_is_shaded_and_no_zero(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    book.record([probe(GOOD, book.now_ms - HOUR_MS, Outcome.OVERLOADED)])
    page = draw_provider(book)
    charts = {getattr(each, "id", ""): getattr(each, "figure", None) for each in walk(page)}
    figure = charts[ids.PROVIDER_FAILURES]
    assert figure is not None

    assert sum(value is not None for value in figure["data"][0]["y"]) == 1
    assert len(figure["layout"]["shapes"]) == 2


def test_failures_of_a_provider_are_listed_by_its_name(day_reads: Reads) -> None:
    failed = rows(draw(day_reads, "/calls", "?provider=borealis&outcome=failed"), ids.CALLS_TABLE)
    good = rows(draw(day_reads, "/calls", "?provider=aurora&outcome=failed"), ids.CALLS_TABLE)

    assert (len(failed), len(good)) == (6, 0)


@pytest.mark.parametrize("search", ["?provider=x", "?provider=aurora&endpoint=x"])
def test_a_provider_that_cannot_be_is_told(day_reads: Reads, search: str) -> None:
    assert "This address cannot be read" in texts(draw(day_reads, "/calls", search))


def test_a_hostile_providers_page_is_found_by_its_link(day_reads: Reads) -> None:
    listed = rows(draw(day_reads, "/providers"), ids.PROVIDERS_TABLE)
    link = next(row["h"] for row in listed if HOSTILE.startswith(row["k"]))

    assert texts(draw(day_reads, link)).startswith("evil The endpoint is up")


def test_a_list_of_providers_counts_what_is_open_and_what_failed(day_reads: Reads) -> None:
    page = draw(day_reads, "/providers", WEEK)
    listed = {row["k"]: row for row in rows(page, ids.PROVIDERS_TABLE)}

    assert cell(listed["borealis"], 6) == "1"
    assert cell(listed["borealis"], 5) == "6 2 % of 290"
    assert cell(listed["aurora"], 6) == "none"


def test_a_name_that_a_query_would_cut_stays_whole_in_its_link(book: Book) -> None:
    book.watch(["a?b#c/m"], since_ms=book.now_ms)
    book.record([request("a?b#c/m", book.now_ms - 1_000)])
    [row] = rows(draw(Reads(book.database, book.home), "/providers"), ids.PROVIDERS_TABLE)

    assert row["h"] == "/providers/a%3Fb%23c"


def test_a_provider_links_from_its_models(day_reads: Reads) -> None:
    [row] = rows(draw(day_reads, f"/models/{FAILING}"), ids.MODEL_PROVIDERS)

    assert row["c"][0]["h"] == "/providers/borealis"
