"""Schedule: every job and its interval.

A confirmation is no job of its own: it is the next run of the endpoint's one job, brought
forward; so it is never doubled.
"""

from collections.abc import Iterator
from functools import partial

from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint
from monitor.scheduler.clockwork import SPREAD_S, Entry, share
from monitor.scheduler.jobs import Jobs
from monitor.services.probing import Prober

BEAT_S = 5.0
#: Every write wakes the pages that watch the database, so not oftener than probes do.
LEASE_S = 60.0
LEASE_FIRST_S = 5.0
LOOK_S = 1.0
PAUSES_S = 5.0
MAINTENANCE_S = 3600.0
RETENTION_S = 3600.0
RETENTION_FIRST_S = 120.0


def plan_jobs(prober: Prober, jobs: Jobs, now_ms: int) -> Iterator[Entry]:
    """All jobs of the monitor."""
    for target in prober.targets:
        name = f"{Kind.REACH} {target.id}"
        run = partial(jobs.reach, target)
        first_s = SPREAD_S * share(name)
        yield Entry(name, run, target.reach_interval_s, first_s, target.id, is_new=True)
    for endpoint in prober.endpoints.values():
        name = f"{Kind.INFER} {endpoint.id}"
        run, first_s = partial(jobs.infer, endpoint), first_delay_s(prober, endpoint, now_ms)
        is_new = prober.cadence.last_tick_ms(endpoint.id) is None
        yield Entry(name, run, endpoint.interval_s, first_s, endpoint.id, is_new=is_new)
    yield Entry("beat", jobs.beat, BEAT_S, 0.0)
    yield Entry("settings", jobs.look, LOOK_S, LOOK_S)
    yield Entry("pauses", jobs.end_pauses, PAUSES_S, PAUSES_S)
    yield Entry("lease", jobs.hold_lease, LEASE_S, LEASE_FIRST_S)
    yield Entry("maintenance", jobs.plan_ahead, MAINTENANCE_S, MAINTENANCE_S)
    yield Entry("retention", jobs.prune, RETENTION_S, RETENTION_FIRST_S)


def first_delay_s(prober: Prober, endpoint: Endpoint, now_ms: int) -> float:
    """Seconds from the start to an endpoint's first probe.

    At once where a failure waits for confirmation, else within some seconds, so that a new user
    sees data; but not before it is due where the last one was just before we were restarted.
    """
    if prober.cadence.failures(endpoint.id):
        return 0.0
    last_ms = prober.cadence.last_tick_ms(endpoint.id)
    spread_s = SPREAD_S * share(endpoint.id)
    if last_ms is None or last_ms > now_ms:
        return spread_s
    return max(spread_s, endpoint.interval_s - (now_ms - last_ms) / 1000)
