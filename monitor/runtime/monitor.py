"""The monitor: everything below the scheduler and the API, put together in one place."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.domain.endpoints import Endpoint
from monitor.domain.health import Policy
from monitor.domain.plan import ProbePlan
from monitor.domain.prices import PriceList
from monitor.runtime.checkup import Checkup
from monitor.runtime.clock import Clock
from monitor.runtime.lease import WriterLease
from monitor.runtime.ledger import Ledger
from monitor.runtime.pulse import Pulse
from monitor.runtime.spool import Spool
from monitor.services import catalogue, endpoints, planning, prices, reference, retention
from monitor.services.cadence import Cadence, Standing
from monitor.services.probing import Prober, Surroundings, pace
from monitor.settings.model import Settings
from monitor.storage import facts, health, rollups, vitals
from monitor.storage import lease as lease_rows
from monitor.storage.engine import Database, Session
from monitor.storage.health import Track
from monitor.wire.transport import Transport

log = logging.getLogger(__name__)

SPOOL_NAME = "inferwatch.spool"
#: How long the ledger may take to write what waits when the monitor ends.
FLUSH_S = 2.0


@dataclass(frozen=True, slots=True)
class Monitor:
    """The parts of a running monitor."""

    settings: Settings
    database: Database
    clock: Clock
    ledger: Ledger
    prober: Prober
    pulse: Pulse
    checkup: Checkup

    def beat(self, now_ms: int) -> None:
        """Say in the database that its writer lives, and how it fares."""
        look = self.checkup.look(now_ms)

        def tell(session: Session) -> None:
            lease_rows.beat(session, now_ms)
            vitals.add(session, look)

        self.ledger.write(tell).result()

    def prune(self, now_ms: int) -> None:
        """Forget what is older than the settings keep, step by step, between the calls."""

        def forget(session: Session) -> bool:
            return retention.prune_step(session, self.settings.retention, now_ms)

        while self.ledger.write(forget).result():
            pass


@asynccontextmanager
async def open_monitor(settings: Settings) -> AsyncIterator[Monitor]:
    """A monitor that may write; on leaving, everything recorded is on disk and the lease is free.

    The database must be at the newest revision. Raises LeaseHeld and DatabaseRefused.
    """
    clock, database = Clock(), Database(settings.database_url)
    lease = WriterLease(database)
    try:
        lease.acquire(clock.now_ms())
        try:
            async with _compose(settings, database, clock) as monitor:
                yield monitor
        finally:
            lease.release()
    finally:
        database.close()


@asynccontextmanager
async def _compose(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Monitor]:
    now_ms = clock.now_ms()
    known = catalogue.effective_prices(settings.endpoints, settings.prices, now_ms)
    plan = planning.plan_probes(settings, known, now_ms)
    with database.writing() as session:
        install(session, settings, plan, known, now_ms)
    with database.reading() as session:
        numbers = reference.load(session).endpoint_ids
        cadence = Cadence(read_standings(session, settings.endpoints, numbers))
    ledger = Ledger(database, Spool(settings.home / SPOOL_NAME), clock)
    try:
        async with Transport() as transport:
            around = Surroundings(settings, database, ledger, transport, clock.now_ms)
            prober = Prober(around, plan, numbers, cadence)
            pulse = Pulse()
            checkup = Checkup(pulse, ledger, clock, database.path)
            yield Monitor(settings, database, clock, ledger, prober, pulse, checkup)
    finally:
        await asyncio.to_thread(ledger.close, FLUSH_S)


def install(
    session: Session,
    settings: Settings,
    plan: ProbePlan,
    known: dict[str, PriceList],
    now_ms: int,
) -> None:
    """Make the ledger know what the settings watch, at which intervals and prices."""
    home = facts.read(session, facts.HOME_ZONE)
    if home is None:
        facts.state(session, facts.HOME_ZONE, settings.zone.key)
    elif home != settings.zone.key:
        log.info("making day rows again in %s, they were in %s", settings.zone.key, home)
        facts.state(session, facts.HOME_ZONE, settings.zone.key)
        rollups.move_days(session, settings.zone)
    endpoints.register(session, pace(settings.endpoints, plan), now_ms, settings.former_ids)
    prices.install(session, known, now_ms)


def read_standings(
    session: Session, watched: Sequence[Endpoint], numbers: Mapping[str, int]
) -> dict[str, Standing]:
    """What decides each endpoint's next probe, by its id."""
    ids = [numbers[e.id] for e in watched]
    rows, accounts = health.load(session, ids), health.load_accounts(session, ids)
    return {
        e.id: Standing(rows[Track(numbers[e.id], Policy.PROVIDER)], accounts[numbers[e.id]])
        for e in watched
    }
