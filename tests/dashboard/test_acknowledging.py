"""The link of a message, opened on a phone: by people, by mail scanners, and by forgers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.invitations import Invitation, invite, path
from monitor.domain.outcomes import Outcome
from monitor.domain.routes import Alerting
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.services import acknowledgements
from monitor.storage import acknowledgements as rows
from monitor.storage import facts
from monitor.storage.engine import Session
from tests.dashboard.book import GOOD, Book, probe
from tests.dashboard.conftest import settings_for
from tests.dashboard.test_incidents import AFTER_MS, CANARY

WATCH = "https://watch.example.com"


@pytest.fixture
def client(book: Book) -> Iterator[TestClient]:
    """A browser that reaches the dashboard behind a proxy, by the name that links have."""
    start_ms = book.now_ms - HOUR_MS
    book.watch([GOOD], since_ms=start_ms)
    book.record([probe(GOOD, start_ms)])
    book.record(probe(GOOD, start_ms + 9_000 + t, Outcome.OVERLOADED) for t in AFTER_MS)
    settings = replace(settings_for(book.database), alerts=Alerting(link=WATCH))
    app: Any = create_app(settings, book.database)
    with TestClient(app.server, base_url=WATCH) as client:
        yield client


def link(book: Book, **changed: Any) -> str:
    """The path of a good link, or of one that was signed so."""
    started_ms = book.now_ms - HOUR_MS + 9_000
    with book.database.writing() as session:
        key = facts.ensure_key(session, facts.LINK_KEY)
    made: Invitation = invite(1, started_ms, "ops", book.now_ms)
    return path(replace(made, **changed), key)


def standing(book: Book) -> Acknowledgement | None:
    with book.database.reading() as session:
        return rows.of_incidents(session, [1]).get(1)


def say(session: Session, book: Book, by: str) -> None:
    said = Acknowledgement(1, book.now_ms, by, CANARY, "page")
    acknowledgements.acknowledge(session, said)


def test_looking_changes_nothing_and_the_button_does(client: TestClient, book: Book) -> None:
    seen = client.get(link(book))
    client.head(link(book))
    before = standing(book)
    done = client.post(link(book), data={"by": "ada", "words": "on it"})

    assert (seen.status_code, before) == (200, None)
    assert f"<h1>{GOOD}: overloaded</h1>" in seen.text
    assert '<form method="post" >' in seen.text
    assert "ada is at it since" in done.text
    found = standing(book)
    assert found is not None
    assert (found.by, found.words, found.via) == ("ada", "on it", "link to ops")


def test_nobody_has_to_type_anything(client: TestClient, book: Book) -> None:
    client.post(link(book))

    found = standing(book)
    assert found is not None
    assert (found.by, found.words) == ("somebody at ops", "")


def test_a_second_one_hears_who_was_first_and_markup_stays_text(
    client: TestClient, book: Book
) -> None:
    with book.database.writing() as session:
        say(session, book, CANARY)
    answers = [client.get(link(book)), client.post(link(book), data={"by": "ada"})]

    for answer in answers:
        assert "is at it since" in answer.text
        assert '<form method="post" hidden>' in answer.text
        assert CANARY not in answer.text
        assert "&lt;img src=x" in answer.text


def test_what_is_over_needs_nobody(client: TestClient, book: Book) -> None:
    book.record(probe(GOOD, book.now_ms - t) for t in (9_000, 5_000))
    seen = client.post(link(book), data={"by": "ada"})

    assert (seen.status_code, standing(book)) == (200, None)
    assert "It is over" in seen.text


def test_what_is_over_says_who_was_at_it(client: TestClient, book: Book) -> None:
    with book.database.writing() as session:
        say(session, book, "grace")
    book.record(probe(GOOD, book.now_ms - t) for t in (9_000, 5_000))

    assert "grace was at it." in client.get(link(book)).text


def test_an_old_link_says_until_when_it_was_good(client: TestClient, book: Book) -> None:
    old = link(book, expires_s=(book.now_ms - DAY_MS) // 1000)
    answers = [client.get(old), client.post(old, data={"by": "ada"})]

    assert ([each.status_code for each in answers], standing(book)) == ([410, 410], None)
    assert "This link was good until" in answers[0].text


@pytest.mark.parametrize(
    "forged",
    [
        "/acknowledge/1/99999999999/ops/abc",
        "/acknowledge/9/99999999999/ops/abc",
        f"/acknowledge/{9**99}/1/ops/abc",
    ],
)
def test_a_forged_link_is_none(client: TestClient, book: Book, forged: str) -> None:
    link(book)
    seen = client.post(forged, data={"by": "ada"})

    assert (seen.status_code, standing(book)) == (404, None)
    assert "No such link" in seen.text


def test_a_link_of_another_ledger_is_none(client: TestClient, book: Book) -> None:
    other = link(book, started_ms=book.now_ms)

    assert (client.post(other).status_code, standing(book)) == (404, None)


def test_too_long_words_are_asked_for_again(client: TestClient, book: Book) -> None:
    seen = client.post(link(book), data={"words": "a" * 301})
    huge = client.post(link(book), data={"words": "a" * 100_000})

    assert (seen.status_code, "301 characters and may have 300" in seen.text) == (422, True)
    assert (huge.status_code, standing(book)) == (413, None)


def test_by_that_name_nothing_else_is_answered(client: TestClient, book: Book) -> None:
    assert [client.get(each).status_code for each in ("/", "/incidents/1")] == [421, 421]
    assert client.get(link(book), headers={"host": "evil.example"}).status_code == 421


def test_a_name_that_the_settings_took_since_is_known(client: TestClient, book: Book) -> None:
    with book.database.writing() as session:
        facts.state(session, facts.PAGES_LINK, "https://other.example.com")
    at = {"host": "other.example.com"}

    assert client.get(link(book), headers=at).status_code == 200
    assert client.get(link(book)).status_code == 421


def test_a_page_of_another_site_cannot_press_the_button(client: TestClient, book: Book) -> None:
    evil = client.post(link(book), headers={"origin": "https://evil.example"})
    own = client.post(link(book), headers={"origin": WATCH})

    assert (evil.status_code, own.status_code) == (403, 200)


def test_the_page_needs_no_script_and_asks_nobody_else(client: TestClient, book: Book) -> None:
    text = client.get(link(book)).text

    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
