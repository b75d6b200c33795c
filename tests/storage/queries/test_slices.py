from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from monitor.domain.health import Policy, State
from monitor.domain.windows import Window
from monitor.storage.engine import Database
from monitor.storage.queries import slices
from monitor.storage.queries.slices import Slice
from tests.storage.queries.oracle import write_health
from tests.storage.queries.seeds import ALPHA, BETA, Book, seed_names

UTC = ZoneInfo("UTC")


@pytest.fixture
def session(empty: Database) -> Iterator[Session]:
    """Alpha: unknown from 10, up from 20, down from 30, settled to 40. Beta: up from 15 to 35."""
    spans = [
        (ALPHA, 10, 20, State.UNKNOWN),
        (ALPHA, 20, 30, State.UP),
        (ALPHA, 30, 40, State.DOWN),
        (BETA, 15, 35, State.UP),
    ]
    with empty.writing() as session:
        book = Book(UTC, 10, 40, calls=[], slices=spans)
        seed_names(session, UTC)
        write_health(session, book)
        yield session


def test_slices_end_where_the_next_begins_or_settling_stands(session: Session) -> None:
    found = slices.between(session, Window(0, 100), Policy.PROVIDER)

    assert found == [
        Slice(ALPHA, 10, 20, State.UNKNOWN),
        Slice(ALPHA, 20, 30, State.UP),
        Slice(ALPHA, 30, 40, State.DOWN),
        Slice(BETA, 15, 35, State.UP),
    ]


@pytest.mark.parametrize(
    ("window", "spans"),
    [
        (Window(21, 22), [(21, 22)]),
        (Window(20, 30), [(20, 30)]),
        (Window(29, 31), [(29, 30), (30, 31)]),
        (Window(12, 33), [(12, 20), (20, 30), (30, 33)]),
        (Window(39, 50), [(39, 40)]),
        (Window(40, 50), []),
        (Window(0, 10), []),
        (Window(5, 11), [(10, 11)]),
    ],
)
def test_slices_are_clipped_to_the_window(
    session: Session, window: Window, spans: list[tuple[int, int]]
) -> None:
    found = slices.between(session, window, Policy.PROVIDER, [ALPHA])

    assert [(each.from_ms, each.to_ms) for each in found] == spans


def test_each_policy_has_slices_of_its_own(session: Session) -> None:
    assert slices.between(session, Window(0, 100), Policy.USABLE) == []
