from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dimensions import Dimension, Filters, OutOfReachError
from monitor.domain.steps import cut
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_of, day_window
from monitor.storage import facts
from monitor.storage import people as written
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallDetailRow
from monitor.storage.models.rollups import UserDay
from monitor.storage.queries import known_people, people, people_sums, spend, usage
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
        for day in range(FIRST, FIRST + DAYS):
            sums = people_sums.of_calls(session, day, day_window(day, UTC))
            written.move(session, {key: [row] for key, row in sums.items()})
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
def test_days_are_those_of_the_home_zone(empty: Database, book: Book, by: Dimension) -> None:
    last = FIRST + DAYS
    with empty.reading() as session:
        found = usage.by_day(session, FIRST, last, UTC, by=by)
        elsewhere = usage.by_day(session, FIRST, last, CHATHAM, by=by)

    assert elsewhere == found
    for n, day in enumerate(range(FIRST, last + 1)):
        calls = [c for c in book.calls if day_of(c["started_ms"], UTC) == day]
        assert told({owner: days[n].totals for owner, days in found.items()}) == counted(by, calls)


@pytest.mark.parametrize("users", [["01" * 32], ["", "02" * 32], ["03"], []], ids=str)
@pytest.mark.parametrize("filters", [Filters(), Filters(tag="ring=inner"), Filters(team="red")])
def test_days_of_some_users_are_what_they_are_among_all(
    empty: Database, book: Book, users: list[str], filters: Filters
) -> None:
    assert book
    days = (FIRST, FIRST + DAYS - 1)
    steps = cut(Window(START_MS, START_MS + DAY_MS), HOUR_MS, UTC)
    by = Dimension.USER
    with empty.reading() as session:
        every = usage.by_day(session, *days, UTC, by=by, filters=filters)
        some = usage.by_day_of_users(session, *days, users, filters=filters)
        every_step = usage.over_time(session, steps, by=by, filters=filters)
        some_steps = usage.over_time(session, steps, by=by, filters=filters, only=users)

    assert some == {user: each for user, each in every.items() if user in users}
    assert some_steps == {user: each for user, each in every_step.items() if user in users}


@pytest.mark.parametrize("by", [Dimension.USER, Dimension.TAG])
@pytest.mark.parametrize(
    "window",
    [
        day_window(FIRST + 2, CHATHAM),
        Window(START_MS + 5, START_MS + 3 * DAY_MS - 7),
        Window(START_MS + HOUR_MS, START_MS + HOUR_MS + 600_000),
        Window(START_MS, START_MS + DAYS * DAY_MS - 1),
    ],
    ids=str,
)
def test_windows_are_exact_at_their_ends(
    empty: Database, book: Book, by: Dimension, window: Window
) -> None:
    with empty.reading() as session:
        found = usage.totals(session, window, UTC, by=by)

    inside = [c for c in book.calls if window.from_ms <= c["started_ms"] < window.to_ms]
    assert told(found) == counted(by, inside)


def test_steps_are_kept_apart_too(empty: Database, book: Book) -> None:
    steps = cut(Window(START_MS, START_MS + DAY_MS), HOUR_MS, UTC)
    with empty.reading() as session:
        found = usage.over_time(session, steps, by=Dimension.USER)

    calls = [c for c in book.calls if c["started_ms"] < START_MS + DAY_MS]
    summed = {owner: add_up(step.totals for step in each) for owner, each in found.items()}
    assert told(summed) == counted(Dimension.USER, calls)


def str_of(each: object) -> str:
    given = each.given() if isinstance(each, Filters) else ()
    return " ".join(f"{by}:{name}" for by, name in given)


FILTERS = [
    (Filters(user="01" * 32), lambda user, _: user == USERS[1]),
    (Filters(user="02020"), lambda user, _: user == USERS[2]),
    (Filters(user="03"), lambda _user, _tags: False),
    (Filters(user=""), lambda user, _: user is None),
    (Filters(tag="ring=inner"), lambda _, tags: (tags or {}).get("ring") == "inner"),
    (Filters(tag="release=ö'\"<b>"), lambda _, tags: "release" in (tags or {})),
    (Filters(tag=""), lambda _, tags: tags is None),
    (
        Filters(user="01", tag="ring=inner"),
        lambda user, tags: user == USERS[1] and (tags or {}).get("ring") == "inner",
    ),
    (Filters(user="", tag=""), lambda user, tags: user is None and tags is None),
    (Filters(user="01", tag=""), lambda user, tags: user == USERS[1] and tags is None),
]


@pytest.mark.parametrize(("filters", "fits"), FILTERS, ids=str_of)
def test_filters_choose_by_who_called(
    empty: Database, book: Book, filters: Filters, fits: Callable[[Any, Any], bool]
) -> None:
    team = [c for c in book.calls if c["origin"] is not Origin.PROBE and fits(*whose(c["id"]))]
    off = [c for c in team if c["started_ms"] >= START_MS + HOUR_MS]
    asked: dict[str, Any] = {"audience": Audience.TEAM, "filters": filters}
    late = Window(START_MS + HOUR_MS, WINDOW.to_ms)
    with empty.reading() as session:
        for by in (Dimension.USER, Dimension.TAG):
            assert told(usage.totals(session, WINDOW, UTC, by=by, **asked)) == counted(by, team)
            assert told(usage.totals(session, late, UTC, by=by, **asked)) == counted(by, off)
        whole = usage.totals(session, WINDOW, UTC, **asked)[ALL]
        by_team = usage.totals(session, WINDOW, UTC, by=Dimension.TEAM, **asked)
        days = usage.by_day(session, FIRST, FIRST + DAYS, UTC, **asked).get(ALL, [])
        lots = spend.by_lot(session, late, filters)
        split = spend.by_lot(session, late, filters, Dimension.USER)

    assert (whole.n, whole.input) == (len(team), sum(c["input"] for c in team))
    assert {owner: t.n for owner, t in by_team.items() if t.n} == Counter(
        "red" if c["attribution_id"] == CHAT else "" for c in team
    )
    assert sum(day.totals.n for day in days) == len(team)
    assert sum(lot.n for lot in lots.values()) == sum(lot.n for lot in split.values()) == len(off)


def refusal(database: Database, ask: Callable[[Session], object]) -> str:
    with database.reading() as session, pytest.raises(OutOfReachError) as error:
        ask(session)
    return str(error.value)


def test_whole_days_are_read_however_many_they_are(empty: Database, book: Book) -> None:
    years = Window(START_MS - 900 * DAY_MS, WINDOW.to_ms)
    with empty.reading() as session:
        found = usage.totals(session, years, UTC, by=Dimension.TAG)
    assert told(found) == counted(Dimension.TAG, book.calls)

    both = Filters(user="01")
    said = refusal(
        empty, lambda session: usage.totals(session, years, UTC, by=Dimension.TAG, filters=both)
    )
    assert "users and tags crossed are read call by call, of at most 31 days" in said


def test_whole_days_outlive_the_details(empty: Database, book: Book) -> None:
    with empty.writing() as session:
        session.execute(delete(CallDetailRow))
        facts.state(session, facts.DETAILS_FROM_DAY, str(FIRST + DAYS))
    part = Window(START_MS + 1, WINDOW.to_ms)
    with empty.reading() as session:
        found = usage.totals(session, WINDOW, UTC, by=Dimension.USER)
        assert people.is_within_reach(session, WINDOW)
        assert not people.is_within_reach(session, part)
    assert told(found) == counted(Dimension.USER, book.calls)

    said = refusal(empty, lambda session: usage.totals(session, part, UTC, by=Dimension.USER))
    assert "kept so since 2025-04-08; choose a window that begins later, or of whole" in said


def test_what_was_priced_anew_without_its_user_takes_nothing_from_others(
    empty: Database, book: Book
) -> None:
    assert book
    with empty.writing() as session:
        session.execute(update(UserDay).values(cost_nano_usd=UserDay.cost_nano_usd * 1_000))
    with empty.reading() as session:
        found = usage.totals(session, WINDOW, UTC, by=Dimension.USER)

    assert found[""].cost_nano_usd == 0
    assert found[""].n


@pytest.mark.parametrize(
    ("limit", "said"),
    [("MOST_CALLS", "at most 2 calls; choose"), ("MOST_ROWS", "more than 2 sums to look at")],
)
def test_no_more_is_read_than_fits(
    empty: Database, book: Book, monkeypatch: pytest.MonkeyPatch, limit: str, said: str
) -> None:
    assert book
    monkeypatch.setattr(known_people, limit, 2)
    part = Window(START_MS + 1, WINDOW.to_ms - 1)

    assert said in refusal(
        empty, lambda session: usage.totals(session, part, UTC, by=Dimension.TAG)
    )
