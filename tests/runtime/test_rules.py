"""The rules of alerts at work beside a real writer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy.exc import IntegrityError

from monitor.domain.outcomes import Outcome
from monitor.domain.rules import RuleName
from monitor.runtime.rules import Rules
from tests.making import MONDAY_MS, probe
from tests.runtime.truth import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation.open(tmp_path / "home")
    yield installation
    installation.close()


def fail_often(installation: Installation) -> None:
    """An eighth of the probes of a minute fail; that is no outage."""
    outcomes = [Outcome.OK if n % 8 else Outcome.OVERLOADED for n in range(60)]
    installation.hear(probe(n, each, lasts_s=0.5) for n, each in enumerate(outcomes))


def errors(installation: Installation) -> int:
    return sum(each.rule == RuleName.ERRORS for each in installation.incidents())


def test_what_a_look_finds_is_an_incident_once_across_restarts(installation: Installation) -> None:
    fail_often(installation)
    for at_s in (140, 170, 200):
        Rules(installation.database, installation.ledger).judge(MONDAY_MS + at_s * 1000)

    assert errors(installation) == 1


def test_a_look_that_could_not_be_written_is_taken_again(installation: Installation) -> None:
    fail_often(installation)
    rules = Rules(installation.database, installation.ledger)
    path = installation.database.path
    assert path is not None
    with closing(sqlite3.connect(path)) as other:
        refuse = "BEGIN SELECT RAISE(ABORT, 'no'); END"
        other.execute(f"CREATE TRIGGER no BEFORE INSERT ON outbox {refuse}")
        with pytest.raises(IntegrityError):
            rules.judge(MONDAY_MS + 140_000)
        assert errors(installation) == 0
        other.execute("DROP TRIGGER no")
    rules.judge(MONDAY_MS + 170_000)

    assert errors(installation) == 1


def test_rules_wait_while_calls_are_on_the_spool(installation: Installation) -> None:
    rules, is_over = Rules(installation.database, installation.ledger), Event()
    rules.judge(MONDAY_MS)
    loan = installation.ledger.lend(is_over.wait)
    fail_often(installation)
    rules.judge(MONDAY_MS + 140_000)
    is_over.set()
    loan.result(10)
    installation.hear([probe(100)])
    rules.judge(MONDAY_MS + 170_000)

    assert errors(installation) == 1
