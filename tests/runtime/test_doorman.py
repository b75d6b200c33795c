"""Who is let in, over a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.domain.calls import Attribution
from monitor.domain.secrets import Secret
from monitor.domain.tokens import Scope
from monitor.runtime.doorman import Doorman, NotAdmitted
from monitor.services import tokens
from monitor.storage import tokens as rows
from monitor.storage.engine import Database
from tests.making import MONDAY_MS, open_database

DAY_MS = 86_400_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


def create(database: Database, name: str = "ci", *scopes: Scope, ends_ms: int | None = None) -> str:
    """A header with a new token of a name."""
    with database.writing() as session:
        whose = Attribution(team="search")
        wished = scopes or (Scope.INGEST,)
        secret = tokens.create(session, name, wished, MONDAY_MS, ends_ms, whose)
    return f"Bearer {secret.reveal()}"


def test_a_token_lets_its_bearer_in_with_its_attribution(database: Database) -> None:
    header = create(database)

    token = Doorman(database).admit(header, Scope.INGEST, MONDAY_MS)

    assert (token.name, token.attribution.team) == ("ci", "search")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "bearer iw_x"])
def test_without_a_token_that_is_known_nobody_is_let_in(
    database: Database, header: str | None
) -> None:
    create(database)

    with pytest.raises(NotAdmitted, match="inferwatch keys") as caught:
        Doorman(database).admit(header, Scope.INGEST, MONDAY_MS)

    assert not caught.value.is_known


def test_a_token_without_the_scope_is_told_what_it_has(database: Database) -> None:
    header = create(database, "eyes", Scope.READ)

    with pytest.raises(NotAdmitted, match="'eyes' has the scope read, and ingest") as caught:
        Doorman(database).admit(header, Scope.INGEST, MONDAY_MS)

    assert caught.value.is_known


def test_a_token_holds_until_it_expires(database: Database) -> None:
    header, doorman = create(database, ends_ms=MONDAY_MS + DAY_MS), Doorman(database)

    doorman.admit(header, Scope.INGEST, MONDAY_MS + DAY_MS - 1)
    with pytest.raises(NotAdmitted, match="expired"):
        doorman.admit(header, Scope.INGEST, MONDAY_MS + DAY_MS)


def test_a_revoked_token_is_taken_for_two_seconds_at_most(database: Database) -> None:
    header, doorman = create(database), Doorman(database)
    doorman.admit(header, Scope.INGEST, MONDAY_MS)
    with database.writing() as session:
        tokens.revoke(session, "ci", MONDAY_MS + 1)

    with pytest.raises(NotAdmitted):
        doorman.admit(header, Scope.INGEST, MONDAY_MS + 2_000)


def test_a_new_token_is_taken_at_once(database: Database) -> None:
    doorman = Doorman(database)
    doorman.admit(create(database), Scope.INGEST, MONDAY_MS)

    assert doorman.admit(create(database, "new"), Scope.INGEST, MONDAY_MS + 250).name == "new"


def test_when_a_token_was_used_is_written_when_asked_for(database: Database) -> None:
    header, doorman = create(database), Doorman(database)
    doorman.admit(header, Scope.INGEST, MONDAY_MS + 5)
    with database.writing() as session:
        before = rows.read(session)[0].last_used_ms
        doorman.note(session)

        assert (before, rows.read(session)[0].last_used_ms) == (None, MONDAY_MS + 5)


def test_no_token_lies_in_the_database(database: Database) -> None:
    secret = create(database).removeprefix("Bearer ")
    path = database.path
    assert path is not None
    with database.writing() as session:
        session.execute(text("SELECT 1"))

    files = [each.read_bytes() for each in path.parent.iterdir()]
    assert not any(secret[9:].encode() in content for content in files)


def test_a_name_is_free_again_when_its_token_is_revoked(database: Database) -> None:
    create(database)
    with database.writing() as session:
        with pytest.raises(tokens.NameTaken, match="'ci'"):
            tokens.create(session, "ci", [Scope.READ], MONDAY_MS)
        tokens.revoke(session, "ci", MONDAY_MS)

        assert isinstance(tokens.create(session, "ci", [Scope.READ], MONDAY_MS), Secret)
