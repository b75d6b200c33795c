from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.domain.outcomes import Outcome
from monitor.domain.windows import Window
from monitor.storage.engine import Database
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.queries import incidents
from tests.storage.queries.seeds import ALPHA, BETA


def make_incident(number: int, endpoint_id: int, started_ms: int, **values: Any) -> IncidentRow:
    return IncidentRow(
        id=number,
        endpoint_id=endpoint_id,
        kind="availability",
        outcome=Outcome.OVERLOADED,
        started_ms=started_ms,
        confirmed_ms=started_ms + 12,
        rule_version=1,
        call_id=number,
        rule="down",
        subject=str(endpoint_id),
        severity="critical",
        facts={},
        **values,
    )


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One from 100 to 200, an open one from 150, one of beta from 300 to 400."""
    with database.writing() as session:
        session.add(make_incident(1, ALPHA, 100, ended_ms=200, closed_ms=210))
        session.add(make_incident(2, ALPHA, 150, unobserved_ms=170))
        session.add(make_incident(3, BETA, 300, ended_ms=400, closed_ms=410))
        session.flush()
        yield session


def test_an_incident_is_open_until_its_recovery_is_confirmed(session: Session) -> None:
    found = incidents.open_incidents(session)

    assert [(each.id, each.is_open, each.unobserved_ms) for each in found] == [(2, True, 170)]


def test_an_incident_of_what_is_watched_no_more_calls_for_nobody(session: Session) -> None:
    session.execute(update(EndpointRow).filter_by(id=ALPHA).values(retired_ms=500))

    assert incidents.open_incidents(session) == []


@pytest.mark.parametrize(
    ("window", "ids"),
    [
        (Window(0, 100), []),
        (Window(0, 101), [1]),
        (Window(199, 300), [2, 1]),
        (Window(200, 300), [2]),
        (Window(200, 301), [3, 2]),
        (Window(900, 901), [2]),
    ],
)
def test_recent_ones_are_those_that_the_window_meets(
    session: Session, window: Window, ids: list[int]
) -> None:
    assert [each.id for each in incidents.recent(session, window)] == ids


def test_recent_ones_can_be_of_some_endpoints_and_few(session: Session) -> None:
    everything = Window(0, 900)

    assert [each.id for each in incidents.recent(session, everything, [BETA])] == [3]
    assert [each.id for each in incidents.recent(session, everything, limit=1)] == [3]


def test_one_incident_is_found_by_its_number(session: Session) -> None:
    found = incidents.numbered(session, 3)

    assert found is not None
    assert (found.outcome, found.is_open) == (Outcome.OVERLOADED, False)
    assert incidents.numbered(session, 4) is None
