"""Renames and removals: what becomes of an endpoint's history."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome
from monitor.services import endpoints
from monitor.storage.engine import Database
from monitor.storage.queries import endpoints as queries
from monitor.storage.queries import incidents
from tests.making import (
    ENDPOINT,
    MONDAY_MS,
    OTHER,
    TARGET,
    load_reference,
    open_database,
    probe,
    record,
)

RENAMED = replace(ENDPOINT, id="acme/tiny")
FORMER = {RENAMED.id: ENDPOINT.id}


def register(
    database: Database,
    watched: Sequence[Endpoint],
    former: dict[str, str] | None = None,
    at_s: float = 60,
) -> None:
    with database.writing() as session:
        endpoints.register(session, watched, MONDAY_MS + round(at_s * 1000), former)


def list_slugs(database: Database) -> dict[int, str]:
    with database.reading() as session:
        return {each.id: each.slug for each in queries.every(session)}


def number_of(database: Database, slug: str) -> int | None:
    with database.reading() as session:
        found = queries.by_slug(session, slug)
    return None if found is None else found.id


def test_a_renamed_endpoint_keeps_its_row(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    number = number_of(database, ENDPOINT.id)
    register(database, [RENAMED, OTHER], FORMER)

    assert sorted(list_slugs(database).values()) == [OTHER.id, RENAMED.id]
    assert number_of(database, RENAMED.id) == number_of(database, ENDPOINT.id) == number


def test_the_settings_may_say_for_ever_what_it_was(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    for _ in range(3):
        register(database, [RENAMED, OTHER], FORMER)

    assert sorted(list_slugs(database).values()) == [OTHER.id, RENAMED.id]


def test_a_call_that_was_under_way_in_a_rename_is_recorded(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    register(database, [RENAMED, OTHER], FORMER)

    assert record(database, [probe(70)])[0].call_id == 1


def test_a_rename_told_late_gives_the_history_to_the_new_id(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    number = number_of(database, ENDPOINT.id)
    register(database, [RENAMED, OTHER])
    young = number_of(database, RENAMED.id)
    register(database, [RENAMED, OTHER], FORMER)

    assert number_of(database, RENAMED.id) == number
    assert list_slugs(database)[young or 0] == f"{RENAMED.id}~{young}"


def test_a_second_rename_goes_on_from_either_id(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    number = number_of(database, ENDPOINT.id)
    register(database, [RENAMED, OTHER], FORMER)
    third = replace(ENDPOINT, id="acme/third")
    register(database, [third, OTHER], {third.id: ENDPOINT.id})

    assert number_of(database, third.id) == number


def test_a_new_endpoint_may_take_an_id_that_another_one_had(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    register(database, [RENAMED, OTHER], FORMER)
    register(database, [RENAMED, OTHER, ENDPOINT])

    assert number_of(database, ENDPOINT.id) != number_of(database, RENAMED.id)
    assert load_reference(database).tariffs[ENDPOINT.id].endpoint_id == number_of(
        database, ENDPOINT.id
    )


def test_a_renamed_target_keeps_its_row(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    target = replace(TARGET, id="apex@default", provider="apex")
    before = load_reference(database).endpoint_ids[TARGET.id]
    register(database, [replace(ENDPOINT, target=target)], {target.id: TARGET.id})

    assert load_reference(database).endpoint_ids[target.id] == before


def test_what_is_no_longer_watched_hears_nothing_of_its_target(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    register(database, [OTHER])
    refused = [
        probe(n * 60, Outcome.TCP_REFUSED, endpoint=TARGET.id, kind=Kind.REACH) for n in range(1, 4)
    ]
    record(database, refused)
    with database.reading() as session:
        open_at = [each.endpoint_id for each in incidents.open_incidents(session)]

    assert open_at == [number_of(database, OTHER.id)]
