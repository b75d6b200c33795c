"""Bills over the network: read whole, kept as corrected, refused where they are not understood."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.collectors import anthropic_org, openai_org, openrouter_activity
from monitor.collectors.billing import BadBill, start_ms
from monitor.domain.bills import Biller, Billers, BillKind, BillLine, Span
from monitor.domain.feeds import NO_FEEDS
from monitor.domain.rules import Ruleset
from monitor.domain.secrets import Secret
from monitor.domain.windows import DAY_MS, HOUR_MS, day_of
from monitor.runtime.bills import Asker, Outcome
from monitor.services import bills, conditions
from monitor.storage import bills as rows
from monitor.storage.engine import Database, Session
from monitor.storage.queries import bills as told
from monitor.wire.transport import Transport
from tests.making import MONDAY_MS, open_database
from tests.monitors import make_settings
from tests.wire.loopback import Step, serving, whole

pytestmark = pytest.mark.usefixtures("keeper")
KEY = "canary-0123456789abcdef"
NOW_MS = MONDAY_MS + HOUR_MS
YESTERDAY = day_of(NOW_MS, bills.UTC) - 1
BILLER = Biller("bill", BillKind.OPENAI_ORG, "acme", Secret(KEY), "")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def costs(usd: object, day: int = YESTERDAY, following: str | None = None) -> dict[str, Any]:
    line = {"amount": {"value": usd, "currency": "usd"}, "line_item": "gpt, input"}
    bucket = {"start_time": start_ms(day) // 1000, "results": [line]}
    return {"data": [bucket], "has_more": following is not None, "next_page": following}


def ask(
    database: Database, folder: Path, answers: list[Sequence[Step]], now_ms: int = NOW_MS
) -> tuple[Outcome, list[bytes]]:
    (folder / "else").mkdir(exist_ok=True)

    async def write(task: Callable[[Session], Outcome]) -> Outcome:
        with database.writing() as session:
            return task(session)

    async def run() -> tuple[Outcome, list[bytes]]:
        rest = iter(answers)
        async with serving(lambda: iter(next(rest))) as server, Transport() as transport:
            biller = replace(BILLER, url=server.url.removesuffix("/v1"))
            settings = make_settings(folder / "else", server.url, billers=Billers((biller,)))
            asker = Asker(settings, database, transport, write, lambda: now_ms)
            [outcome] = await asker.ask_all(only_due=False)
            return outcome, server.requests

    return asyncio.run(run())


def page(document: object) -> Sequence[Step]:
    return whole(200, json.dumps(document))


def kept(database: Database) -> dict[int, int]:
    with database.reading() as session:
        return told.by_day(session, "bill", range(YESTERDAY - 40, YESTERDAY + 2))


def test_all_pages_are_taken_and_a_correction_takes_the_place_of_a_day(
    database: Database, tmp_path: Path
) -> None:
    old = YESTERDAY - 9
    first, requests = ask(database, tmp_path, [page(costs(0.5, old, "p&2")), page(costs("0.44"))])
    ask(database, tmp_path, [page(costs(0.5))])

    assert (first.lines, first.error) == (2, None)
    assert b"page=p%262" in requests[1]
    assert f"bearer {KEY}".encode() in requests[0].lower()
    assert kept(database) == {old: 500_000_000, YESTERDAY: 500_000_000}
    with database.reading() as session:
        [check] = bills.checks(session, YESTERDAY - 1, YESTERDAY + 1, NOW_MS)
    assert [(day.day, day.difference_nano_usd) for day in check.days] == [
        (YESTERDAY, 500_000_000),
        (YESTERDAY - 1, 0),
    ]


def test_what_fails_leaves_what_stood_and_is_told_of_until_it_works(
    database: Database, tmp_path: Path
) -> None:
    ask(database, tmp_path, [page(costs(1))])
    failed, _ = ask(database, tmp_path, [whole(429, "{}", retry_after="60")], NOW_MS + HOUR_MS)
    broken, _ = ask(database, tmp_path, [page(costs(2, following="x")), page({"data": 1})])
    sources = Billers((BILLER,))

    def look(now_ms: int) -> list[tuple[str, bool]]:
        with database.reading() as session:
            found = conditions.find(session, Ruleset(), (), NO_FEEDS, now_ms, sources)
        return [(each.finding.subject, each.finding.is_firing) for each in found]

    assert failed.error == "it answers with status 429, not 200"
    assert "data is missing" in (broken.error or "")
    assert kept(database) == {YESTERDAY: 1_000_000_000}
    assert look(NOW_MS + 6 * HOUR_MS) == []
    assert look(NOW_MS + DAY_MS) == [("bills of bill", True)]
    with database.reading() as session:
        assert bills.due(session, sources, NOW_MS + bills.RETRY_MS - 1) == []
        assert bills.due(session, sources, NOW_MS + bills.RETRY_MS) == [BILLER]
    good, _ = ask(database, tmp_path, [page(costs(2))])
    assert good.error is None
    assert kept(database) == {YESTERDAY: 2_000_000_000}


def test_a_wrong_key_is_told_without_it(database: Database, tmp_path: Path) -> None:
    failed, _ = ask(database, tmp_path, [whole(401, KEY)])

    with database.reading() as session:
        [source] = rows.every(session)
    assert source.error == failed.error == "it answers with status 401, not 200"
    assert source.through_day is None


def test_another_source_is_untouched_and_one_beside_another_provider_begins_anew(
    database: Database,
) -> None:
    other, line = replace(BILLER, name="other"), BillLine(YESTERDAY, "x", 7)
    days = Span(YESTERDAY, YESTERDAY)
    with database.writing() as session:
        for each in (BILLER, other):
            bills.take(session, each, days, [line], NOW_MS)
        bills.take(session, other, days, [], NOW_MS)
    assert kept(database) == {YESTERDAY: 7}
    with database.writing() as session:
        bills.note_failure(session, replace(BILLER, provider="b"), "no", NOW_MS)
    assert kept(database) == {}


def test_units_are_as_each_provider_means_them() -> None:
    cents = {"amount": "123.45", "currency": "USD", "description": "Input\x00", "model": None}
    report = {"data": [{"starting_at": "2026-11-21T00:00:00Z", "results": [cents]}]}
    used = {"date": "2026-11-21", "model": "o/m", "provider_name": "P", "usage": 0.44}
    [line] = anthropic_org.read(report).lines
    assert (line.nano_usd, line.model) == (1_234_500_000, None)
    assert openrouter_activity.read({"data": [used | {"requests": 3}]}).lines == (
        BillLine(line.day, "o/m at P", 440_000_000, "o/m", 3),
    )
    assert line.day == date(2026, 11, 21).toordinal()
    assert openai_org.read(costs(None)).lines == ()


@pytest.mark.parametrize("usd", ["NaN", True, [], 1e30, "x" * 500])
def test_what_is_no_amount_refuses_the_page(usd: object) -> None:
    with pytest.raises(BadBill, match="the amount"):
        openai_org.read(costs(usd))


@pytest.mark.parametrize(
    "document", [None, [], {"data": [1]}, {"data": [], "has_more": True, "next_page": 1}]
)
def test_what_is_no_page_is_refused(document: object) -> None:
    for each in (openai_org, anthropic_org):
        with pytest.raises(BadBill):
            each.read(document)
