"""The page of prices: what holds, what nobody knows, and who says otherwise, with amounts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.pages import price_worth
from dashboard.pages.price_words import every_rate, others
from dashboard.reads import Reads
from monitor.domain.events import Addressee
from monitor.domain.feeds import OPENROUTER_URL, Feed, FeedKind, Policy
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import PriceList, Rate
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.services import directory, feeds, prices, proposals
from monitor.services.prices import OwnPrice
from monitor.storage.engine import Database
from tests.dashboard.components import cell, rows, texts
from tests.dashboard.test_pages import draw
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, open_database, probe, record, request

NOW_MS = time.time_ns() // 1_000_000
BASE_S = (NOW_MS - MONDAY_MS) / 1000
FEED = Feed("openrouter", FeedKind.OPENROUTER, OPENROUTER_URL)
USED: dict[str, Any] = {"usage_state": UsageState.MEASURED}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path, now_ms=NOW_MS - 40 * DAY_MS)
    yield opened
    opened.close()


def page_of(database: Database, search: str = "") -> Component:
    return draw(Reads(database, ZoneInfo("UTC")), "/prices", search)


def take(database: Database, *offers: Offer, now_ms: int = NOW_MS - 1_000, **said: Any) -> None:
    with database.writing() as session:
        feeds.take(session, FEED, Said(offers, **said), now_ms, now_ms, Policy.BY_HAND)


def offer(pico_usd: int = 3_000_000, endpoint: str = ENDPOINT.id) -> Offer:
    return Offer(endpoint, "small", (Rate("input", pico_usd), *PRICES.rates[1:]))


def words(page: Component, component_id: str, number: int = 0) -> list[str]:
    row = rows(page, component_id)[number]
    return [cell(row, column) for column in range(len(row["c"]))]


def test_without_anything_watched_every_part_says_so(tmp_path: Path) -> None:
    empty = open_database(tmp_path, (), {})
    page = page_of(empty)
    empty.close()

    assert texts(page).startswith("Nothing has a price yet no call unpriced, no proposal waiting")
    assert rows(page, ids.PRICES_IN_FORCE) == rows(page, ids.PRICES_HISTORY) == []


def test_what_holds_is_told_with_its_source_and_age_and_unpriced_comes_first(
    database: Database,
) -> None:
    page = page_of(database)
    unpriced, priced = words(page, ids.PRICES_IN_FORCE), words(page, ids.PRICES_IN_FORCE, 1)

    assert texts(page).startswith("1 of 2 endpoints without a price")
    assert unpriced[0].startswith(OTHER.id)
    assert unpriced[5] == "unpriced counted, never $0"
    assert "$0" not in unpriced[1:4]
    assert priced[1:] == [
        "$2.50",
        "$10.00",
        "$1.25",
        "—",
        "bundled catalogue test",
        "ever",
        "40 days",
    ]


def test_conditions_are_told_in_words() -> None:
    price = PriceList(
        (
            Rate("input", 1_000_000),
            Rate("input", 2_000_000, 200_000),
            Rate("input", 3_000_000, 5_000, tier_rule=TierRule.BEYOND),
            Rate("output", 500_000, -1, 990, 30),
            Rate("output", 400_000, -1, 0, 0, weekdays=0b110_0001),
            Rate("output", 250_000, service_tier=ServiceTier.BATCH),
            Rate("requests", 5_000_000_000),
        ),
        "test",
        0,
    )

    assert others(price) == (
        "a request $0.005; 00:00–00:00 UTC from Mon, Sat–Sun: output $0.40; "
        "16:30–00:30 UTC: output $0.50; above 200K in: input $2.00; "
        "batch: output $0.25; each beyond 5,000: input $3.00"
    )
    assert every_rate(price).startswith("input $1.00; a request $0.005; 00:00")
    assert others(PriceList((Rate("input", 0), Rate("images", 0)), "x", 0)) == "everything free"


def test_a_disagreement_says_what_it_is_worth_on_the_team_s_usage(database: Database) -> None:
    usage = Usage(input=1_000_000, output=100_000)
    record(database, [request(BASE_S - 60, usage=usage, **USED)])
    record(database, [probe(BASE_S - 60, usage=usage, **USED)])  # no team's
    record(database, [request(BASE_S - 31 * 86_400, usage=usage, **USED)])  # too long ago
    take(database, offer())
    page = page_of(database)
    found = words(page, ids.PRICES_SAYS)

    assert found[:2] == ["1", ENDPOINT.id]
    assert found[3] == "input $2.50 → $3.00"
    assert found[4] == "+$0.50 $4.00, not $3.50"
    assert found[5:] == ["none", "waits for your word"]
    assert "inferwatch prices accept 1" in texts(page)
    assert "1 proposal waiting" in texts(page)


def test_a_disagreement_is_worked_out_by_the_steps_hours_and_tiers_that_apply(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = Usage(input=100_000), Usage(input=300_000, output=100_000)
    midnight_s = BASE_S - BASE_S % 86_400
    record(database, [request(midnight_s - 60, usage=small, **USED)])
    record(database, [request(midnight_s - 7_200, usage=large, **USED)])
    steps = (Rate("input", 5_000_000, 200_000), Rate("output", 5_000_000, -1, 22 * 60, 23 * 60))
    take(database, Offer(ENDPOINT.id, "small", (*offer().rates, *steps)))
    whole = words(page_of(database), ids.PRICES_SAYS)[4]
    monkeypatch.setattr(price_worth, "MOST_CALLS", 1)
    newest = words(page_of(database), ids.PRICES_SAYS)[4]

    # 100,000 at $3 and not $2.50; 300,000 at $5 and not $2.50, 100,000 at $5 and not $10
    assert whole == "+$0.30 $2.30, not $2.00"
    assert newest == "+$0.05 $0.30, not $0.25 · newest 1 call"


def test_what_was_rejected_is_still_told_and_what_is_doubted_is_not_to_be_accepted(
    database: Database,
) -> None:
    take(database, offer(), offer(99_000_000, OTHER.id), offer(30_000_000))
    with database.writing() as session:
        opened = proposals.disagreements(session, NOW_MS, only_open=True)
        doubted = [d.proposal.id for d in opened if d.endpoint == ENDPOINT.id]
        proposals.reject(session, [d.proposal.id for d in opened if d.endpoint == OTHER.id], "b", 1)
    page = page_of(database)
    told = {tuple(words(page, ids.PRICES_SAYS, n)[5:]) for n in range(2)}

    assert ("none", "rejected") in told
    assert ("input: 10 times or more of a change", "waits for your word") in told
    assert "prices accept" not in texts(page)
    assert f"inferwatch prices reject {doubted[0]}" in texts(page)


def test_a_call_without_a_price_is_queued_with_the_commands_that_price_it(
    database: Database,
) -> None:
    used = Usage(input=1_000, output=500)
    record(database, [request(BASE_S - 60, endpoint=OTHER.id, usage=used, **USED)])
    record(database, [probe(BASE_S - 30, endpoint=OTHER.id, usage=used, **USED)])
    page = page_of(database)
    row = words(page, ids.PRICES_UNPRICED)

    assert row[:3] == [f"{OTHER.id} {OTHER.model}", "2 1 of them probes", "3,000"]
    assert f"inferwatch prices set {OTHER.id} input=… output=… --from '20" in texts(page)
    assert "2 calls unpriced" in texts(page)


def test_a_source_that_broke_is_told_with_its_error_and_how_old_its_word_is(
    database: Database,
) -> None:
    take(database, now_ms=NOW_MS - 6 * DAY_MS, remarks=("video is not understood (a)",))
    with database.writing() as session:
        feeds.note_failure(session, FEED, "what it sends is not JSON", NOW_MS - 1_000)
    [row] = rows(page_of(database), ids.PRICES_SOURCES)

    assert cell(row, 2).endswith("6 days old")
    assert cell(row, 4).startswith("failed at ")
    assert cell(row, 4).endswith("what it sends is not JSON")


def test_the_past_of_the_chosen_endpoint_is_shown_with_who_said_what(database: Database) -> None:
    with database.writing() as session:
        own = OwnPrice(ENDPOINT.id, (Rate("input", 7_000_000),), "alice")
        prices.set_own(session, own, NOW_MS - DAY_MS)
    page = page_of(database, f"?endpoint={ENDPOINT.id}")
    newest, oldest = (words(page, ids.PRICES_HISTORY, n) for n in range(2))

    assert newest[2:4] == ["input $7.00", "set by hand set by alice"]
    assert oldest[0] == "ever"
    assert f"of {ENDPOINT.id}" in texts(page)
    assert "not known here" in texts(page_of(database, "?endpoint=nobody"))


def test_hostile_names_stay_texts_of_bounded_length(database: Database) -> None:
    name = "<script>alert(1)</script>" + "x" * 400
    with database.writing() as session:
        directory.meet(session, [Addressee(model=name, url="https://api.example.com/v1")], NOW_MS)
    page = page_of(database)

    assert any("<script>" in cell(row, 0) for row in rows(page, ids.PRICES_IN_FORCE))
    assert all(len(cell(row, 0)) < 400 for row in rows(page, ids.PRICES_IN_FORCE))
