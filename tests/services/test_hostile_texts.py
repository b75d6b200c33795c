"""Texts from outside with what one database takes and another refuses: both keep the same."""

from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.calls import Detail, Origin
from monitor.domain.endpoints import Flavour
from monitor.domain.events import Addressee, Event
from monitor.services.tellings import Teller, read
from monitor.storage import quarantine
from monitor.storage.endpoints import Place
from monitor.storage.queries import calls
from monitor.wire.replies import Redactor
from tests.making import ENDPOINT, MONDAY_MS, TARGET, open_database, probe, record

#: Every test here runs on SQLite and on PostgreSQL.
pytestmark = pytest.mark.usefixtures("keeper")

PLACE = Place(
    id=1,
    slug=ENDPOINT.id,
    provider="acme",
    model_name="small",
    base_url=TARGET.base_url,
    flavour=Flavour.OPENAI_CHAT,
    key_alias="",
    is_watched=True,
    is_met=False,
)
TELLER = Teller(Origin.API, "sender", b"")
CACHED = {"prompt_tokens_details": {"cached_tokens": 9}}
TO = Addressee(ENDPOINT.id)


def test_what_a_team_tells_is_kept_with_a_mark_where_a_character_cannot_be(
    tmp_path: Path,
) -> None:
    error = '{"error": {"code": "no\\u0000such", "message": "a\0b"}}'
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "of\0them": "a\0b\ud800"}
    refused = Event(TO, MONDAY_MS, MONDAY_MS + 9, http_status=500, error=error)
    used = Event(TO, MONDAY_MS + 1, MONDAY_MS + 9, http_status=200, usage_reported=usage)
    with closing(open_database(tmp_path)) as database:
        record(
            database, [read(event, PLACE, TELLER, MONDAY_MS + 10).call for event in (refused, used)]
        )
        with database.reading() as session:
            lines = calls.page(session, calls.CallFilter()).lines
            found = [calls.detail(session, line.id) for line in reversed(lines)]
    first, second = (None if each is None else each.detail for each in found)

    assert ((first and first.excerpt) or "").endswith('"message": "a�b"}}')
    assert (second and second.usage_reported) == usage


def test_what_a_provider_says_is_kept_whatever_it_is(tmp_path: Path) -> None:
    redactor = Redactor(None)
    said = "a\0b\ud800c"
    detail = Detail(
        excerpt=redactor.text(said),
        served_model=redactor.text(said),
        usage_reported=redactor.reported({said: said}),
    )
    with closing(open_database(tmp_path)) as database:
        record(database, [probe(0, detail=detail)])
        with database.reading() as session:
            [line] = calls.page(session, calls.CallFilter()).lines
            found = calls.detail(session, line.id)

    assert found is not None
    assert found.detail is not None
    assert (found.detail.excerpt, found.detail.served_model) == ("a�b�c", "a�b�c")
    assert found.detail.usage_reported == {"a�b�c": "a�b�c"}


def test_usage_that_contradicts_itself_is_put_aside_as_it_came(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "x\0": "\0", **CACHED}
    told = read(Event(TO, MONDAY_MS, MONDAY_MS, usage_reported=usage), PLACE, TELLER, MONDAY_MS)
    assert told.aside is not None
    with closing(open_database(tmp_path)) as database, database.writing() as session:
        quarantine.add(session, MONDAY_MS, told.aside.reason, told.aside.usage)

        assert quarantine.count(session) == 1
