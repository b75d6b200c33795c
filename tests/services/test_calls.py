from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.domain.calls import Attribution, Kind, Origin, Timings
from monitor.domain.dedupe import dedupe_key
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric, decode, quantile_s
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import bucket_of
from monitor.services.reference import UnknownEndpoint
from monitor.storage.engine import Database
from monitor.storage.models.health import HealthRow, IncidentRow, OutboxRow, SliceRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import Health15m, Latency15m, LatencyDay, Usage15m, UsageDay
from tests.making import MONDAY_MS, OTHER, TARGET, open_database, probe, record, request

KNOWN: dict[str, Any] = {"usage_state": UsageState.MEASURED}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def test_a_priced_call_costs_its_leaves_at_their_rates(database: Database) -> None:
    record(database, [probe(0, usage=Usage(input=600, cache_read=400, output=100), **KNOWN)])

    with database.reading() as session:
        row = session.scalars(select(CallRow)).one()
    assert (row.cost_state, row.cost_nano_usd) == (CostState.COMPUTED, 3_000_000)


def test_a_call_without_a_price_is_unpriced_and_not_free(database: Database) -> None:
    record(database, [probe(0, endpoint=OTHER.id, usage=Usage(input=1), **KNOWN)])

    with database.reading() as session:
        row = session.scalars(select(CallRow)).one()
        sums = session.scalars(select(Usage15m)).one()
    assert (row.cost_state, row.cost_nano_usd) == (CostState.UNPRICED, None)
    assert (sums.n_unpriced, sums.cost_nano_usd) == (1, 0)


def test_the_providers_own_figure_wins(database: Database) -> None:
    call = probe(0, usage=Usage(input=1000), cost_nano_usd=7, **KNOWN)

    record(database, [call])

    with database.reading() as session:
        row = session.scalars(select(CallRow)).one()
    assert (row.cost_state, row.cost_nano_usd) == (CostState.REPORTED, 7)


def test_missing_usage_is_null_and_counted_as_missing(database: Database) -> None:
    record(database, [probe(0)])

    with database.reading() as session:
        row = session.scalars(select(CallRow)).one()
        sums = session.scalars(select(Usage15m)).one()
    assert (row.input, row.cost_nano_usd) == (None, None)
    assert (sums.n_missing, sums.n_no_usage, sums.input) == (1, 1, 0)


def test_an_unknown_endpoint_is_named(database: Database) -> None:
    with pytest.raises(UnknownEndpoint, match="'nobody/nothing' is not known"):
        record(database, [probe(0, endpoint="nobody/nothing")])


def test_a_repeat_changes_nothing_and_says_so(database: Database) -> None:
    call = probe(0, dedupe_key=dedupe_key("acme", "id-1", MONDAY_MS), usage=Usage(input=5), **KNOWN)

    first, second = record(database, [call]), record(database, [call, probe(300)])

    with database.reading() as session:
        total = session.scalar(select(func.sum(Usage15m.n)))
    assert (first[0].call_id, [r.call_id for r in second]) == (1, [None, 3])
    assert total == 2


def test_calls_of_one_batch_that_repeat_each_other_count_once(database: Database) -> None:
    twin = request(0, dedupe_key=dedupe_key("acme", "id-1", MONDAY_MS))

    record(database, [twin, twin])

    with database.reading() as session:
        assert session.scalar(select(func.sum(UsageDay.n))) == 1


def test_a_call_belongs_to_the_bucket_and_home_day_of_its_start(tmp_path: Path) -> None:
    database = open_database(tmp_path, zone="Asia/Kathmandu")
    # 18:14 UTC is 23:59 in Kathmandu; the call ends on the next day there.
    record(database, [request(18 * 3600 + 14 * 60 + 59, lasts_s=120)])

    with database.reading() as session:
        bucket = session.scalar(select(Usage15m.bucket))
        day = session.scalar(select(UsageDay.day))
    assert bucket == bucket_of(MONDAY_MS) + 72
    assert day == 739_677
    database.close()


def test_team_and_probes_are_kept_apart(database: Database) -> None:
    record(database, [probe(0), request(1, attribution=Attribution(team="search"))])

    with database.reading() as session:
        rows = session.execute(select(Usage15m.origin, Usage15m.n).order_by(Usage15m.origin))
        assert [tuple(row) for row in rows] == [(Origin.PROBE, 1), (Origin.API, 1)]


def test_histograms_of_batches_add_up(database: Database) -> None:
    for at_s, ttft_s in ((0, 0.1), (300, 0.2), (600, 0.4)):
        record(database, [probe(at_s, timings=Timings(ttft_s=ttft_s, total_s=1.0))])

    with database.reading() as session:
        bucket = session.scalar(select(Latency15m.histogram).filter_by(metric=Metric.TTFT))
        day = session.scalar(select(LatencyDay.histogram).filter_by(metric=Metric.TTFT))
    assert bucket is not None
    assert bucket == day
    assert quantile_s(decode(bucket), 0.5) == pytest.approx(0.2, rel=0.11)


def test_failed_calls_have_no_latency(database: Database) -> None:
    record(database, [probe(0, Outcome.SERVER_ERROR, timings=Timings(total_s=1.0))])

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Latency15m)) == 0


def test_third_failure_in_a_row_opens_an_incident_with_its_outbox_row(database: Database) -> None:
    record(database, [probe(0), probe(300, Outcome.OVERLOADED)])
    record(database, [probe(303, Outcome.OVERLOADED), probe(325, Outcome.SERVER_ERROR)])

    with database.reading() as session:
        incident = session.scalars(select(IncidentRow)).one()
        told = session.scalars(select(OutboxRow)).one()
    assert (incident.started_ms, incident.confirmed_ms) == (
        MONDAY_MS + 300_000,
        MONDAY_MS + 326_000,
    )
    assert (incident.outcome, incident.call_id, told.transition) == (
        Outcome.SERVER_ERROR,
        4,
        "opened",
    )


def test_recovery_closes_the_incident_at_its_first_good_call(database: Database) -> None:
    outage = [probe(t, Outcome.OVERLOADED) for t in (300, 303, 325)]
    record(database, [probe(0), *outage, probe(600), probe(900)])

    with database.reading() as session:
        incident = session.scalars(select(IncidentRow)).one()
        told = session.scalars(select(OutboxRow.transition).order_by(OutboxRow.id)).all()
        slices = session.execute(
            select(SliceRow.from_ms, SliceRow.state).filter_by(policy=Policy.PROVIDER)
        ).all()
    assert (incident.ended_ms, incident.closed_ms) == (MONDAY_MS + 601_000, MONDAY_MS + 901_000)
    assert list(told) == ["opened", "closed"]
    assert [state for _, state in slices] == [State.UP, State.DOWN, State.UP]


def test_time_by_state_fills_buckets_up_to_what_is_settled(database: Database) -> None:
    record(database, [probe(t) for t in range(0, 3600, 300)])

    with database.reading() as session:
        total = session.scalar(select(func.sum(Health15m.ms)).filter_by(policy=Policy.PROVIDER))
        settled = session.scalar(
            select(func.max(HealthRow.settled_ms)).filter_by(policy=Policy.PROVIDER)
        )
    assert settled == MONDAY_MS + 3_301_000
    assert total == 3_301_000


def test_a_failed_reach_check_starts_confirmation_on_every_endpoint_behind_it(
    database: Database,
) -> None:
    record(database, [probe(0), probe(0, endpoint=OTHER.id)])
    reach = probe(60, Outcome.TCP_REFUSED, endpoint=TARGET.id, kind=Kind.REACH)

    receipt = record(database, [reach])[0]

    assert [(f.endpoint, f.failures) for f in receipt.failing] == [
        ("acme/small", 1),
        ("acme/large", 1),
    ]


def test_a_late_call_counts_and_moves_no_state(database: Database) -> None:
    record(database, [probe(0)], now_ms=MONDAY_MS + 3_600_000)

    with database.reading() as session:
        states = session.scalars(select(HealthRow.state).distinct()).all()
        assert list(states) == [State.UNKNOWN]
        assert session.scalar(select(func.sum(Usage15m.n))) == 1


def test_a_refused_key_is_unusable_and_not_down(database: Database) -> None:
    record(database, [probe(0), probe(300, Outcome.AUTH), probe(600, Outcome.AUTH)])
    record(database, [probe(900, Outcome.AUTH), probe(1200, Outcome.AUTH)])

    with database.reading() as session:
        rows = session.execute(select(HealthRow.policy, HealthRow.state).filter_by(endpoint_id=2))
        kinds = session.scalars(select(IncidentRow.kind)).all()
    assert dict(rows.all()) == {
        Policy.PROVIDER: State.UP,
        Policy.USABLE: State.DOWN,
    }
    assert list(kinds) == ["account"]


def test_our_own_failure_is_never_charged(database: Database) -> None:
    failures = [probe(300 + t, LocalFailure.MONITOR_ERROR) for t in (0, 10, 20, 30)]
    record(database, [probe(0), *failures])

    with database.reading() as session:
        assert session.scalars(select(IncidentRow)).all() == []
        assert session.scalar(select(func.sum(Usage15m.n_local))) == 4
