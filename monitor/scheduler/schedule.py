"""Schedule: every job and its interval.

A confirmation is no job of its own: it is the next run of the endpoint's one infer job, brought
forward; so it is never doubled.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.purposes import INFER, Purpose
from monitor.scheduler.clockwork import SPREAD_S
from monitor.scheduler.entries import Entry, name_of, share
from monitor.scheduler.jobs import Jobs
from monitor.services.probing import Prober

BEAT_S = 5.0
#: Every write wakes the pages that watch the database, so not oftener than probes do.
LEASE_S = 60.0
LEASE_FIRST_S = 5.0
LOOK_S = 1.0
PAUSES_S = 5.0
BUDGETS_S = 60.0
BUDGETS_FIRST_S = 15.0
#: Minutes are looked at once they are over; states as they settle.
RULES_S = 30.0
RULES_FIRST_S = 20.0
#: After the monitor's look at itself, which it goes by.
WATCH_S = 60.0
WATCH_FIRST_S = 7.0
MAINTENANCE_S = 3600.0
#: Prices change at midnight, and are written down two days before.
PRICES_S = 86_400.0
#: Each feed has its own interval; this is how often it is looked whether one is due.
FEEDS_S = 600.0
FEEDS_FIRST_S = 30.0
#: So are sources of bills.
BILLS_S = 300.0
BILLS_FIRST_S = 45.0
RETENTION_S = 3600.0
RETENTION_FIRST_S = 120.0


class Spread(NamedTuple):
    """Over how long the first probes of a kind are spread, and after how long they begin."""

    after_s: float
    length_s: float


SPREADS = {
    Kind.INFER: Spread(0.0, SPREAD_S),
    Kind.PERFORMANCE: Spread(60.0, 540.0),
    Kind.CAPABILITY: Spread(120.0, 1680.0),
}


def plan_jobs(prober: Prober, jobs: Jobs, now_ms: int) -> Iterator[Entry]:
    """All jobs of the monitor."""
    for target in prober.targets:
        name = name_of(Purpose(Kind.REACH), target.id)
        run, first_s = partial(jobs.reach, target), SPREAD_S * share(name)
        yield Entry(name, run, target.reach_interval_s, first_s, target.id, is_new=True)
    for endpoint in prober.endpoints.values():
        yield from plan_probes(prober, jobs, endpoint, now_ms)
    yield Entry("beat", jobs.beat, BEAT_S, 0.0)
    yield Entry("settings", jobs.look, LOOK_S, LOOK_S)
    yield Entry("pauses", jobs.end_pauses, PAUSES_S, PAUSES_S)
    yield Entry("lease", jobs.hold_lease, LEASE_S, LEASE_FIRST_S)
    yield Entry("budgets", jobs.weigh, BUDGETS_S, BUDGETS_FIRST_S)
    yield Entry("rules", jobs.judge, RULES_S, RULES_FIRST_S)
    yield Entry("watchman", jobs.watch, WATCH_S, WATCH_FIRST_S)
    yield Entry("maintenance", jobs.plan_ahead, MAINTENANCE_S, MAINTENANCE_S)
    yield Entry("prices", jobs.renew, PRICES_S, PRICES_S)
    yield Entry("feeds", jobs.ask_feeds, FEEDS_S, FEEDS_FIRST_S)
    yield Entry("bills", jobs.ask_billers, BILLS_S, BILLS_FIRST_S)
    yield Entry("retention", jobs.prune, RETENTION_S, RETENTION_FIRST_S)


def plan_probes(prober: Prober, jobs: Jobs, endpoint: Endpoint, now_ms: int) -> Iterator[Entry]:
    """The jobs that ask an endpoint: one for each purpose that the plan has an interval for.

    Infer probes are scheduled even where none may be paid: it is noted that they are not sent.
    """
    for planned in prober.plan.probes:
        interval_s = planned.interval_s
        if planned.purpose == INFER:
            interval_s = endpoint.interval_s
        if planned.endpoint != endpoint.id or interval_s is None:
            continue
        last_ms = last_run_ms(prober, endpoint, planned.purpose)
        yield Entry(
            id=name_of(planned.purpose, endpoint.id),
            run=partial(jobs.probe, endpoint, planned.purpose),
            interval_s=interval_s,
            first_s=first_delay_s(prober, endpoint, planned.purpose, interval_s, now_ms),
            probed=endpoint.id if planned.purpose == INFER else None,
            is_new=last_ms is None,
        )


def first_delay_s(
    prober: Prober, endpoint: Endpoint, purpose: Purpose, interval_s: float, now_ms: int
) -> float:
    """Seconds from the start to an endpoint's first probe for a purpose.

    At once where a failure waits for confirmation, else soon, so that a new user sees data; but
    not before it is due where the last one was before we were restarted.
    """
    if purpose == INFER and prober.cadence.failures(endpoint.id):
        return 0.0
    last_ms = last_run_ms(prober, endpoint, purpose)
    after_s, length_s = SPREADS[purpose.kind]
    spread_s = length_s * share(name_of(purpose, endpoint.id))
    if last_ms is None or last_ms > now_ms:
        return min(after_s + spread_s, interval_s)
    return max(min(spread_s, interval_s), interval_s - (now_ms - last_ms) / 1000)


def last_run_ms(prober: Prober, endpoint: Endpoint, purpose: Purpose) -> int | None:
    """When an endpoint was last asked for a purpose; `None`: never.

    An infer probe counts from the newest call that said something: good traffic stands in for it.
    """
    if purpose == INFER:
        return prober.cadence.last_tick_ms(endpoint.id)
    return prober.begun_ms.get((endpoint.id, purpose))
