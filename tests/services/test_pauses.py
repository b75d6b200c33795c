from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.domain.calls import Kind
from monitor.domain.outcomes import Outcome
from monitor.domain.pauses import Pause, Scope
from monitor.services import endpoints, pauses
from monitor.services.pauses import NotPaused, Resumed, UnknownScope
from monitor.storage import pauses as rows
from monitor.storage.engine import Database, Session
from monitor.storage.models.operations import PauseRow
from monitor.storage.queries import incidents
from tests.making import ENDPOINT, MONDAY_MS, OTHER, TARGET, open_database, probe, record

SMALL, ACME, ALL = Scope(ENDPOINT.id), Scope(provider="acme"), Scope()
WATCHED = (ENDPOINT, OTHER)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(tmp_path)


def change(database: Database, act: Callable[[Session], None]) -> list[Scope]:
    """The scopes that are paused once it is done."""
    with database.writing() as session:
        act(session)
        return [pause.scope for pause in rows.holding(session).values()]


def pause(database: Database, scope: Scope, until_s: float | None = None) -> list[Scope]:
    until_ms = None if until_s is None else MONDAY_MS + round(until_s * 1000)
    made = Pause(scope, MONDAY_MS, until_ms, "alice", "why not")
    return change(database, lambda session: pauses.pause(session, made))


def resume(database: Database, scope: Scope) -> list[Scope]:
    resumed = Resumed(scope, "bob", MONDAY_MS + 5_000)
    return change(database, lambda session: pauses.resume(session, resumed, WATCHED))


def list_rows(database: Database) -> list[tuple[object, ...]]:
    row = PauseRow
    columns = (row.paused_ms, row.until_ms, row.paused_by, row.reason, row.ended_ms, row.ended_by)
    with database.reading() as session:
        return [tuple(found) for found in session.execute(select(*columns).order_by(row.id))]


def test_a_pause_says_who_and_why_and_its_end_says_who(database: Database) -> None:
    pause(database, SMALL)
    resume(database, SMALL)

    assert list_rows(database) == [
        (MONDAY_MS, None, "alice", "why not", MONDAY_MS + 5_000, "bob"),
    ]


def test_a_pause_of_the_same_scope_takes_its_place(database: Database) -> None:
    pause(database, SMALL)

    assert pause(database, SMALL, until_s=60) == [SMALL]
    assert len(list_rows(database)) == 2


@pytest.mark.parametrize(("until_s", "holds"), [(60, [SMALL]), (30, []), (None, [SMALL])])
def test_a_pause_ends_by_itself_when_its_time_is_over(
    database: Database, until_s: float | None, holds: list[Scope]
) -> None:
    pause(database, SMALL, until_s)

    assert change(database, lambda s: pauses.end_due(s, MONDAY_MS + 30_000)) == holds


@pytest.mark.parametrize(
    ("paused", "resumed"), [(SMALL, SMALL), (SMALL, ACME), (SMALL, ALL), (ACME, ALL), (ALL, ALL)]
)
def test_a_resume_ends_every_pause_inside_its_scope(
    database: Database, paused: Scope, resumed: Scope
) -> None:
    pause(database, paused)

    assert resume(database, resumed) == []


@pytest.mark.parametrize(
    ("paused", "resumed", "says"),
    [
        (ACME, SMALL, "endpoint 'acme/small' is paused with provider 'acme'; resume that"),
        (ALL, ACME, "provider 'acme' is paused with everything; resume that"),
        (SMALL, Scope(OTHER.id), "endpoint 'acme/large' is not paused"),
    ],
)
def test_what_cannot_be_resumed_says_why(
    database: Database, paused: Scope, resumed: Scope, says: str
) -> None:
    pause(database, paused)

    with pytest.raises(NotPaused, match=says):
        resume(database, resumed)


def test_an_endpoint_that_nobody_knows_cannot_be_paused(database: Database) -> None:
    with pytest.raises(UnknownScope, match=r"'no/such' is not in the settings; these are: acme/l"):
        pauses.demand_known(Scope("no/such"), WATCHED)
    with pytest.raises(UnknownScope, match="not in the ledger yet; start the monitor once"):
        pause(database, Scope("no/such"))


def test_a_target_that_fails_opens_no_incident_at_a_paused_endpoint(database: Database) -> None:
    pause(database, SMALL)
    refused = probe(60, Outcome.TCP_REFUSED, endpoint=TARGET.id, kind=Kind.REACH)
    record(database, [replace(refused, ended_ms=refused.ended_ms + 10_000 * n) for n in range(5)])
    with database.reading() as session:
        opened = {each.endpoint_id for each in incidents.open_incidents(session)}
        paused = rows.paused_ids(session)

    assert len(opened) == 1
    assert not opened & paused


def test_a_renamed_endpoint_or_provider_stays_paused(database: Database) -> None:
    pause(database, SMALL)
    pause(database, ACME)
    target = replace(TARGET, id="apex@default", provider="apex")
    moved = replace(ENDPOINT, id="apex/small", target=target)
    former = {target.id: TARGET.id, moved.id: ENDPOINT.id}

    def rename(session: Session) -> None:
        endpoints.register(session, [moved], MONDAY_MS, former)

    assert change(database, rename) == [Scope("apex/small"), Scope(provider="apex")]
