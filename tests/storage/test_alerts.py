"""What is told and to whom, from the outbox to the log, on every kind of database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import Telling
from monitor.domain.budgets import Budget, Scope, ScopeKind
from monitor.domain.calls import Attribution
from monitor.domain.deliveries import Refused
from monitor.domain.money import NANO_PER_USD as USD
from monitor.domain.periods import Cycle, Period
from monitor.domain.prices import CostState
from monitor.domain.routes import Alerting
from monitor.services import alerts, budgets, cases, deliveries, firings
from monitor.services.deliveries import Parcel
from monitor.storage import channels
from monitor.storage.engine import Database
from monitor.storage.queries import alerts as asked
from monitor.storage.queries import budgets as sums
from tests.alerting import NIGHT, hook, outage, recovery, to_hooks
from tests.making import MONDAY_MS, open_database, record, request

HOOK = to_hooks("https://example.com/a")
SEARCH = Budget(
    "search", Scope(ScopeKind.TEAM, "search"), 1_000 * USD, Cycle(Period.MONTH, ZoneInfo("UTC"))
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def plan(database: Database, at_s: float, alerting: Alerting = HOOK) -> list[Parcel]:
    """What is due right after planning."""
    now_ms = MONDAY_MS + round(at_s * 1000)
    with database.writing() as session:
        channels.state(session, alerting.channels)
        alerts.plan(session, alerting, now_ms)
    with database.reading() as session:
        return list(deliveries.due(session, now_ms, ()))


def note(database: Database, parcels: list[Parcel], refused: Refused | None = None) -> None:
    with database.writing() as session:
        for parcel in parcels:
            deliveries.note(session, parcel, refused, MONDAY_MS + 300_000, 0.5)


def spend(database: Database, usd: int) -> None:
    """One call of the team, before which nothing was spent."""
    whose = Attribution(team="search")
    with database.writing() as session:
        budgets.install(session, (SEARCH,), MONDAY_MS)
    call = request(0, attribution=whose, cost_nano_usd=usd * USD, cost_state=CostState.REPORTED)
    record(database, [call])


def test_an_outage_goes_from_the_outbox_to_the_log(database: Database) -> None:
    record(database, outage(100))
    note(database, plan(database, 150), Refused("answered HTTP 404", is_permanent=True))
    record(database, recovery(200))
    note(database, plan(database, 220))
    with database.reading() as session:
        [line] = asked.log(session, 10)
        [channel] = asked.channels(session)
        [dead] = asked.dead(session, 10)

    assert (line.telling, line.state, line.endpoint) == ("opened", "dead", "acme/small")
    assert (channel.dead, channel.error, dead) == (1, "answered HTTP 404", line)


def test_what_is_known_of_an_outage_is_counted(database: Database) -> None:
    record(database, outage(100))
    [parcel] = plan(database, 150)
    with database.reading() as session:
        told = cases.build(session, parcel.standing, MONDAY_MS + 150_000, told_before=False)

    assert (sum(told.case.failed.values()), told.case.calls, told.path) == (3, 3, "/incidents/1")


def test_a_threshold_of_a_budget_is_told_once_and_has_no_end(database: Database) -> None:
    spend(database, 600)
    parcels = plan(database, 10)
    note(database, parcels)
    with database.reading() as session:
        [fired] = sums.fired(session, 9)

    assert fired.delivered_ms == MONDAY_MS + 300_000
    assert [each.picked.delivery.telling for each in parcels] == [Telling.FIRED]
    assert plan(database, 20_000) == []


def test_its_message_says_how_much_of_what_was_spent(database: Database) -> None:
    spend(database, 600)
    [parcel] = plan(database, 10)
    with database.reading() as session:
        message = firings.compose(
            session, parcel.standing.id, "https://watch.example", ZoneInfo("UTC")
        )
        [line] = asked.log(session, 10)

    assert message is not None
    assert message.title == "Budget search: 50 % spent"
    assert message.body == "$600.00 of $1,000.00 for team search, 01 Mar 2026 to 31 Mar 2026."
    assert (line.noticed, line.kind, line.incident_id) == ("search", "budget", None)


def test_budgets_wait_for_the_morning(database: Database) -> None:
    quiet = Alerting((hook("https://example.com/a"),), quiet=NIGHT)
    spend(database, 600)

    assert plan(database, 10, quiet) == []
    assert len(plan(database, 7 * 3600, quiet)) == 1


def test_a_dead_letter_of_a_budget_says_the_same_when_it_is_sent_again(database: Database) -> None:
    spend(database, 600)
    [parcel] = plan(database, 10)
    note(database, [parcel], Refused("answered HTTP 404", is_permanent=True))
    with database.writing() as session:
        deliveries.resend(session, parcel.picked.delivery.id, MONDAY_MS + 400_000)

    assert [each.picked.delivery.telling for each in plan(database, 500)] == [Telling.FIRED]
