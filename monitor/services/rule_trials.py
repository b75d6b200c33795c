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

    def has_opened(self, would: Would) -> bool:
        """Whether it was really opened, at that very instant."""
        return (would.endpoint_id, would.confirmed_ms) in self._opened

    @property
    def same(self) -> int:
        """How many of those that would have opened really did."""
        return sum(map(self.has_opened, self.would))

    @property
    def missed(self) -> tuple[Incident, ...]:
        """Those that opened really, and would not have."""
        would = {(each.endpoint_id, each.confirmed_ms) for each in self.would}
        return tuple(e for e in self.really if (e.endpoint_id, e.confirmed_ms) not in would)

    @property
    def _opened(self) -> set[tuple[int | None, int]]:
        return {(each.endpoint_id, each.confirmed_ms) for each in self.really}


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
