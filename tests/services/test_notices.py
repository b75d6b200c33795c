"""What is worth telling once of spend, prices and models that end, over a real ledger."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import Severity
from monitor.domain.anomalies import Tolerance
from monitor.domain.calls import Attribution, Call
from monitor.domain.messages import Message
from monitor.domain.noticed import Noticed
from monitor.domain.notices import compose_notice
from monitor.domain.offers import Offer
from monitor.domain.prices import Authority, CostState, PriceList, Rate
from monitor.domain.retirements import SETTINGS
from monitor.domain.rules import DEFAULTS, Notice, Reach, RuleName, Ruleset
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_of
from monitor.services import feeds, notice_replay, notices, prices, proposals, rules
from monitor.services.prices import OwnPrice
from monitor.storage import prices as price_rows
from monitor.storage import retirements
from monitor.storage.engine import Database
from tests.making import (
    ENDPOINT,
    MONDAY_MS,
    OTHER,
    PRICES,
    load_reference,
    open_database,
    record,
    request,
)

#: Every test here runs on SQLite and on PostgreSQL.
pytestmark = pytest.mark.usefixtures("keeper")
UTC, USD = ZoneInfo("UTC"), 10**9
#: Ten weeks after the first Monday, at 14:20.
NOW_MS = MONDAY_MS + 70 * DAY_MS + 14 * HOUR_MS + 20 * 60_000
SEARCH = Attribution(team="search")
DEARER = (Rate("input", 3_000_000), Rate("output", 12_000_000))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def find(database: Database, name: RuleName, now_ms: int = NOW_MS, **more: Any) -> list[Notice]:
    """What one rule notices, all others being off."""
    off = {each: replace(rule, is_on=False) for each, rule in DEFAULTS.items()}
    ruleset = Ruleset(off | {name: replace(DEFAULTS[name], **more)})
    with database.reading() as session:
        return [each.notice for each in notices.find(session, ruleset, now_ms)]


def say(notice: Notice) -> Message:
    whose = notice.rule, notice.subject, notice.provider
    noticed = Noticed(*whose, Severity.WARNING, notice.at_ms, notice.facts)
    return compose_notice(noticed, "https://watch.example", UTC)


def paid(day: int, hour: float, usd: float, whose: Attribution = SEARCH, **more: Any) -> Call:
    """A call whose cost the provider told, on a day after the first Monday."""
    cost = {"cost_nano_usd": round(usd * USD), "cost_state": CostState.REPORTED}
    known: dict[str, Any] = cost | more
    return request(day * 86_400 + hour * 3600, **known, attribution=whose)


def spend(database: Database, today_usd: float, before: Sequence[float] = (10, 12, 11, 9)) -> None:
    """So much on Monday at noon, and on the Mondays before it; each evening ten times as much."""
    past = [paid(63 - 7 * n, 12, usd) for n, usd in enumerate(before)]
    evening = [paid(63 - 7 * n, 20, 10 * usd) for n, usd in enumerate(before)]
    first = paid(63 - 7 * len(before), 12, 1)
    record(database, [first, *past, *evening, paid(70, 12, today_usd)])


def test_a_monday_is_held_against_mondays_up_to_the_same_time(database: Database) -> None:
    spend(database, 40)
    everything, *rest = find(database, RuleName.SPEND_ANOMALY)
    facts = everything.facts

    # the median of 9, 10, 11, 12; distances 0.5, 0.5, 1.5, 1.5, whose median is 1
    assert (facts["usual_nano_usd"], facts["spread_nano_usd"]) == (10_500_000_000, 1_482_600_000)
    assert (facts["days"], facts["spent_nano_usd"]) == (4, 40 * USD)
    assert [each.subject for each in (everything, *rest)] == [
        "everything",
        "model acme/small",
        "team search",
    ]


@pytest.mark.parametrize("usd", [14, 16.4])
def test_a_monday_a_little_dearer_is_told_to_nobody(database: Database, usd: float) -> None:
    spend(database, usd)

    assert find(database, RuleName.SPEND_ANOMALY) == []


def test_two_mondays_are_too_few_to_say_what_is_usual(database: Database) -> None:
    spend(database, 40, before=(10, 12))

    assert find(database, RuleName.SPEND_ANOMALY) == []


def test_a_new_team_is_no_anomaly_of_its_own(database: Database) -> None:
    spend(database, 11)
    record(database, [paid(70, 13, 30, Attribution(team="new"))])

    assert [each.subject for each in find(database, RuleName.SPEND_ANOMALY)] == [
        "everything",
        "model acme/small",
    ]


def test_an_anomaly_is_told_once_a_day_however_it_grows(database: Database) -> None:
    spend(database, 40)
    told = []
    for now_ms in (NOW_MS, NOW_MS + HOUR_MS):
        [first, *_] = find(database, RuleName.SPEND_ANOMALY, now_ms)
        with database.writing() as session:
            told.append(rules.notice(session, DEFAULTS[RuleName.SPEND_ANOMALY], first))
        record(database, [paid(70, 14.5, 100)])

    assert told == [True, False]


def test_an_anomaly_reads_as_one_looks_at_a_phone(database: Database) -> None:
    spend(database, 40)
    record(database, [request(70 * 86_400 + 3600.0, attribution=SEARCH)])
    message = say(find(database, RuleName.SPEND_ANOMALY)[2])

    assert message.title == "team search: $40.00 so far, $10.50 is usual"
    assert message.body.splitlines() == [
        "team search: $40.00 on Mon 11 May 2026 until 14:15 (UTC).",
        "On the last 4 Mondays it was $10.50 by then (median, ± $1.48): now 3.8 times as much.",
        "The cost of 1 of 2 calls is not known.",
        "See what moved it on the page Spend.",
    ]
    assert message.link == (
        "https://watch.example/spend?window=custom&from=2026-05-11&to=2026-05-11&team=search"
    )


def reprice(database: Database, price: PriceList, endpoint: str = ENDPOINT.id) -> None:
    number = load_reference(database).endpoint_ids[endpoint]
    with database.writing() as session:
        price_rows.append(session, number, price)


def use(database: Database) -> None:
    """Two million tokens in, and a million out, in the last thirty days: $15.00."""
    used = Usage(input=2_000_000, output=1_000_000)
    record(database, [request(60 * 86_400.0, usage=used, usage_state=UsageState.MEASURED)])


NEW = PriceList(DEARER, "genai-prices 9", NOW_MS - HOUR_MS, recorded_ms=NOW_MS - 48 * HOUR_MS)


def test_a_price_that_came_to_hold_is_told_with_what_it_comes_to(database: Database) -> None:
    use(database)
    reprice(database, NEW)
    [notice] = find(database, RuleName.PRICE_CHANGE)
    message = say(notice)

    # 2 × $0.50 and 1 × $2.00 more; cached input has no new rate of its own
    assert notice.facts["effect_nano_usd"] == 3 * USD
    assert message.title == "acme/small: price changed"
    assert message.body.splitlines() == [
        "genai-prices 9 has, since 11 May 13:20 (UTC),",
        "input $2.50 → $3.00, output $10.00 → $12.00 per M tokens.",
        "That is about +$3.00 on the $15.00 of the last 30 days.",
    ]


def test_a_price_that_is_to_come_is_told_when_it_holds(database: Database) -> None:
    reprice(database, NEW)
    found = [find(database, RuleName.PRICE_CHANGE, at) for at in (NEW.valid_from_ms - 1, NOW_MS)]

    assert [len(each) for each in found] == [0, 1]


def test_prices_that_came_at_once_are_told_at_once(database: Database) -> None:
    reprice(database, replace(PRICES, rates=PRICES.rates[:1]), OTHER.id)
    for endpoint in (ENDPOINT.id, OTHER.id):
        reprice(database, NEW, endpoint)
    [notice] = find(database, RuleName.PRICE_CHANGE)

    assert say(notice).title == "acme: 2 models: price changed"


@pytest.mark.parametrize("authority", [Authority.HAND, Authority.SETTINGS, Authority.ACCEPTED])
def test_a_user_is_not_told_of_his_own_word(database: Database, authority: Authority) -> None:
    reprice(database, replace(NEW, authority=authority))

    assert find(database, RuleName.PRICE_CHANGE) == []


def test_a_first_price_is_no_change(database: Database) -> None:
    with database.writing() as session:
        prices.set_own(session, OwnPrice(OTHER.id, DEARER, "me"), NOW_MS - HOUR_MS)

    assert find(database, RuleName.PRICE_CHANGE) == []


def test_what_was_before_the_rule_or_a_week_ago_is_not_told(database: Database) -> None:
    reprice(database, NEW)

    assert find(database, RuleName.PRICE_CHANGE, since_ms=NEW.valid_from_ms) == []
    assert find(database, RuleName.PRICE_CHANGE, NOW_MS + 8 * DAY_MS) == []


@pytest.mark.parametrize("by", ["me", feeds.BY_POLICY])
def test_a_proposal_is_told_and_again_only_where_it_came_to_hold_by_itself(
    database: Database, by: str
) -> None:
    at_ms, offer = NOW_MS - HOUR_MS, Offer(ENDPOINT.id, "small", DEARER)
    with database.writing() as session:
        proposals.propose(session, "feed", [offer], at_ms, at_ms)
    [proposed] = find(database, RuleName.PRICE_CHANGE)
    with database.writing() as session:
        proposals.accept(session, [1], by, at_ms + 60_000)
    after = find(database, RuleName.PRICE_CHANGE)

    assert say(proposed).title == "acme/small: new price proposed"
    assert say(proposed).body.endswith("Accept or reject it on the page Prices.")
    assert [each.facts["is_proposed"] for each in after] == [False] * (by == feeds.BY_POLICY)


def ending(database: Database, in_days: int, *names: str) -> None:
    numbers = load_reference(database).endpoint_ids
    with database.writing() as session:
        days = {numbers[name]: day_of(NOW_MS, UTC) + in_days for name in names}
        retirements.state(session, "litellm", days, NOW_MS)


@pytest.mark.parametrize(
    ("in_days", "keys"), [(31, []), (30, [30]), (12, [30]), (7, [7]), (1, [1]), (0, [1]), (-1, [])]
)
def test_the_end_of_a_model_is_told_as_it_nears(
    database: Database, in_days: int, keys: list[int]
) -> None:
    ending(database, in_days, ENDPOINT.id)
    day = day_of(NOW_MS, UTC) + in_days

    found = [(each.subject, each.key) for each in find(database, RuleName.RETIREMENT)]
    assert found == [("acme/small", f"{day}/{near}") for near in keys]


def test_the_end_of_a_model_reads_as_one_looks_at_a_phone(database: Database) -> None:
    use(database)
    ending(database, 7, ENDPOINT.id)
    [notice] = find(database, RuleName.RETIREMENT)
    message = say(notice)

    assert message.title == "acme/small ends in 7 days"
    assert message.body.splitlines() == [
        "From 18 May 2026 (UTC) on it is served no longer, according to litellm: acme/small.",
        "Calls of teams in the last 30 days: 1, for $15.00.",
        "Move its callers to another model before that.",
    ]
    assert message.link == "https://watch.example/models/acme/small"


def test_a_rule_for_other_endpoints_tells_of_no_end(database: Database) -> None:
    ending(database, 7, ENDPOINT.id, OTHER.id)
    reach = Reach(endpoints=frozenset({OTHER.id}))

    assert [n.subject for n in find(database, RuleName.RETIREMENT, reach=reach)] == ["acme/large"]


def test_the_settings_word_on_an_end_holds_before_a_feeds(database: Database) -> None:
    ending(database, 7, ENDPOINT.id)
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.writing() as session:
        retirements.state(session, SETTINGS, {number: date(2027, 1, 1).toordinal()}, NOW_MS)

    assert find(database, RuleName.RETIREMENT) == []


def replay(database: Database, **limits: Any) -> notice_replay.Compared:
    rule = replace(DEFAULTS[RuleName.SPEND_ANOMALY], parameters=Tolerance(**limits))
    window = Window(NOW_MS - 7 * DAY_MS, NOW_MS + DAY_MS)
    return notice_replay.compare(database, rule, window, lambda _done, _total: None)


def test_a_replay_finds_what_was_told_and_what_other_limits_would_tell(database: Database) -> None:
    spend(database, 40)
    for notice in find(database, RuleName.SPEND_ANOMALY):
        with database.writing() as session:
            rules.notice(session, DEFAULTS[RuleName.SPEND_ANOMALY], notice)
    found, tight = replay(database), replay(database, floor_nano_usd=50 * USD)

    assert [each.subject for each in found.would] == [
        "everything",
        "model acme/small",
        "team search",
    ]
    assert [found.was_told(each) for each in found.would] == [True] * 3
    assert found.would[0].at_ms == MONDAY_MS + 70 * DAY_MS + 13 * HOUR_MS
    assert (tight.would, len(tight.told)) == ((), 3)
