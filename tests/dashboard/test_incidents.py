import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard import ids
from dashboard.reads import Reads
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.deliveries import Refused
from monitor.domain.notes import Note, NoteKind
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.windows import HOUR_MS, MINUTE_MS
from monitor.services import acknowledgements, alerts, deliveries, notes
from tests.alerting import to_hooks
from tests.dashboard.book import FAILING, GOOD, INTERVAL_MS, Book, probe, probes, request
from tests.dashboard.components import cell, rows, texts, walk
from tests.dashboard.test_pages import draw

CANARY = '<img src=x onerror="window.owned=1">'
AFTER_MS = (0, 3_000, 25_000, 2 * MINUTE_MS)


def write_outage(book: Book, *, ends: bool = True, outcome: Outcome = Outcome.OVERLOADED) -> None:
    """An hour ago: down for some minutes."""
    start_ms = book.now_ms - 2 * HOUR_MS
    down_ms = book.now_ms - HOUR_MS
    book.watch([GOOD], since_ms=start_ms)
    book.record(probes(GOOD, start_ms, down_ms))
    book.record(probe(GOOD, down_ms + after_ms, outcome) for after_ms in AFTER_MS)
    if ends:
        book.record(probes(GOOD, down_ms + INTERVAL_MS, book.now_ms))


@pytest.fixture
def page(book: Book) -> Reads:
    write_outage(book)
    return Reads(book.database, book.home)


def test_the_list_says_what_failed_for_how_long(page: Reads) -> None:
    [row] = rows(draw(page, "/incidents"), ids.INCIDENTS_TABLE)

    assert [cell(row, place) for place in (1, 2)] == [f"{GOOD} aurora", "overloaded endpoint down"]
    assert cell(row, 3) == "critical"
    assert cell(row, 4).startswith("Resolved ended")
    assert cell(row, 5) == "5 min"
    assert row["h"] == "/incidents/1"


@pytest.mark.parametrize(
    ("search", "n"),
    [
        ("?stage=open", 0),
        ("?stage=resolved&severity=critical", 1),
        ("?severity=warning", 0),
        ("?kind=account", 0),
        ("?kind=availability&provider=aurora", 1),
        ("?window=custom&from=2020-01-01&to=2020-01-02", 0),
    ],
)
def test_incidents_are_filtered_by_the_query(page: Reads, search: str, n: int) -> None:
    assert len(rows(draw(page, "/incidents", search), ids.INCIDENTS_TABLE)) == n


@pytest.mark.parametrize("search", ["?stage=x", "?severity=x", "?kind=x", "?provider=x"])
def test_a_filter_that_cannot_be_is_told(page: Reads, search: str) -> None:
    assert "This address cannot be read" in texts(draw(page, "/incidents", search))


def test_an_incident_is_told_call_by_call(page: Reads) -> None:
    drawn = draw(page, "/incidents/1")
    told = next(each for each in walk(drawn) if getattr(each, "id", "") == ids.INCIDENT_TIMELINE)
    words = [
        texts(each) for each in walk(told) if "iw-state" in (getattr(each, "className", "") or "")
    ]

    assert words == [
        "First failing call",
        "Failed again",
        "Failed again",
        "Confirmed",
        "First good call",
        "Good again",
        "Closed",
    ]


def test_every_event_that_is_a_call_leads_to_it(page: Reads) -> None:
    drawn = draw(page, "/incidents/1")
    told = next(each for each in walk(drawn) if getattr(each, "id", "") == ids.INCIDENT_TIMELINE)
    links = [each.href for each in walk(told) if hasattr(each, "href")]

    assert links == [f"/calls/{number}" for number in (13, 14, 15, 15, 17, 18)]


def test_the_calls_of_the_time_are_listed_and_counted(page: Reads) -> None:
    drawn = draw(page, "/incidents/1")
    [counted] = rows(drawn, ids.INCIDENT_CLASSES)

    assert [cell(counted, place) for place in (2, 3)] == ["4", "66 % of 6"]
    assert len(rows(drawn, ids.INCIDENT_CALLS)) == 6
    assert len(rows(draw(page, *counted["h"].split("?")), ids.CALLS_TABLE)) == 4


def test_both_policies_are_drawn_over_the_time_of_the_incident(page: Reads) -> None:
    labels = [getattr(each, "aria-label", "") for each in walk(draw(page, "/incidents/1"))]
    provider, usable = (label for label in labels if "Down" in label)

    assert provider.startswith("Provider availability: Up ")
    assert usable.startswith("Usable by us: Up ")


def test_an_incident_that_no_channel_was_to_hear_of_says_so(page: Reads) -> None:
    said = texts(draw(page, "/incidents/1"))

    assert "Told nobody: no channel was to hear of it" in said


def test_what_it_cost_is_told_as_far_as_it_is_known(page: Reads, book: Book) -> None:
    at_ms = book.now_ms - HOUR_MS + MINUTE_MS
    failed = replace(request(GOOD, at_ms), outcome=Outcome.STREAM_CUT, is_live=False)
    book.record([failed, request(GOOD, at_ms + 5_000)])
    drawn = draw(page, "/incidents/1")
    told = next(each for each in walk(drawn) if getattr(each, "id", "") == ids.INCIDENT_COST)

    assert "search 1 failed call $0.0045, 1,500 tokens" in texts(told)
    assert "at most 1 call, $0.0045" in texts(told)


def test_an_open_incident_says_what_closes_it(day_reads: Reads) -> None:
    said = texts(draw(day_reads, "/incidents/1"))

    assert f"{FAILING}: overloaded, for " in said
    assert "Still open two good calls close it" in said


def test_an_incident_that_nobody_watches_any_more_says_since_when(book: Book) -> None:
    write_outage(book, ends=False)
    book.record(probes(GOOD, book.now_ms - INTERVAL_MS, book.now_ms))
    reads = Reads(book.database, book.home)
    [row] = rows(draw(reads, "/incidents"), ids.INCIDENTS_TABLE)

    assert cell(row, 4).startswith("Open not observed since")
    assert cell(row, 6).startswith("5")


def test_an_account_incident_asks_whether_we_could_use_it(book: Book) -> None:
    write_outage(book, outcome=Outcome.AUTH)
    reads = Reads(book.database, book.home)
    [row] = rows(draw(reads, "/incidents"), ids.INCIDENTS_TABLE)

    assert [cell(row, place) for place in (2, 6)] == ["auth account refused", "–"]
    assert "Our account." in texts(draw(reads, "/incidents/1"))


def test_without_an_incident_the_list_says_so(reads: Reads) -> None:
    table = next(
        each
        for each in walk(draw(reads, "/incidents"))
        if getattr(each, "id", "") == ids.INCIDENTS_TABLE
    )

    assert json.loads(getattr(table, "data-rows")) == []
    assert getattr(table, "data-empty").startswith("No incident in this window")


def test_an_incident_that_is_not_there_is_not_found(day_reads: Reads) -> None:
    assert "There is no incident 99" in texts(draw(day_reads, "/incidents/99"))


@pytest.fixture
def lost(book: Book) -> Reads:
    """Our own network is away."""
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    failed = (LocalFailure.NETWORK_LOCAL, LocalFailure.NETWORK_LOCAL)
    book.record(
        probe(GOOD, book.now_ms - 9_000 + n * 3_000, outcome) for n, outcome in enumerate(failed)
    )
    return Reads(book.database, book.home)


def test_our_own_network_has_a_page_of_its_own(lost: Reads) -> None:
    [row] = rows(draw(lost, "/incidents"), ids.INCIDENTS_TABLE)
    drawn = draw(lost, row["h"])
    said = texts(drawn)

    assert [cell(row, place) for place in (1, 3)] == ["our own network", "warning"]
    assert "our own network: network local, for " in said
    assert "the first probe that gets through again closes it" in said
    assert "none of them is charged" in said
    assert len(rows(drawn, ids.INCIDENT_CALLS)) == 2


def test_what_people_said_stands_in_order_and_in_the_timeline(book: Book) -> None:
    write_outage(book, ends=False)
    with book.database.writing() as session:
        said = Acknowledgement(1, book.now_ms - 3_000, "ada", CANARY, "page")
        acknowledgements.acknowledge(session, said)
        for place, text in enumerate(("one\ntwo", CANARY)):
            at_ms = book.now_ms - 2_000 + place
            notes.write(session, Note(1, NoteKind.NOTE, at_ms, "grace", text, f"key {place}"))
    drawn = draw(Reads(book.database, book.home), "/incidents/1")
    found: dict[str, Any] = {getattr(each, "id", ""): each for each in walk(drawn)}

    assert "ada is at it since " in texts(found[ids.INCIDENT_ACKNOWLEDGED])
    assert texts(found[ids.INCIDENT_NOTES]).index("one\ntwo") < texts(
        found[ids.INCIDENT_NOTES]
    ).index(CANARY)
    assert "Acknowledged by ada (page): <img" in texts(found[ids.INCIDENT_TIMELINE])
    assert "Note grace: one two" in texts(found[ids.INCIDENT_TIMELINE])
    assert [found[each].hidden for each in (ids.SAY_ACKNOWLEDGE, ids.SAY_REVIEWING)] == [True, True]


def test_the_overview_says_who_is_at_it(book: Book) -> None:
    write_outage(book, ends=False)
    with book.database.writing() as session:
        acknowledgements.acknowledge(session, Acknowledgement(1, book.now_ms, "ada", "", "api"))

    assert "ada is at it" in texts(draw(Reads(book.database, book.home), "/"))


def test_who_was_told_when_stands_in_the_timeline(book: Book) -> None:
    write_outage(book, ends=False)
    now_ms = book.now_ms
    hooks = to_hooks("https://a.example", "https://b.example")
    with book.database.writing() as session:
        alerts.plan(session, hooks, now_ms)
        first, second = deliveries.due(session, now_ms, ())
        deliveries.note(session, first, None, now_ms, 0.5)
        deliveries.note(session, second, Refused("HTTP 404", is_permanent=True), now_ms, 0.5)
    drawn = draw(Reads(book.database, book.home), "/incidents/1")
    told = next(each for each in walk(drawn) if getattr(each, "id", "") == ids.INCIDENT_TIMELINE)

    assert "Told hook: failing, 59 min after it was confirmed" in texts(told)
    assert "Not delivered hook1: failing, given up: HTTP 404" in texts(told)


def test_of_many_messages_the_first_and_the_last_are_told(book: Book) -> None:
    write_outage(book)
    hooks = to_hooks(*(f"https://{n}.example" for n in range(18)))
    with book.database.writing() as session:
        alerts.plan(session, hooks, book.now_ms)
    said = texts(draw(Reads(book.database, book.home), "/incidents/1"))

    assert said.count("On its way hook") == 16
    assert "And more 20 messages in between" in said
    assert "On its way hook17: " in said


def test_what_is_over_asks_for_a_post_mortem_that_can_be_worked_on(page: Reads, book: Book) -> None:
    with book.database.writing() as session:
        for place, text in enumerate(("first", "second")):
            written = Note(1, NoteKind.POST_MORTEM, book.now_ms, "ada", text, f"key {place}")
            notes.write(session, written)
    found: dict[str, Any] = {
        getattr(each, "id", ""): each for each in walk(draw(page, "/incidents/1"))
    }

    assert [found[each].hidden for each in (ids.SAY_ACKNOWLEDGE, ids.SAY_REVIEWING)] == [
        True,
        False,
    ]
    assert found[ids.SAY_REVIEW_TEXT].value == "second"
    assert "second" in texts(found[ids.INCIDENT_POST_MORTEM])
    assert "Nobody acknowledged it" in texts(found[ids.INCIDENT_ACKNOWLEDGED])
    assert cell(rows(draw(page, "/incidents"), ids.INCIDENTS_TABLE)[0], 4).startswith("Reviewed")


def test_endpoints_that_fail_together_lead_to_each_other(book: Book) -> None:
    start_ms = book.now_ms - HOUR_MS
    names = [GOOD, f"{GOOD}-2"]
    book.watch(names, since_ms=start_ms)
    for place, each in enumerate(names):
        book.record([probe(each, start_ms + place)])
        failed_ms = start_ms + MINUTE_MS + place
        book.record(probe(each, failed_ms + t, Outcome.OVERLOADED) for t in AFTER_MS)
    with book.database.writing() as session:
        alerts.plan(session, to_hooks("https://a.example"), book.now_ms)
    drawn = draw(Reads(book.database, book.home), "/incidents/1")
    links = [each.href for each in walk(drawn) if hasattr(each, "href")]

    assert "/incidents/2" in links
    assert f"Grew {GOOD}-2 failed, too" in texts(drawn)
