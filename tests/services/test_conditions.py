"""What opens and closes by itself: the monitor's own health, and calls without a price."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.ailments import LagLimit, Patience, QueueLimit, RunsLimit, Volume
from monitor.domain.calls import Call, Origin
from monitor.domain.feeds import Feed, FeedKind, Feeds
from monitor.domain.findings import cause
from monitor.domain.messages import Message, compose
from monitor.domain.prices import Rate
from monitor.domain.rules import DEFAULTS, RuleName, Ruleset
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS
from monitor.services import alerts, cases, conditions, deliveries, prices, rules
from monitor.services.prices import OwnPrice
from monitor.storage import feeds as feed_rows
from monitor.storage import gaps, incidents, probe_caps, vitals
from monitor.storage.alerts import waiting
from monitor.storage.engine import Database
from monitor.storage.feeds import Asked
from monitor.storage.gaps import GapReason
from monitor.storage.probe_caps import Caps
from monitor.storage.queries import incidents as asked
from tests.alerting import to_hooks
from tests.domain.looks import look
from tests.making import (
    ENDPOINT,
    MONDAY_MS,
    OTHER,
    load_reference,
    open_database,
    probe,
    record,
    request,
)

#: Every test here runs on SQLite and on PostgreSQL.
pytestmark = pytest.mark.usefixtures("keeper")
UTC, USD, GIB = ZoneInfo("UTC"), 10**9, 1024**3
NOW_MS = MONDAY_MS + 12 * HOUR_MS
ROOMY = (Volume("database", 100 * GIB, 200 * GIB),)
FULL = (Volume("database", GIB // 2, 200 * GIB),)
FEED = Feed("litellm", FeedKind.LITELLM, "https://example.com/prices.json")
SOURCES = Feeds((FEED,))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def go_round(
    database: Database,
    now_ms: int = NOW_MS,
    volumes: Sequence[Volume] = ROOMY,
    changed: Ruleset | None = None,
) -> list[tuple[str, bool]]:
    """What is found to be another thing than before, and told."""
    ruleset = Ruleset() if changed is None else changed
    with database.writing() as session:
        found = conditions.find(session, ruleset, tuple(volumes), SOURCES, now_ms)
        for rule, finding in found:
            rules.report(session, rule, finding)
    return [(each.finding.subject, each.finding.is_firing) for each in found]


def rounds(
    database: Database, at_min: Sequence[float], **more: Any
) -> list[list[tuple[str, bool]]]:
    return [go_round(database, NOW_MS + round(n * MINUTE_MS), **more) for n in at_min]


def looks(database: Database, from_min: int, to_min: int, **more: Any) -> None:
    """The monitor's looks at itself, one a minute."""
    with database.writing() as session:
        for n in range(from_min, to_min):
            vitals.add(session, look(NOW_MS + n * MINUTE_MS, **more))


def opened(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            subject: since_ms
            for name in conditions.EXAMINATIONS
            for subject, since_ms in incidents.standing(session, name).items()
        }


def test_a_healthy_monitor_tells_nothing(database: Database) -> None:
    looks(database, -30, 1)

    assert rounds(database, [0, 1]) == [[], []]


@pytest.mark.parametrize(
    ("subject", "ill"), [("event loop", {"lag_s": 1.4}), ("writer queue", {"queued": 12_000})]
)
def test_what_is_ill_for_five_minutes_is_told_once_and_its_end_too(
    database: Database, subject: str, ill: dict[str, Any]
) -> None:
    looks(database, -30, -3, lag_s=0.01)
    looks(database, -3, 8, **{"lag_s": 0.01} | ill)
    looks(database, 8, 30, lag_s=0.01)

    assert rounds(database, [0, 1, 3, 10, 13]) == [
        [],
        [(subject, True)],
        [],
        [],
        [(subject, False)],
    ]


def test_a_restart_tells_nothing_anew(database: Database) -> None:
    """All that decides is read again: there is nothing else that a restart could forget."""
    looks(database, -30, 1, lag_s=2.0)
    rounds(database, [0, 0.5])

    assert opened(database) == {"event loop": NOW_MS - 4 * MINUTE_MS}
    with database.reading() as session:
        assert len(waiting(session, 10)) == 1


def test_a_disk_that_is_nearly_full_is_told_at_once(database: Database) -> None:
    assert [go_round(database, NOW_MS + n, room) for n, room in enumerate((FULL, FULL, ROOMY))] == [
        [("database", True)],
        [],
        [("database", False)],
    ]


def test_a_rule_that_is_switched_off_lets_go(database: Database) -> None:
    go_round(database, volumes=FULL)
    off = Ruleset.of([replace(DEFAULTS[RuleName.DISK], is_on=False)])

    assert go_round(database, NOW_MS + 1, FULL, off) == [("database", False)]
    assert go_round(database, NOW_MS + 2, FULL, off) == []


def test_probe_runs_that_are_missed_are_told_of_and_pauses_are_not(database: Database) -> None:
    record(database, [probe(12 * 3600 - n * 60) for n in range(1, 15)])
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.writing() as session:
        gaps.add(session, number, NOW_MS - 60_000, GapReason.HELD, 50)
        gaps.add(session, number, NOW_MS - 60_000, GapReason.MISSED, 1)
    before = go_round(database)
    with database.writing() as session:
        gaps.add(session, number, NOW_MS - 30_000, GapReason.SKIPPED, 1)

    assert (before, go_round(database)) == ([], [("probe runs", True)])


def test_the_cap_of_probes_is_told_of_once_a_day(database: Database) -> None:
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.writing() as session:
        probe_caps.state(session, Caps(USD, {}))
        gaps.add(session, number, NOW_MS, GapReason.CAPPED)

    assert rounds(database, [0, 1, 12 * 60 - 1, 12 * 60]) == [
        [("probe money", True)],
        [],
        [],
        [("probe money", False)],
    ]


@pytest.mark.parametrize("caps", [Caps(0, {}), Caps(USD, {"acme": 0})])
def test_who_wants_no_paid_probes_is_not_told_that_there_are_none(
    database: Database, caps: Caps
) -> None:
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.writing() as session:
        probe_caps.state(session, caps)
        gaps.add(session, number, NOW_MS, GapReason.CAPPED)

    assert go_round(database) == []


def test_a_feed_may_fail_for_some_hours(database: Database) -> None:
    asked = Asked(FEED, NOW_MS, succeeded_ms=NOW_MS - DAY_MS, error="answers with status 500")
    with database.writing() as session:
        feed_rows.put(session, asked)
    found = rounds(database, [0, 6 * 60 - 1, 6 * 60, 6 * 60 + 1])
    with database.writing() as session:
        feed_rows.put(session, replace(asked, error=None))

    assert found == [[], [], [("litellm", True)], []]
    assert go_round(database, NOW_MS + 7 * HOUR_MS) == [("litellm", False)]


def unpriced(hour: float, **more: Any) -> Call:
    used = Usage(input=1_000, output=200)
    whose = {"endpoint": OTHER.id, "usage": used, "usage_state": UsageState.MEASURED}
    return request(hour * 3600, **whose | more)


def test_a_model_without_a_price_is_told_until_it_has_one_and_again_after(
    database: Database,
) -> None:
    record(database, [unpriced(11), unpriced(11.1)])
    first = rounds(database, [0, 60])
    with database.writing() as session:
        price = OwnPrice(OTHER.id, (Rate("input", 1), Rate("output", 1)), "me")
        prices.set_own(session, price, NOW_MS)
    record(database, [unpriced(25)])
    after = rounds(database, [13 * 60, 30 * 60])
    record(database, [unpriced(49, usage=Usage(searches=1))])

    assert first == [[("acme/large", True)], []]
    assert after == [[], [("acme/large", False)]]
    assert go_round(database, NOW_MS + 38 * HOUR_MS) == [("acme/large", True)]


def test_calls_without_a_price_are_counted_without_our_probes(database: Database) -> None:
    record(database, [unpriced(11), unpriced(11.1), unpriced(11.2, origin=Origin.PROBE)])
    go_round(database)
    with database.reading() as session:
        found = asked.numbered(session, 1)

    assert found is not None
    assert (found.facts["calls"], found.facts["tokens"]) == (2, 2_400)


def test_a_model_that_nobody_calls_any_more_stays_unpriced(database: Database) -> None:
    record(database, [unpriced(11)])

    assert [go_round(database), go_round(database, NOW_MS + 5 * DAY_MS)] == [
        [("acme/large", True)],
        [],
    ]


def message_of(database: Database, at_ms: int) -> Message:
    """What is sent now."""
    with database.writing() as session:
        alerts.plan(session, to_hooks("https://example.com/a"), at_ms)
    with database.reading() as session:
        [parcel] = deliveries.due(session, at_ms, ())
        told = cases.build(session, parcel.standing, at_ms, told_before=parcel.told_before)
    return compose(parcel.picked.delivery.telling, told.case, told.path, UTC)


def test_an_ailment_reads_as_one_looks_at_a_phone(database: Database) -> None:
    go_round(database, volumes=FULL)
    message = message_of(database, NOW_MS + 2_000)

    assert (message.title, message.link) == ("database: 512 MiB free of 200 GiB", "/incidents/1")
    assert message.body.splitlines() == [
        "Since 02 Mar 12:00:00 (UTC). 512 MiB free of 200 GiB: the monitor itself.",
        "Make room, or keep calls for less time (`retention`).",
    ]


def test_what_was_over_before_it_was_told_is_told_as_one(database: Database) -> None:
    go_round(database, volumes=FULL)
    go_round(database, NOW_MS + 7 * MINUTE_MS)
    message = message_of(database, NOW_MS + 7 * MINUTE_MS + 2_000)

    assert message.title == "database: 512 MiB free of 200 GiB for 7 min"
    assert "Make room" not in message.body


FACTS: dict[RuleName, tuple[dict[str, Any], str]] = {
    RuleName.EVENT_LOOP: ({"worst_ms": 1_440, "minutes": 5}, "up to 1.4 s late for 5 min"),
    RuleName.WRITER_QUEUE: (
        {"most": 12_000, "minutes": 5},
        "up to 12,000 calls waited for 5 min",
    ),
    RuleName.DISK: (
        {"free_bytes": 9 * GIB + 1, "total_bytes": 2048 * GIB},
        "9.0 GiB free of 2.0 TiB",
    ),
    RuleName.MISSED_RUNS: (
        {"made": 88, "lost": 12, "minutes": 15},
        "12 of 100 not made in 15 min",
    ),
    RuleName.PROBE_CAP: (
        {"spent_nano_usd": 990_000_000, "cap_nano_usd": USD, "count": 1},
        "$0.99 of $1.00 spent, 1 endpoint waits",
    ),
    RuleName.FEED: ({"error": "no\nroute"}, "fails: no route"),
    RuleName.DATABASE: (
        {"spooled": 120, "lost": 3},
        "took no writes, 120 probes waited in the spool, 3 were lost for want of room",
    ),
    RuleName.UNPRICED: (
        {"calls": 1, "tokens": 1_200, "is_at_least": True},
        "1 call without a price in a day (at least 1,200 tokens)",
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_every_condition_has_its_words(name: RuleName) -> None:
    facts, said = FACTS[name]

    assert cause(name, None, facts) == said
    assert FACTS.keys() > conditions.EXAMINATIONS.keys()


def test_limits_are_those_of_the_settings(database: Database) -> None:
    looks(database, -30, 1, lag_s=0.2, queued=50)
    tight = Ruleset.of(
        [
            replace(DEFAULTS[RuleName.EVENT_LOOP], parameters=LagLimit(200, 2)),
            replace(DEFAULTS[RuleName.WRITER_QUEUE], parameters=QueueLimit(50, 2)),
            replace(DEFAULTS[RuleName.MISSED_RUNS], parameters=RunsLimit(50, 1)),
            replace(DEFAULTS[RuleName.FEED], parameters=Patience(1)),
        ]
    )

    assert go_round(database, changed=tight) == [("event loop", True), ("writer queue", True)]
