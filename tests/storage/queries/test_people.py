from collections.abc import Callable, Iterable
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dimensions import Dimension, Filters, OutOfReachError
from monitor.domain.steps import cut
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_of, day_window
from monitor.storage import facts
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallDetailRow
from monitor.storage.queries import people, usage
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals, add_up
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import ALPHA, BETA, CHAT, NOBODY, Book, make_call

UTC, CHATHAM = ZoneInfo("UTC"), ZoneInfo("Pacific/Chatham")
FIRST = date(2025, 4, 3).toordinal()
START_MS = day_window(FIRST, UTC).from_ms
DAYS = 5
WINDOW = Window(START_MS, START_MS + DAYS * DAY_MS)
USERS = (None, b"\x01" * 32, b"\x02" * 32)
TAGS: tuple[dict[str, str] | None, ...] = (
    None,
    {"ring": "inner"},
    {"ring": "inner", "release": "ö'\"<b>"},
    {"release": "ö'\"<b>", "ring": "outer"},
)


def whose(number: int) -> tuple[bytes | None, dict[str, str] | None]:
    return USERS[number % len(USERS)], TAGS[number % len(TAGS)]


@pytest.fixture
def book(empty: Database) -> Book:
    random = Random(7)
    calls = [
        make_call(
            number,
            random.choice((ALPHA, BETA)),
            START_MS + random.randrange(DAYS * DAY_MS),
            attribution_id=random.choice((NOBODY, CHAT)),
            origin=random.choice((Origin.PROBE, Origin.RECORDER)),
            input=random.randrange(1_000),
            cost_nano_usd=random.randrange(9_000),
        )
        for number in range(1, 201)
    ]
    found = Book(UTC, START_MS, START_MS + DAYS * DAY_MS, calls=calls)
    with empty.writing() as session:
        write_book(session, found)
        for call in calls:
            user, tags = whose(call["id"])
            values = {"user_hash": user} | ({"tags": tags} if tags else {})
            chosen = update(CallDetailRow).where(CallDetailRow.call_id == call["id"])
            session.execute(chosen.values(values))
    return found


def owners_of(by: Dimension, call: dict[str, Any]) -> list[str]:
    user, tags = whose(call["id"])
    if by is Dimension.USER:
        return ["" if user is None else user.hex()]
    return [f"{name}={value}" for name, value in tags.items()] if tags else [""]


def counted(by: Dimension, calls: Iterable[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Calls, tokens in and money of each owner, by a plain loop."""
    sums: dict[str, tuple[int, int, int]] = {}
    for call in calls:
        for owner in owners_of(by, call):
            n, tokens, money = sums.get(owner, (0, 0, 0))
            sums[owner] = (n + 1, tokens + call["input"], money + call["cost_nano_usd"])
    return sums


def told(found: dict[str | int, Totals]) -> dict[str | int, tuple[int, int, int]]:
    return {owner: (t.n, t.input, t.cost_nano_usd) for owner, t in found.items() if t.n}


@pytest.mark.parametrize("by", [Dimension.USER, Dimension.TAG])
def test_calls_are_kept_apart_by_who_made_them(empty: Database, book: Book, by: Dimension) -> None:
    team = [c for c in book.calls if c["origin"] is not Origin.PROBE]
    chat = [c for c in team if c["attribution_id"] == CHAT]
    only = Filters(team="red")
    with empty.reading() as session:
        found = usage.totals(session, WINDOW, UTC, by=by, audience=Audience.TEAM)
        red = usage.totals(session, WINDOW, UTC, by=by, audience=Audience.TEAM, filters=only)

    assert told(found) == counted(by, team)
    assert told(red) == counted(by, chat)


def test_users_and_calls_without_one_add_up_to_all_calls(empty: Database, book: Book) -> None:
    assert book
    with empty.reading() as session:
        found = usage.totals(session, WINDOW, UTC, by=Dimension.USER)
        whole = usage.totals(session, WINDOW, UTC)[ALL]

    assert add_up(found.values()) == whole


@pytest.mark.parametrize("by", [Dimension.USER, Dimension.TAG])
@pytest.mark.parametrize("zone", [UTC, CHATHAM])
def test_days_are_those_of_the_zone(
    empty: Database, book: Book, by: Dimension, zone: ZoneInfo
) -> None:
    last = FIRST + DAYS
    with empty.reading() as session:
        found = usage.by_day(session, FIRST, last, zone, by=by)

    for n, day in enumerate(range(FIRST, last + 1)):
        calls = [c for c in book.calls if day_of(c["started_ms"], zone) == day]
        assert told({owner: days[n].totals for owner, days in found.items()}) == counted(by, calls)


def test_steps_are_kept_apart_too(empty: Database, book: Book) -> None:
    steps = cut(Window(START_MS, START_MS + DAY_MS), HOUR_MS, UTC)
    with empty.reading() as session:
        found = usage.over_time(session, steps, by=Dimension.USER)

    calls = [c for c in book.calls if c["started_ms"] < START_MS + DAY_MS]
    summed = {owner: add_up(step.totals for step in each) for owner, each in found.items()}
    assert told(summed) == counted(Dimension.USER, calls)


def refusal(database: Database, ask: Callable[[Session], object]) -> str:
    with database.reading() as session, pytest.raises(OutOfReachError) as error:
        ask(session)
    return str(error.value)


def test_no_more_than_31_days_are_read(empty: Database, book: Book) -> None:
    assert book
    month = Window(START_MS, START_MS + 31 * DAY_MS)
    longer = Window(START_MS, START_MS + 32 * DAY_MS)
    with empty.reading() as session:
        assert usage.totals(session, month, UTC, by=Dimension.TAG)

    said = refusal(empty, lambda session: usage.totals(session, longer, UTC, by=Dimension.TAG))
    assert said == (
        "by=tag reads the calls themselves, of at most 31 days; choose a shorter window"
    )


def test_what_is_no_longer_kept_is_said_to_be_gone(empty: Database, book: Book) -> None:
    assert book
    with empty.writing() as session:
        facts.state(session, facts.DETAILS_FROM_DAY, str(FIRST + 1))

    said = refusal(empty, lambda session: usage.totals(session, WINDOW, UTC, by=Dimension.USER))
    assert "these since 2025-04-04" in said


@pytest.mark.parametrize(
    ("limit", "said"),
    [("MOST_CALLS", "at most 3; choose"), ("MOST_ROWS", "more than 3 tags; choose")],
)
def test_no_more_is_read_than_fits(
    empty: Database, book: Book, monkeypatch: pytest.MonkeyPatch, limit: str, said: str
) -> None:
    assert book
    monkeypatch.setattr(people, limit, 3)

    assert said in refusal(
        empty,
        lambda session: usage.by_day(
            session, FIRST, FIRST + DAYS, UTC, by=Dimension.TAG, audience=Audience.TEAM
        ),
    )
