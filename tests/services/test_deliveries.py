"""Delivery: what lies in the outbox becomes messages, whatever comes between."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.alerts import FLAPPING_MS, STALE_MS, Severity, Telling
from monitor.domain.channel_health import ChannelHealth
from monitor.domain.channels import Pace
from monitor.domain.deliveries import GIVE_UP_MS, DeliveryState, Refused
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.prices import CostState
from monitor.domain.routes import Alerting, Route
from monitor.services import alerts, deliveries
from monitor.services.cases import build
from monitor.services.deliveries import ChannelOff, NoDeadLetter, Parcel
from monitor.storage import channels
from monitor.storage.engine import Database
from monitor.storage.queries import alerts as asked
from tests.alerting import CONFIRMED_S, NIGHT, hook, outage, recovery, to_hooks
from tests.making import MONDAY_MS, OTHER, open_database, probe, record, request

HOOK = to_hooks("https://example.com/a")
LATER_S = 7200.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def plan(database: Database, at_s: float, alerting: Alerting = HOOK) -> None:
    with database.writing() as session:
        alerts.plan(session, alerting, MONDAY_MS + round(at_s * 1000))


def due(database: Database, at_s: float) -> list[Parcel]:
    with database.reading() as session:
        return list(deliveries.due(session, MONDAY_MS + round(at_s * 1000), ()))


def note(database: Database, parcel: Parcel, at_s: float, refused: Refused | None = None) -> None:
    with database.writing() as session:
        now_ms = MONDAY_MS + round(at_s * 1000)
        deliveries.note(session, parcel, refused, now_ms, 0.5)


def send_all(database: Database, at_s: float) -> list[tuple[str, Telling]]:
    """Everything that is due is taken; what it was."""
    sent = []
    while parcels := due(database, at_s):
        for parcel in parcels:
            note(database, parcel, at_s)
            sent.append((parcel.channel, parcel.picked.delivery.telling))
    return sent


def states(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        [found] = [asked.of_incident(session, 1)]
    return [(line.telling, line.state) for line in found]


def test_an_outage_is_told_once_at_its_opening_and_once_at_its_closing(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    plan(database, 142)
    opening = send_all(database, 150)
    record(database, recovery(200))
    plan(database, 212)

    assert opening == [("hook", Telling.OPENED)]
    assert send_all(database, 220) == [("hook", Telling.CLOSED)]
    assert send_all(database, 10_000) == []


def test_the_closing_says_what_it_cost(database: Database) -> None:
    paid = {"cost_nano_usd": 2_000_000, "cost_state": CostState.REPORTED}
    record(database, outage(100))
    plan(database, 141)
    record(database, [request(150, Outcome.STREAM_CUT, **paid), *recovery(200)])
    plan(database, 212)
    [parcel] = due(database, 220)
    with database.reading() as session:
        case = build(session, parcel.standing, MONDAY_MS + 220_000, told_before=True).case

    assert case.cost == "Cost: 1 failed call $0.002."


def test_calls_that_change_nothing_leave_nothing_to_plan(database: Database) -> None:
    record(database, [probe(at_s, gap_s=60.0) for at_s in (0, 60, 120)])

    with database.reading() as session:
        assert not alerts.is_due(session, HOOK, MONDAY_MS + 200_000)


def test_what_was_never_delivered_is_told_as_one_when_it_is_over(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    [opening] = due(database, 150)
    note(database, opening, 150, Refused("busy"))
    record(database, recovery(200))
    plan(database, 212)
    [closing] = due(database, 400)
    note(database, closing, 400)

    assert (closing.picked.delivery.telling, closing.told_before) == (Telling.CLOSED, False)
    assert closing.key != opening.key
    assert states(database) == [("opened", "merged"), ("closed", "delivered")]


def test_models_of_one_provider_that_fail_together_are_one_message(database: Database) -> None:
    record(database, outage(100))
    record(database, outage(101, OTHER.id))
    plan(database, 143)
    [parcel] = due(database, 150)
    with database.reading() as session:
        case = build(session, parcel.standing, MONDAY_MS + 150_000, told_before=False).case

    assert parcel.picked.delivery.telling is Telling.OPENED
    assert case.subjects == ("acme/small", "acme/large")


def test_their_closing_comes_when_the_last_of_them_is_up(database: Database) -> None:
    record(database, outage(100))
    record(database, outage(101, OTHER.id))
    plan(database, 143)
    send_all(database, 150)
    record(database, recovery(200))
    plan(database, 212)
    first = send_all(database, 220)
    record(database, recovery(300, OTHER.id))
    plan(database, 312)

    assert first == []
    assert send_all(database, 320) == [("hook", Telling.CLOSED)]


def test_the_closing_goes_to_exactly_those_who_got_the_opening(database: Database) -> None:
    old, new = to_hooks("https://a.example/"), to_hooks("https://a.example/", "https://b.example/")
    record(database, outage(100))
    plan(database, 141, old)
    send_all(database, 150)
    record(database, recovery(200))
    plan(database, 212, new)

    assert send_all(database, 220) == [("hook", Telling.CLOSED)]


def test_an_endpoint_that_comes_and_goes_is_told_as_flapping_and_then_as_over(
    database: Database,
) -> None:
    told = []
    for begin_s in (100, 300, 500, 700):
        record(database, outage(begin_s))
        plan(database, begin_s + CONFIRMED_S)
        told += send_all(database, begin_s + 50)
        record(database, recovery(begin_s + 100))
        plan(database, begin_s + 111)
        told += send_all(database, begin_s + 120)
    plan(database, 811 + FLAPPING_MS / 1000)
    told += send_all(database, 3_000)

    assert [telling for _, telling in told] == [
        Telling.OPENED,
        Telling.CLOSED,
        Telling.OPENED,
        Telling.FLAPPING,
        Telling.CLOSED,
    ]


def test_a_warning_waits_for_the_morning_and_an_outage_does_not(database: Database) -> None:
    quiet = Alerting((hook("https://a.example/"),), quiet=NIGHT)
    record(database, outage(100))
    record(database, [probe(at_s, Outcome.RATE_LIMITED, endpoint=OTHER.id) for at_s in (100, 120)])
    plan(database, 200, quiet)

    assert [parcel.standing.alert.severity for parcel in due(database, 210)] == [Severity.CRITICAL]
    assert len(due(database, 7 * 3600)) == 2


def test_routes_choose_who_is_told(database: Database) -> None:
    channels = hook("https://a.example/", "day"), hook("https://b.example/", "night")
    routes = Route(("night",), Severity.CRITICAL, hours=NIGHT), Route(("day",), Severity.WARNING)
    record(database, outage(100))
    plan(database, 141, Alerting(channels, routes))

    assert [parcel.channel for parcel in due(database, 150)] == ["night"]


def test_our_own_network_is_told_when_it_is_back(database: Database) -> None:
    lost = [probe(at_s, LocalFailure.NETWORK_LOCAL, gap_s=60.0) for at_s in (100, 160)]
    record(database, [*lost, probe(220, gap_s=60.0)])
    plan(database, 230)
    [parcel] = due(database, 240)
    with database.reading() as session:
        case = build(session, parcel.standing, MONDAY_MS + 240_000, told_before=False).case

    assert parcel.picked.delivery.telling is Telling.CLOSED
    assert (case.ended_ms or 0) - case.started_ms == 121_000


def test_what_was_over_a_day_ago_is_told_to_nobody(database: Database) -> None:
    record(database, [*outage(100), *recovery(200)])
    plan(database, 300 + STALE_MS / 1000)

    assert due(database, 2 * STALE_MS / 1000) == []


def test_without_a_channel_nothing_is_kept_for_later(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141, Alerting())
    plan(database, 142, HOOK)

    assert due(database, LATER_S) == []


def test_a_dead_letter_stays_in_sight_and_is_sent_again_when_asked(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    [opening] = due(database, 150)
    note(database, opening, 150, Refused("answered HTTP 404", is_permanent=True))
    dead = states(database)
    with database.writing() as session:
        deliveries.resend(session, opening.picked.delivery.id, MONDAY_MS + 160_000)

    assert dead == [("opened", "dead")]
    assert send_all(database, 160) == [("hook", Telling.OPENED)]


def test_a_dead_letter_of_what_is_over_tells_all_of_it_at_once(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    [opening] = due(database, 150)
    note(database, opening, 150, Refused("answered HTTP 404", is_permanent=True))
    record(database, recovery(200))
    plan(database, 212)
    with database.writing() as session:
        deliveries.resend(session, opening.picked.delivery.id, MONDAY_MS + 300_000)

    assert send_all(database, 300) == [("hook", Telling.CLOSED)]


def test_what_became_of_a_message_of_another_ledger_is_let_go(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    [opening] = due(database, 150)
    note(database, replace(opening, key="of the ledger before"), 150)

    assert states(database) == [("opened", "waiting")]


def test_only_dead_letters_are_sent_again(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)

    with database.writing() as session, pytest.raises(NoDeadLetter, match="1 is no dead letter"):
        deliveries.resend(session, 1, MONDAY_MS)


def test_after_a_day_of_refusals_a_message_is_a_dead_letter(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141)
    at_s = 150.0
    while parcels := due(database, at_s):
        note(database, parcels[0], at_s, Refused("not reached: timeout connect"))
        at_s += 3600
    with database.reading() as session:
        [line] = asked.dead(session, 10)

    assert GIVE_UP_MS <= at_s * 1000 <= 2 * GIVE_UP_MS
    assert (line.state, line.attempts > 20) == (DeliveryState.DEAD, True)
    assert (line.error, line.endpoint) == ("not reached: timeout connect", "acme/small")


GONE = Refused("answered HTTP 404", is_permanent=True)


def to_pair(fallback: str | None = "spare", pace: Pace | None = None) -> Alerting:
    """All goes to `main`; `spare` tells what that cannot take."""
    main = replace(hook("https://a.example/", "main"), fallback=fallback, pace=pace)
    spare = replace(hook("https://b.example/", "spare"), fallback="main")
    return Alerting((main, spare), (Route(("main",)),))


def refuse(database: Database, alerting: Alerting, at_s: float) -> None:
    """Whatever is due is refused for good."""
    now_ms = MONDAY_MS + round(at_s * 1000)
    with database.writing() as session:
        for parcel in list(deliveries.due(session, now_ms, (), alerting)):
            fallback = alerting.fallback_of(parcel.channel)
            deliveries.note(session, parcel, GONE, now_ms, 0.5, fallback)


def told(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        found = asked.of_incident(session, 1)
    return [(line.channel, line.telling, line.state) for line in found]


def test_what_is_passed_on_is_passed_on_once(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141, to_pair())
    for at_s in (150, 160, 170):
        refuse(database, to_pair(), at_s)

    assert told(database) == [("main", "opened", "passed"), ("spare", "opened", "dead")]


def test_a_fallback_that_hears_of_it_anyway_hears_it_once(database: Database) -> None:
    both = replace(to_pair(), routes=())
    record(database, outage(100))
    plan(database, 141, both)
    with database.writing() as session:
        for parcel in list(deliveries.due(session, MONDAY_MS + 150_000, (), both)):
            refused = GONE if parcel.channel == "main" else None
            fallback = both.fallback_of(parcel.channel)
            deliveries.note(session, parcel, refused, MONDAY_MS + 150_000, 0.5, fallback)
    record(database, recovery(200))
    plan(database, 212, both)

    assert told(database)[:2] == [("main", "opened", "passed"), ("spare", "opened", "delivered")]
    assert [(channel, telling) for channel, telling, _ in told(database)[2:]] == [
        ("spare", "closed")
    ]


def test_a_day_old_message_has_a_day_at_the_fallback_too(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141, to_pair())
    late_s = 150 + GIVE_UP_MS / 1000
    refuse(database, to_pair(), late_s)
    with database.writing() as session:
        [parcel] = list(deliveries.due(session, MONDAY_MS + round(late_s * 1000), (), to_pair()))
        busy = Refused("answered HTTP 503")
        deliveries.note(session, parcel, busy, MONDAY_MS + round(late_s * 1000), 0.5)

    assert told(database)[1] == ("spare", "opened", "waiting")


def switch_off(database: Database, alerting: Alerting) -> None:
    with database.writing() as session:
        channels.state(session, alerting.channels)
        channels.note(session, "main", ChannelHealth(MONDAY_MS, 3, 3, MONDAY_MS, "gone"))


def test_all_of_a_channel_that_is_off_goes_to_its_fallback(database: Database) -> None:
    switch_off(database, to_pair())
    record(database, outage(100))
    plan(database, 141, to_pair())
    with database.reading() as session:
        [parcel] = list(deliveries.due(session, MONDAY_MS + 150_000, (), to_pair()))

    assert parcel.barred == "the channel is off: gone"


def test_without_a_fallback_it_waits_a_day_for_the_channel_to_be_on_again(
    database: Database,
) -> None:
    lone = to_pair(fallback=None)
    switch_off(database, lone)
    record(database, outage(100))
    plan(database, 141, lone)
    with database.reading() as session:
        soon = list(deliveries.due(session, MONDAY_MS + 150_000, (), lone))
        late = list(deliveries.due(session, MONDAY_MS + 200_000 + GIVE_UP_MS, (), lone))

    assert (soon, [each.barred for each in late]) == ([], ["the channel is off: gone"])


def test_a_channel_that_leads_elsewhere_is_on_again_and_one_of_another_pace_is_not(
    database: Database,
) -> None:
    switch_off(database, to_pair())
    with database.writing() as session:
        channels.state(session, to_pair(pace=Pace(1, 60_000)).channels)
        same = channels.health(session)["main"].is_off
        channels.state(session, [hook("https://c.example/", "main")])
        edited = channels.health(session)["main"].is_off

    assert (same, edited) == (True, False)


def test_over_its_pace_a_channel_gets_what_is_critical_first_and_the_rest_later(
    database: Database,
) -> None:
    paced = to_pair(pace=Pace(1, 3_600_000))
    record(database, outage(100, outcome=Outcome.RATE_LIMITED))
    record(database, outage(110, OTHER.id))
    plan(database, 153, paced)
    first = _send_due(database, 160, paced)
    soon = _send_due(database, 3_000, paced)
    later = _send_due(database, 3_761, paced)

    assert (first, soon, later) == ([Severity.CRITICAL], [], [Severity.WARNING])


def _send_due(database: Database, at_s: float, alerting: Alerting) -> list[Severity]:
    now_ms = MONDAY_MS + round(at_s * 1000)
    with database.writing() as session:
        parcels = list(deliveries.due(session, now_ms, (), alerting))
        for parcel in parcels:
            deliveries.note(session, parcel, None, now_ms, 0.5)
    return [parcel.standing.alert.severity for parcel in parcels]


def test_a_dead_letter_of_a_channel_that_is_off_is_not_sent_again(database: Database) -> None:
    lone = to_pair(fallback=None)
    record(database, outage(100))
    plan(database, 141, lone)
    refuse(database, lone, 150)
    switch_off(database, lone)

    with database.writing() as session, pytest.raises(ChannelOff, match="main is off; test or"):
        deliveries.resend(session, 1, MONDAY_MS)


def test_what_was_passed_to_a_fallback_that_is_off_waits_a_day_for_it(database: Database) -> None:
    record(database, outage(100))
    plan(database, 141, to_pair())
    refuse(database, to_pair(), 150)
    with database.writing() as session:
        channels.state(session, to_pair().channels)
        channels.note(session, "spare", ChannelHealth(MONDAY_MS, 3, 3, MONDAY_MS, "gone"))
        soon = list(deliveries.due(session, MONDAY_MS + 160_000, (), to_pair()))
        late = list(deliveries.due(session, MONDAY_MS + 151_000 + GIVE_UP_MS, (), to_pair()))

    assert (soon, [each.channel for each in late]) == ([], ["spare"])
