"""Replay of notices: of what spend a rule would have told, had its limits been others.

Goes the way that the watchman goes, by the hour and at the end of each day, over what is stored
now, and writes nothing. What was told late of a day counts as if it had been there in time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.domain.anomalies import Tolerance
from monitor.domain.rules import AlertRule, Notice, RuleName
from monitor.domain.windows import BUCKET_MS, HOUR_MS, Window, day_of, day_window
from monitor.services import anomalies
from monitor.services.rules import key_of
from monitor.storage import outbox
from monitor.storage.engine import Database, Session
from monitor.storage.facts import home_zone
from monitor.storage.queries import subjects

#: What these go by is stored: sums of quarter-hours.
REPLAYABLE = frozenset({RuleName.SPEND_ANOMALY})

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What would have been told in a window, in order, and the keys of what was told."""

    would: tuple[Notice, ...]
    told: frozenset[str]

    def was_told(self, notice: Notice) -> bool:
        """Whether it was really told, whenever on its day."""
        return key_of(notice) in self.told


def compare(
    database: Database, rule: AlertRule[Tolerance], window: Window, progress: Progress
) -> Compared:
    """Try a rule over a window; what `progress` raises ends it."""
    found: dict[str, Notice] = {}
    with database.reading() as session:
        told = outbox.keys(session, "notice", f"{rule.name}/", window)
        zone = home_zone(session)
    days = range(day_of(window.from_ms, zone), day_of(window.to_ms - 1, zone) + 1)
    for done, day in enumerate(days):
        with database.reading() as session:
            whole = day_window(day, zone)
            for notice in _find(session, rule, whole):
                if window.from_ms <= notice.at_ms < window.to_ms:
                    found.setdefault(key_of(notice), notice)
        progress(done + 1, len(days))
    return Compared(tuple(found.values()), told)


def _find(session: Session, rule: AlertRule[Tolerance], day: Window) -> Iterator[Notice]:
    """What would have been told of a day; nothing where nobody spent enough on all of it."""
    spent = subjects.spent(session, day).values()
    if max((each.nano_usd for each in spent), default=0) < rule.parameters.floor_nano_usd:
        return
    for at_ms in range(day.from_ms + HOUR_MS, day.to_ms + BUCKET_MS, HOUR_MS):
        yield from anomalies.find(session, rule, at_ms)
