"""What pages say of endpoints that are degraded, in maintenance or paused."""

from dataclasses import replace

import pytest

from dashboard import ids
from dashboard.reads import Reads
from monitor.domain.calls import Detail, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.maintenance import Maintenance
from monitor.domain.outcomes import Outcome
from monitor.domain.pauses import Pause, Scope
from monitor.domain.windows import HOUR_MS, MINUTE_MS, Window
from monitor.storage import maintenance, pauses
from tests.dashboard.book import FAILING, GOOD, Book, probe, probes
from tests.dashboard.components import cell, rows, texts
from tests.dashboard.test_pages import draw


@pytest.fixture
def two(book: Book) -> Book:
    """One endpoint that is up, and one that is down since ten minutes."""
    start_ms, down_ms = book.now_ms - HOUR_MS, book.now_ms - 10 * MINUTE_MS
    book.watch([GOOD, FAILING], since_ms=start_ms)
    book.record(probes(GOOD, start_ms, book.now_ms))
    book.record(probes(FAILING, start_ms, down_ms))
    book.record(probe(FAILING, down_ms + n * 5_000, Outcome.OVERLOADED) for n in range(3))
    book.record([probe(FAILING, book.now_ms - 2_000, Outcome.OVERLOADED)])
    return book


def maintain(book: Book, provider: str) -> None:
    window = Window(book.now_ms - MINUTE_MS, book.now_ms + HOUR_MS)
    with book.database.writing() as session:
        planned = Maintenance("move", window, provider=provider)
        maintenance.put(session, "tests", [planned], book.now_ms)


def pause(book: Book, provider: str) -> None:
    with book.database.writing() as session:
        scope = Scope(provider=provider)
        pauses.add(session, Pause(scope, book.now_ms - MINUTE_MS, None, "ops"), None)


def state_of(book: Book, provider: str) -> str:
    page = draw(Reads(book.database, book.home), f"/providers/{provider}")
    return cell(rows(page, ids.PROVIDER_ENDPOINTS)[0], 1)


def first_words(book: Book) -> str:
    return texts(draw(Reads(book.database, book.home), "/")).partition(" Newest")[0]


def test_an_endpoint_in_maintenance_is_not_called_down(two: Book) -> None:
    maintain(two, "borealis")

    assert state_of(two, "borealis") == "Maintenance down beneath it"
    assert first_words(two) == "The endpoint is up, 1 in maintenance"


def test_a_paused_endpoint_says_what_its_last_probe_found(two: Book) -> None:
    pause(two, "aurora")

    assert state_of(two, "aurora") == "Paused up by the last probe"
    assert first_words(two).startswith("1 of 1 endpoint down since")
    assert first_words(two).endswith(", 1 paused")


def test_where_all_is_set_aside_nothing_is_claimed(two: Book) -> None:
    maintain(two, "aurora")
    pause(two, "borealis")

    assert first_words(two) == "All 2 endpoints are paused or in maintenance"


def test_what_is_set_aside_comes_last_in_a_list(two: Book) -> None:
    maintain(two, "borealis")
    page = draw(Reads(two.database, two.home), "/")

    assert [row["g"] for row in rows(page, ids.OVERVIEW_TABLE)] == ["aurora", "borealis"]


def test_capabilities_and_speed_at_length_are_those_of_the_newest_probes(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)

    def dear(kind: Kind, ago_ms: int, outcome: Outcome, which: Capability | None = None) -> None:
        call = probe(GOOD, book.now_ms - ago_ms, outcome)
        book.record([replace(call, kind=kind, detail=Detail(capability=which))])

    dear(Kind.CAPABILITY, 9_000, Outcome.WRONG_ANSWER, Capability.IMAGE)
    dear(Kind.CAPABILITY, 8_000, Outcome.OK, Capability.IMAGE)
    dear(Kind.CAPABILITY, 7_000, Outcome.WRONG_ANSWER, Capability.TOOL)
    dear(Kind.CAPABILITY, 6_000, Outcome.OVERLOADED, Capability.SCHEMA)
    dear(Kind.PERFORMANCE, 5_000, Outcome.OK)
    reads = Reads(book.database, book.home)
    for path, table in (
        ("/providers/aurora", ids.PROVIDER_ABILITIES),
        (f"/models/{GOOD}", ids.MODEL_ABILITIES),
    ):
        [row] = rows(draw(reads, path), table)
        said = [cell(row, place).split(" ")[0] for place in range(3, 7)]

        assert said == ["Can", "Not", "Cannot", "not"]
        assert cell(row, 1).startswith("400 ms")
        assert cell(row, 2).endswith("tok/s")


def test_without_such_probes_the_table_is_empty(two: Book) -> None:
    page = draw(Reads(two.database, two.home), "/providers/aurora")

    assert rows(page, ids.PROVIDER_ABILITIES) == []
