"""Permits: whether a paid probe may be sent (docs/semantics.md, section 6).

The day's probe money is a sum over the ledger, read before each paid probe: there is no counter
that could run away from it.
"""

import logging
from zoneinfo import ZoneInfo

from monitor.domain.endpoints import Endpoint
from monitor.domain.plan import Pace, ProbePlan
from monitor.domain.windows import day_of, day_window
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.gaps import GapReason
from monitor.storage.queries import usage
from monitor.storage.queries.usage import Audience

log = logging.getLogger(__name__)


class Permits:
    """Says no to probes beyond the day's budget or of unknown price, and remembers to whom.

    Days are those of `zone`. Who is probed without a price, the plan says.
    """

    def __init__(self, database: Database, plan: ProbePlan, zone: ZoneInfo) -> None:
        self._database = database
        self._plan = plan
        self._zone = zone
        self._spent_nano_usd = 0
        self._refused: dict[str, GapReason] = {}
        self._told: dict[str, tuple[GapReason, int]] = {}

    def refuse(self, endpoint: Endpoint, now_ms: int) -> GapReason | None:
        """Why no paid probe may be sent now; `None` where it may. Reads the database."""
        reason = self._reason(endpoint, now_ms)
        if reason is None:
            self._refused.pop(endpoint.id, None)
            self._told.pop(endpoint.id, None)
        else:
            self._refused[endpoint.id] = reason
        return reason

    def was_refused(self, endpoint: Endpoint) -> bool:
        """What was said last time."""
        return endpoint.id in self._refused

    def is_news(self, endpoint: Endpoint, reason: GapReason, now_ms: int) -> bool:
        """Whether this refusal has not been told yet: once a day is enough. Told after it."""
        telling = reason, day_of(now_ms, self._zone)
        is_told = self._told.get(endpoint.id) == telling
        self._told[endpoint.id] = telling
        return not is_told

    def _reason(self, endpoint: Endpoint, now_ms: int) -> GapReason | None:
        planned = self._plan.of(endpoint.id)
        cost_nano_usd = planned.cost_nano_usd
        if cost_nano_usd is None:
            return GapReason.UNPRICED if planned.pace is Pace.UNPRICED else None
        if cost_nano_usd == 0:
            return None
        is_too_dear = self._spent_today(now_ms) + cost_nano_usd > self._plan.budget_nano_usd
        return GapReason.CAPPED if is_too_dear else None

    def _spent_today(self, now_ms: int) -> int:
        """Nano-dollars of today's probes; the last known sum while the database cannot say."""
        today = day_window(day_of(now_ms, self._zone), self._zone)
        try:
            with self._database.reading() as session:
                sums = usage.totals(session, today, self._zone, audience=Audience.PROBES)
        except DatabaseRefused as error:
            log.warning("the day's probe money cannot be read: %s", error)
            return self._spent_nano_usd
        self._spent_nano_usd = sums[usage.ALL].cost_nano_usd
        return self._spent_nano_usd
