from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from monitor.domain.calls import Detail, Timings
from monitor.domain.routes import Alerting
from monitor.domain.windows import DAY_MS
from monitor.services import alerts, deliveries
from monitor.services.rebuild import rebuild
from monitor.services.retention import prune_step
from monitor.settings.model import Retention
from monitor.storage import facts, vitals
from monitor.storage.engine import Database
from monitor.storage.models.alerts import AlertIncidentRow, DeliveryRow
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.operations import VitalsRow
from monitor.storage.models.rollups import Latency15m, LatencyDay, UsageDay
from tests.alerting import outage, recovery, to_hooks
from tests.making import MONDAY_MS, OTHER, open_database, probe, record
from tests.storage.queries.test_vitals import LOOK

SHORT = Retention(calls_days=20, details_days=10, latency_days=5)


def prune(database: Database, now_ms: int) -> None:
    for _ in range(1_000):
        with database.writing() as session:
            if not prune_step(session, SHORT, now_ms):
                return
    raise AssertionError("pruning does not end")


def month(folder: Path) -> Database:
    database = open_database(folder)
    for day in range(30):
        call = probe(day * 86_400, timings=Timings(ttft_s=1, total_s=2), detail=Detail("id"))
        record(database, [call])
    return database


def test_each_kind_of_row_is_kept_for_its_own_time(tmp_path: Path) -> None:
    database = month(tmp_path)

    prune(database, MONDAY_MS + 30 * DAY_MS)

    with database.reading() as session:
        left = [
            session.scalar(select(func.count()).select_from(model))
            for model in (CallRow, CallDetailRow, UsageDay)
        ]
        buckets = session.scalar(select(func.count(Latency15m.bucket.distinct())))
        days = session.scalar(select(func.count(LatencyDay.day.distinct())))
    assert left == [20, 10, 30]
    assert (buckets, days) == (5, 30)
    database.close()


def test_the_ledger_starts_where_calls_are_still_whole(tmp_path: Path) -> None:
    database = month(tmp_path)

    prune(database, MONDAY_MS + 30 * DAY_MS + 3_600_000)

    with database.reading() as session:
        first_day = facts.ledger_from_day(session)
        oldest = session.scalar(select(func.min(CallRow.started_ms)))
    assert first_day == 739_677 + 10
    assert oldest == MONDAY_MS + 10 * DAY_MS
    database.close()


def test_a_rebuild_keeps_the_sums_of_calls_that_are_gone(tmp_path: Path) -> None:
    database = month(tmp_path)
    prune(database, MONDAY_MS + 30 * DAY_MS)

    assert rebuild(database) == 20

    with database.reading() as session:
        assert session.scalar(select(func.sum(UsageDay.n))) == 30
        assert session.scalar(select(func.count(LatencyDay.day.distinct()))) == 30
    database.close()


def test_the_monitors_looks_at_itself_are_kept_as_long_as_details(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.writing() as session:
        for day in range(30):
            vitals.add(session, replace(LOOK, at_ms=MONDAY_MS + day * DAY_MS))

    prune(database, MONDAY_MS + 30 * DAY_MS)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(VitalsRow)) == SHORT.details_days
    database.close()


def test_messages_of_alerts_go_with_details_and_the_alerts_stay(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    alerting = to_hooks("https://example.com/a")
    record(database, outage(100))
    tell_all(database, alerting, MONDAY_MS + 150_000)
    record(database, recovery(200))
    tell_all(database, alerting, MONDAY_MS + 250_000)
    record(database, outage(2_000, OTHER.id))
    tell_all(database, alerting, MONDAY_MS + 2_100_000)
    with database.writing() as session:
        deliveries.note_test(session, "hook", "key of a test", "refused", MONDAY_MS + 300_000)

    prune(database, MONDAY_MS + 11 * DAY_MS)

    with database.reading() as session:
        left = session.execute(select(DeliveryRow.alert_id, DeliveryRow.telling)).all()
        told = session.scalar(select(func.count()).select_from(AlertIncidentRow))
    assert [tuple(each) for each in left] == [(2, "opened")]
    assert told == 2
    database.close()


def tell_all(database: Database, alerting: Alerting, now_ms: int) -> None:
    with database.writing() as session:
        alerts.plan(session, alerting, now_ms)
        for parcel in list(deliveries.due(session, now_ms + 60_000, ())):
            deliveries.note(session, parcel, None, now_ms, 0.5)


def test_the_newest_message_that_a_channel_took_is_kept(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.writing() as session:
        for n in range(3):
            deliveries.note_test(session, "hook", f"key {n}", None, MONDAY_MS + n)

    prune(database, MONDAY_MS + 11 * DAY_MS)

    with database.reading() as session:
        assert list(session.scalars(select(DeliveryRow.delivered_ms))) == [MONDAY_MS + 2]
    database.close()
