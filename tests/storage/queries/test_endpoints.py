from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.domain.endpoints import Flavour
from monitor.storage.engine import Database
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.queries import endpoints
from tests.storage.queries.seeds import ALPHA, BETA


def retire(session: Session, number: int) -> None:
    session.execute(update(EndpointRow).where(EndpointRow.id == number).values(retired_ms=9))


def test_targets_are_no_endpoints(database: Database) -> None:
    with database.reading() as session:
        assert [each.id for each in endpoints.watched(session)] == [ALPHA, BETA]


def test_retired_endpoints_are_no_longer_watched_but_known(database: Database) -> None:
    with database.writing() as session:
        retire(session, ALPHA)
        watched, known = endpoints.watched(session), endpoints.every(session)

    assert [each.id for each in watched] == [BETA]
    assert [(each.id, each.retired_ms) for each in known] == [(BETA, None), (ALPHA, 9)]


def test_an_endpoint_is_found_by_model_family_and_slug(database: Database) -> None:
    with database.reading() as session:
        by_model = endpoints.serving(session, "lab/alpha-2025-01-01")
        by_family = endpoints.in_family(session, "lab/alpha")
        by_slug = endpoints.by_slug(session, "acme/alpha")

    assert by_model == by_family == [by_slug]
    assert (by_model[0].flavour, by_model[0].interval_s) == (Flavour.OPENAI_CHAT, 300.0)


def test_an_unknown_slug_is_no_endpoint(database: Database) -> None:
    with database.reading() as session:
        assert endpoints.by_slug(session, "acme@main") is None
