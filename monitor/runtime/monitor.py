"""The monitor: everything below the scheduler and the API, put together in one place."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monitor.runtime.arrangement import (
    Arrangement,
    Change,
    Fitted,
    arrange,
    declare_maintenance,
    fit,
)
from monitor.runtime.checkup import Checkup
from monitor.runtime.clock import Clock
from monitor.runtime.courier import Courier
from monitor.runtime.doorman import Doorman
from monitor.runtime.farewells import Farewells
from monitor.runtime.intake import Intake
from monitor.runtime.lease import WriterLease, beat, sign
from monitor.runtime.ledger import Ledger
from monitor.runtime.pulse import Pulse
from monitor.runtime.rules import Rules
from monitor.runtime.spool import Spool
from monitor.services import backups, budgets, retention
from monitor.services.backups import BackupRefused, Restored
from monitor.services.probing import Prober
from monitor.services.rounds import Surroundings
from monitor.settings.model import Settings
from monitor.storage import notices, vitals
from monitor.storage.engine import Database, Session
from monitor.wire.transport import Transport

log = logging.getLogger(__name__)

SPOOL_NAME = "inferwatch.spool"
#: How long the ledger may take to write what waits when the monitor ends.
FLUSH_S = 2.0


@dataclass(slots=True)
class Monitor:
    """The parts of a running monitor. What was arranged and its prober are replaced together."""

    arranged: Arrangement
    prober: Prober
    database: Database
    clock: Clock
    ledger: Ledger
    transport: Transport
    pulse: Pulse
    checkup: Checkup
    doorman: Doorman
    lease: WriterLease
    intake: Intake = field(init=False)
    courier: Courier = field(init=False)
    farewells: Farewells = field(default_factory=Farewells)
    rules: Rules = field(init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _followers: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.intake = Intake(self.database, self.ledger, self.clock, lambda: self.settings.secrets)
        self.courier = Courier(self)
        self.rules = Rules(self.database, self.ledger)
        self.follow(self.intake.forget)

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.arranged.settings

    def follow(self, follower: Callable[[], None]) -> None:
        """Call it, in the event loop, whenever another prober has taken over."""
        self._followers.append(follower)

    async def rearrange(
        self, revise: Callable[[Settings], Settings] | None = None, change: Change | None = None
    ) -> None:
        """Store a change and revised settings in one transaction, then probe by them.

        Probes under way end, and are recorded, by what held when they began. Raises
        DatabaseRefused, and whatever `change` raises; then all is as it was.
        """
        async with self._turn:
            settings = self.settings if revise is None else revise(self.settings)
            now_ms = self.clock.now_ms()
            fitted = await asyncio.to_thread(fit, self.database, settings, now_ms)

            def store(session: Session) -> Arrangement:
                if change is not None:
                    change(session)
                return arrange(session, settings, fitted, now_ms)

            self.take(await asyncio.wrap_future(self.ledger.reform(store)))

    def take(self, arranged: Arrangement) -> None:
        """Probe by another arrangement, which the ledger has already, from now on."""
        gone = set(self.settings.targets) - set(arranged.settings.targets)
        longest_s = max((e.timeout_s for e in self.settings.endpoints), default=0.0)
        self.arranged = arranged
        around = _surround(arranged, self.database, self.clock, self.ledger, self.transport)
        self.prober = Prober(around, arranged, before=self.prober)
        for target in gone & self.transport.clients.keys():
            self.farewells.say(self.transport.clients.pop(target), longest_s)
        for follower in self._followers:
            follower()

    async def restore(self) -> Restored:
        """Put the backup that was prepared in the place of the ledger, and go on with it.

        Probes are made meanwhile, and recorded in the ledger that was restored. Raises
        BackupRefused and DatabaseRefused; then all is as it was.
        """
        path = self.database.path
        if path is None:
            raise BackupRefused(backups.NOT_A_FILE)
        async with self._turn:
            settings, now_ms = self.settings, self.clock.now_ms()
            contents = await asyncio.to_thread(backups.check_prepared, path)

            def use() -> tuple[Restored, Arrangement]:
                with self.database.reading() as session:
                    notice = notices.read(session)
                done = backups.restore(path, contents, now_ms, lambda _, __: None, may_move=False)
                fitted = fit(self.database, settings, now_ms)
                with self.database.writing() as session:
                    sign(session, now_ms)
                    notices.put(session, notice)
                    return done, arrange(session, settings, fitted, now_ms)

            restored, arranged = await asyncio.wrap_future(self.ledger.lend(use))
            self.take(arranged)
        count, kept = restored.contents.calls, restored.kept
        log.warning("a ledger of %d calls is restored; the one before is kept as %s", count, kept)
        return restored

    async def end_pauses(self) -> None:
        """Probe again what was paused until now. Raises DatabaseRefused."""
        ends_ms = [pause.until_ms for pause in self.arranged.pauses if pause.until_ms is not None]
        if min(ends_ms, default=None) is not None and min(ends_ms) <= self.clock.now_ms():
            await self.rearrange()

    def beat(self, now_ms: int) -> None:
        """Say in the database that its writer lives, and how it fares."""
        self.lease.keep()
        look = self.checkup.look(now_ms)

        def tell(session: Session) -> None:
            beat(session, now_ms)
            vitals.add(session, look)
            self.doorman.note(session)
            self.courier.lateness.sign(session)

        self.ledger.write(tell).result()
        self.pulse.note_write()

    def plan_maintenance(self, now_ms: int) -> None:
        """Write down the windows that have come within the horizon since."""
        settings = self.settings
        self.ledger.write(lambda s: declare_maintenance(s, settings, now_ms)).result()

    def weigh_budgets(self, now_ms: int) -> None:
        """Tell of budgets that will not last, and of thresholds that no call told of."""
        if not self.settings.budgets:
            return
        with self.database.reading() as session:
            names = budgets.untold(session, now_ms)
        if names:
            self.ledger.write(lambda s: budgets.tell(s, names, now_ms)).result()

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
    lease = WriterLease(database, is_shared=True)
    try:
        lease.acquire(clock.now_ms())
        try:
            async with _compose(settings, database, clock, lease) as monitor:
                yield monitor
        finally:
            lease.release()
    finally:
        database.close()


@asynccontextmanager
async def _compose(
    settings: Settings, database: Database, clock: Clock, lease: WriterLease
) -> AsyncIterator[Monitor]:
    now_ms = clock.now_ms()
    fitted: Fitted = fit(database, settings, now_ms)
    with database.writing() as session:
        notices.put(session, None)
        arranged = arrange(session, settings, fitted, now_ms)
    ledger = Ledger(database, Spool(settings.home / SPOOL_NAME), clock)
    try:
        async with Transport() as transport:
            around = _surround(arranged, database, clock, ledger, transport)
            prober = Prober(around, arranged)
            pulse = Pulse()
            checkup = Checkup(pulse, ledger, clock, database)
            doorman = Doorman(database)
            monitor = Monitor(
                arranged, prober, database, clock, ledger, transport, pulse, checkup, doorman, lease
            )
            _attend(monitor)
            try:
                yield monitor
            finally:
                await monitor.farewells.finish()
    finally:
        await asyncio.to_thread(ledger.close, FLUSH_S)


def _surround(
    arranged: Arrangement, database: Database, clock: Clock, ledger: Ledger, transport: Transport
) -> Surroundings:
    return Surroundings(arranged.probed, database, ledger, transport, clock.now_ms)


def _attend(monitor: Monitor) -> None:
    """Let endpoints be probed at once, in the event loop, whose users' calls fail."""
    loop = asyncio.get_running_loop()

    def look(suspected: frozenset[str]) -> None:
        for endpoint_id in suspected:
            monitor.prober.alarm(endpoint_id)

    def hear(suspected: frozenset[str]) -> None:
        loop.call_soon_threadsafe(look, suspected)

    monitor.ledger.listen(hear)
