"""Sums of users and tags: they follow the ledger, and outlive the details that they are made of."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from sqlalchemy import delete, func, select, text

from monitor.domain.calls import Attribution, Call, Detail, Origin
from monitor.domain.dedupe import dedupe_key
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, HOUR_MS, day_of
from monitor.services.doctor import sums_agree
from monitor.services.rebuild import move_home, rebuild
from monitor.services.retention import prune_step
from monitor.settings.model import Retention
from monitor.storage import facts, migrate
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallDetailRow
from monitor.storage.models.rollups import TagDay, UserDay
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record, request
from tests.services.test_replay import dump
from tests.services.test_repricing import apply, tell

pytestmark = pytest.mark.usefixtures("keeper")

PEOPLE = ("user_day", "tag_day")
ANN, BOB = b"\x01" * 16, b"\xfe" * 16
BEFORE = "0025"
DETAILS = (
    None,
    Detail(user_hash=ANN),
    Detail(user_hash=BOB, tags=(("ring", "a"), ("release", "9"))),
    Detail("an id alone"),
    Detail(tags=(("ring=a", "b"), ("ring", "a=b"), ("\\", "ö'\"%"))),
)
OUTCOMES = (Outcome.OK, Outcome.OVERLOADED, LocalFailure.NETWORK_LOCAL, Outcome.WRONG_ANSWER)
STATES = (UsageState.MEASURED, UsageState.ESTIMATED)


def call_of(number: int) -> Call:
    """One each seven hours, of everybody and everything in turns."""
    state = UsageState.MISSING if number % 3 == 0 else STATES[number % 2]
    cost = {"cost_nano_usd": 1_000 + number} if number % 11 == 0 else {}
    return request(
        number * 7 * 3_600,
        OUTCOMES[number % 7 % len(OUTCOMES)],
        endpoint=(ENDPOINT.id, OTHER.id)[number % 2],
        origin=(Origin.API, Origin.IMPORT)[number % 5 // 4],
        attribution=Attribution(team=("search", None)[number % 4 // 3]),
        usage=None if state is UsageState.MISSING else Usage(input=number, output=2),
        usage_state=state,
        is_live=False,
        dedupe_key=dedupe_key("acme", str(number), MONDAY_MS),
        detail=DETAILS[number % len(DETAILS)],
        **cost,
    )


CALLS = [call_of(number) for number in range(40)]
END_MS = MONDAY_MS + 12 * DAY_MS


def filled(folder: Path, zone: str = "America/St_Johns") -> Database:
    database = open_database(folder, zone=zone)
    record(database, CALLS, END_MS)
    return database


def disagreements(database: Database) -> list[object]:
    with database.reading() as session:
        return list(sums_agree(session))


def users(database: Database) -> dict[bytes, int]:
    with database.reading() as session:
        summed = select(UserDay.user_hash, func.sum(UserDay.n)).group_by(UserDay.user_hash)
        return {user: int(n) for user, n in session.execute(summed)}


def forget_details(database: Database, days: int) -> None:
    """Only so many days of details are kept."""
    with database.writing() as session:
        while prune_step(session, Retention(400, days, 400), END_MS):
            pass


def test_each_call_counts_for_its_user_and_under_each_of_its_tags(tmp_path: Path) -> None:
    database = filled(tmp_path)

    assert disagreements(database) == []
    assert users(database) == {ANN: 8, BOB: 8}
    with database.reading() as session:
        summed = select(TagDay.tag, func.sum(TagDay.n)).group_by(TagDay.tag)
        found = {tag: int(n) for tag, n in session.execute(summed)}
    both = {"ring=a": 8, "release=9": 8, "ring\\=a=b": 8, "ring=a=b": 8, "\\\\=ö'\"%": 8}
    assert found == {"": 16} | both
    database.close()


def test_calls_without_a_user_or_tags_add_no_row(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0, detail=Detail("id")), request(1)])

    assert dump(database, PEOPLE) == {"user_day": [], "tag_day": []}
    database.close()


def test_a_ledger_that_was_is_summed_up(tmp_path: Path) -> None:
    database = filled(tmp_path)
    written = dump(database, PEOPLE)
    database.close()
    command.downgrade(migrate._config(database.url), BEFORE)
    migrate.upgrade(database.url)

    assert dump(database, PEOPLE) == written
    database.close()


def test_days_outlive_the_details_that_they_are_made_of(tmp_path: Path) -> None:
    database = filled(tmp_path)
    written = dump(database, PEOPLE)
    forget_details(database, 5)

    rebuild(database)
    with database.reading() as session:
        assert 0 < (session.scalar(select(func.count(CallDetailRow.call_id))) or 0) < 20
    assert dump(database, PEOPLE) == written
    assert disagreements(database) == []
    database.close()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Pago_Pago"])
def test_a_new_home_zone_loses_nobody(tmp_path: Path, zone: str) -> None:
    database = filled(tmp_path)
    before = users(database)
    forget_details(database, 5)
    move_home(database, ZoneInfo(zone))

    assert users(database) == before
    assert disagreements(database) == []
    rebuild(database)
    assert (users(database), disagreements(database)) == (before, [])
    database.close()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Pago_Pago"])
def test_a_new_home_zone_keeps_the_sums_of_calls_that_are_gone(tmp_path: Path, zone: str) -> None:
    database = filled(tmp_path)
    with database.writing() as session:
        while prune_step(session, Retention(5, 5, 5), END_MS):
            pass
    counted = text("SELECT sum(n) FROM usage_15m")
    with database.reading() as session:
        before = session.scalar(counted)
    move_home(database, ZoneInfo(zone))
    rebuild(database)

    with database.reading() as session:
        assert session.scalar(counted) == before == len(CALLS)
    database.close()


def test_what_a_repeat_fills_is_filled_for_its_user(tmp_path: Path) -> None:
    database = filled(tmp_path)
    used = {"usage": Usage(input=99), "usage_state": UsageState.MEASURED, "detail": None}
    told = [
        request(
            (call.started_ms - MONDAY_MS) / 1000,
            call.outcome,
            **used,
            endpoint=call.endpoint,
            attribution=Attribution("search"),
            is_live=False,
            dedupe_key=call.dedupe_key,
        )
        for call in CALLS
        if call.usage is None
    ]
    receipts = record(database, told, END_MS)

    assert {each.verdict for each in receipts} == {"filled"}
    assert disagreements(database) == []
    assert users(database) == {ANN: 8, BOB: 8}
    database.close()


def test_a_repricing_reaches_the_users_whose_details_are_kept(tmp_path: Path) -> None:
    database = filled(tmp_path)
    with database.writing() as session:
        home = facts.home_zone(session)
        session.execute(delete(CallDetailRow).where(CallDetailRow.started_ms < END_MS - 6 * DAY_MS))
        facts.state(session, facts.DETAILS_FROM_DAY, str(day_of(END_MS - 5 * DAY_MS, home)))
    before = dump(database, PEOPLE)
    tell(database, OTHER.id, 7_000_000, MONDAY_MS - HOUR_MS)
    apply(database, OTHER.id)

    after = dump(database, PEOPLE)
    assert disagreements(database) == []
    assert any(row in before["user_day"] for row in after["user_day"])
    assert any(row not in before["user_day"] for row in after["user_day"])
    database.close()
