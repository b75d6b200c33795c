"""Trials: what a rule of alerts would have opened, beside what was opened."""

from dataclasses import dataclass
from typing import Any

from monitor.domain.health import Rule
from monitor.domain.rules import AlertRule
from monitor.domain.windows import Window
from monitor.services.rule_replay import Progress, Replay, Would
from monitor.storage import rules as rows
from monitor.storage.engine import Database
from monitor.storage.queries import endpoints, incidents
from monitor.storage.queries.incidents import Incident


@dataclass(frozen=True, slots=True)
class Compared:
    """What would have opened in a window (`count` of them, the newest kept), and what did.

    `slugs` are ids of endpoints by their numbers.
    """

    count: int
    would: tuple[Would, ...]
    really: tuple[Incident, ...]
    slugs: dict[int, str]

    def match(self, would: Would) -> Incident | None:
        """What was really opened there meanwhile, the newest of it."""
        return next((each for each in self.really if _meets(each, would)), None)

    @property
    def same(self) -> int:
        """How many of those that would have opened, or a part of them, really did."""
        return sum(self.match(each) is not None for each in self.would)

    @property
    def missed(self) -> tuple[Incident, ...]:
        """Those that opened really, and in whose time nothing would have."""
        return tuple(e for e in self.really if not any(_meets(e, each) for each in self.would))


def _meets(incident: Incident, would: Would) -> bool:
    return (
        incident.endpoint_id == would.endpoint_id
        and (would.ended_ms is None or incident.started_ms <= would.ended_ms)
        and (incident.ended_ms is None or would.started_ms <= incident.ended_ms)
    )


def compare(
    database: Database,
    rule: AlertRule[Any],
    health: Rule,
    window: Window,
    progress: Progress = lambda _done, _total: None,
) -> Compared:
    """Try a rule over a window. Raises CannotReplay; what `progress` raises ends it."""
    with database.reading() as session:
        really = incidents.opened(session, rule.name, window)
        slugs = {each.id: each.slug for each in endpoints.every(session)}
        in_force = rows.read(session)
    found = Replay(database, rule, window, in_force, health, progress).run()
    return Compared(found.count, found.incidents, tuple(really), slugs)
