"""The watchman over a real ledger that cannot be written for a while."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from monitor.domain.rules import RuleName
from monitor.domain.windows import MINUTE_MS
from monitor.runtime.clock import Clock
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.runtime.watchman import Watchman
from monitor.settings.model import Settings
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.queries import incidents
from tests.making import MONDAY_MS, open_database, probe
from tests.monitors import make_settings


@dataclass(slots=True)
class Around:
    """A ledger, and settings beside it."""

    database: Database
    ledger: Ledger
    settings: Settings


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    settings = make_settings(tmp_path, "http://127.0.0.1:1/v1")
    with closing(open_database(tmp_path)) as database:
        ledger = Ledger(database, Spool(tmp_path / "some.spool", 100_000), Clock())
        yield Around(database, ledger, settings)
        ledger.close()


def test_that_the_database_refused_is_told_once_it_no_longer_does(around: Around) -> None:
    watchman, release, ledger = Watchman(around), Event(), around.ledger
    lent = ledger.lend(lambda: release.wait(30))
    with pytest.raises(DatabaseRefused):
        ledger.write(lambda _: None).result()
    ledger.submit([probe(0)]).result()
    watchman.go_round(MONDAY_MS)
    watchman.go_round(MONDAY_MS + MINUTE_MS)
    release.set()
    lent.result()
    ledger.write(lambda _: None).result()
    for minute in (7, 8):
        watchman.go_round(MONDAY_MS + minute * MINUTE_MS)

    with around.database.reading() as session:
        found = [incidents.numbered(session, number) for number in (1, 2)]
    assert found[1] is None
    assert found[0] is not None
    assert (found[0].rule, found[0].facts["spooled"]) == (RuleName.DATABASE, 1)
    assert (found[0].started_ms, found[0].ended_ms) == (MONDAY_MS, MONDAY_MS + 7 * MINUTE_MS)
