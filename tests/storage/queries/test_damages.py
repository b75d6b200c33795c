"""What an incident cost, on every kind of database, against sums made by hand."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.calls import Attribution, Call
from monitor.domain.damages import Damage, Known
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import Window
from monitor.services import damages
from monitor.storage import endpoints
from monitor.storage.engine import Database
from tests.making import MONDAY_MS, OTHER, open_database, probe, record, request

SEARCH, CHAT = Attribution("search", app="a"), Attribution("chat", app="b")
#: The incident, a day and a bit after the endpoint began.
AT_S = 90_000
WINDOW = Window(MONDAY_MS + AT_S * 1000, MONDAY_MS + (AT_S + 600) * 1000)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def paid(at_s: float, outcome: Outcome, nano_usd: int | None, **more: Any) -> Call:
    """A call that its provider billed, or of whose bill nothing is known."""
    if nano_usd is None:
        return request(AT_S + at_s, outcome, **more)
    usage = Usage(input=100, output=10)
    values = {"usage": usage, "usage_state": UsageState.MEASURED, "cost_nano_usd": nano_usd}
    return request(AT_S + at_s, outcome, cost_state=CostState.REPORTED, **values | more)


def find(database: Database) -> Damage:
    with database.reading() as session:
        return damages.find(session, WINDOW, [number_of(database)])


def number_of(database: Database) -> int:
    with database.reading() as session:
        number = endpoints.number_of(session, "acme/small")
    assert number is not None
    return number


def test_failed_calls_are_summed_by_team_and_the_unknown_is_kept_apart(
    database: Database,
) -> None:
    record(
        database,
        [
            paid(1, Outcome.STREAM_CUT, 500, attribution=SEARCH),
            paid(2, Outcome.OVERLOADED, None, attribution=SEARCH),
            paid(3, Outcome.OVERLOADED, 70, attribution=CHAT),
            paid(4, Outcome.OK, 9_000, attribution=CHAT),
            paid(5, Outcome.OVERLOADED, 9_000, attribution=CHAT, endpoint=OTHER.id),
            paid(700, Outcome.OVERLOADED, 9_000, attribution=CHAT),
            paid(6, Outcome.OVERLOADED, None),
        ],
    )
    damage = find(database)

    assert [tuple(each) for each in damage.teams] == [
        ("search", Known(2, 1, 500), 110),
        ("chat", Known(1, 0, 70), 110),
        ("", Known(1, 1, 0), 0),
    ]
    assert (damage.failed, damage.tokens, damage.nobodys) == (Known(4, 2, 570), 220, 1)


def test_retries_are_looked_for_at_whatever_endpoint(database: Database) -> None:
    record(
        database,
        [
            paid(1, Outcome.OVERLOADED, None, attribution=SEARCH),
            paid(20, Outcome.OK, 30, attribution=SEARCH, endpoint=OTHER.id),
            paid(20, Outcome.OK, 9_000, attribution=CHAT, endpoint=OTHER.id),
            paid(100, Outcome.OVERLOADED, None, attribution=CHAT),
            paid(595, Outcome.OVERLOADED, None, attribution=CHAT),
            paid(620, Outcome.OK, 8, attribution=CHAT),
        ],
    )

    assert find(database).retries == Known(2, 0, 38)


def test_probes_are_compared_with_the_day_before(database: Database) -> None:
    def priced(at_s: float, nano_usd: int) -> Call:
        return probe(at_s, cost_nano_usd=nano_usd, cost_state=CostState.REPORTED)

    usual = [priced(AT_S - 86_000 + n * 8_640, 1_440) for n in range(9)]
    record(database, [*usual, *(priced(AT_S + n * 100, 100) for n in range(5))])
    probes = find(database).probes

    assert probes.made == Known(5, 0, 500)
    assert (probes.usual_nano_usd, probes.above_nano_usd) == (90, 410)


def test_of_an_endpoint_that_is_new_no_pace_is_usual(tmp_path: Path) -> None:
    with closing(open_database(tmp_path, now_ms=WINDOW.from_ms - 1_000)) as database:
        assert find(database).probes.above_nano_usd is None


def test_without_calls_there_is_nothing(database: Database) -> None:
    damage = find(database)

    assert (damage.teams, damage.retries, damage.looked_at) == ((), Known(), WINDOW)
