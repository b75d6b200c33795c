"""An installation whose time is told by its calls, on a real database file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from monitor.domain.availability import Availability
from monitor.domain.calls import Call
from monitor.domain.endpoints import Endpoint
from monitor.domain.health import Policy, State
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.windows import Window, day_of
from monitor.runtime.clock import Clock
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.services.doctor import sums_agree
from monitor.services.reference import load
from monitor.storage.engine import Database
from monitor.storage.queries import health, incidents
from monitor.storage.queries.incidents import Incident
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
INTERVAL_S = 300


class Told(Clock):
    """A clock that stands where a test puts it."""

    at_ms = MONDAY_MS

    def now_ms(self) -> int:
        return self.at_ms


@dataclass(slots=True)
class Installation:
    """A database and its writer; `hear` lets each call come in when it has ended."""

    folder: Path
    database: Database
    clock: Told
    ledger: Ledger

    @classmethod
    def open(
        cls,
        folder: Path,
        watched: tuple[Endpoint, ...] = (ENDPOINT, OTHER),
        zone: str = "UTC",
        now_ms: int = MONDAY_MS,
    ) -> "Installation":
        folder.mkdir(exist_ok=True)
        database = open_database(folder, watched, zone=zone, now_ms=now_ms)
        return cls._start(folder, database)

    @classmethod
    def _start(cls, folder: Path, database: Database) -> "Installation":
        clock = Told()
        ledger = Ledger(database, Spool(folder / "some.spool", 1_000_000), clock)
        return cls(folder, database, clock, ledger)

    def close(self) -> None:
        self.ledger.close()
        self.database.close()

    def restart(self) -> None:
        """End the writer, and open the same file anew."""
        self.close()
        fresh = self._start(self.folder, Database(self.database.url))
        self.database, self.clock, self.ledger = fresh.database, fresh.clock, fresh.ledger

    def hear(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self.clock.at_ms = call.ended_ms
            self.ledger.submit([call]).result(60)

    def number(self, endpoint: str = ENDPOINT.id) -> int:
        with self.database.reading() as session:
            return load(session).endpoint_ids[endpoint]

    def judge(self, from_s: float, to_s: float, policy: Policy = Policy.PROVIDER) -> Availability:
        window = Window(MONDAY_MS + round(from_s * 1_000), MONDAY_MS + round(to_s * 1_000))
        with self.database.reading() as session:
            judged = health.availability(session, window, ZoneInfo("UTC"), policy)
        return judged[self.number()]

    def day(self, at_ms: int, zone: ZoneInfo) -> Availability:
        day = day_of(at_ms, zone)
        with self.database.reading() as session:
            [judged] = health.days(session, day, day, zone)[self.number()]
        return judged.availability

    def state(self, at_s: float, policy: Policy = Policy.PROVIDER) -> State:
        now_ms = MONDAY_MS + round(at_s * 1_000)
        with self.database.reading() as session:
            return health.standings(session, now_ms, policy)[self.number()].state

    def incidents(self) -> list[Incident]:
        """All, the oldest first."""
        with self.database.reading() as session:
            return incidents.recent(session, Window(0, 2**60))[::-1]

    def told(self) -> list[tuple[str, str]]:
        """What lies in the outbox: the kind of incident, and what happened to it."""
        chosen = text(
            "SELECT i.kind, o.transition FROM outbox o JOIN incident i ON i.id = o.incident_id "
            "ORDER BY o.id"
        )
        with self.database.reading() as session:
            return [(kind, transition) for kind, transition in session.execute(chosen)]

    def is_sound(self) -> bool:
        """Whether all sums agree with calls, slices and windows."""
        with self.database.reading() as session:
            return sums_agree(session) == []


def probes(
    from_s: float,
    to_s: float,
    outcome: Result = Outcome.OK,
    *,
    every_s: float = INTERVAL_S,
    endpoint: str = ENDPOINT.id,
) -> list[Call]:
    """Probes of a second, at an interval."""
    count = round((to_s - from_s) / every_s)
    starts = (from_s + i * every_s for i in range(count))
    return [probe(at_s, outcome, endpoint=endpoint, gap_s=every_s) for at_s in starts]
