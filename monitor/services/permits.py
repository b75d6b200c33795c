"""Permits: whether a paid probe may be sent (docs/semantics.md, section 6).

The day's probe money is a sum over the ledger, read before each paid probe, with what is in
flight laid aside: no number of probes at once can overrun a budget.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from monitor.domain.calls import Call
from monitor.domain.plan import Pace, PlannedProbe, ProbePlan
from monitor.domain.purposes import INFER
from monitor.domain.purse import NOTHING, Hold, Money, Purse
from monitor.domain.windows import Window, day_of, day_window
from monitor.services.calls import Receipt
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.gaps import GapReason
from monitor.storage.queries import probe_money

_OK_STATUSES = range(200, 300)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Day:
    """What was spent on a day, as last read, and what calls of unknown cost may have cost."""

    day: int
    window: Window
    spent: Money = NOTHING
    is_read: bool = False
    presumed: dict[str, int] = field(default_factory=dict)

    @property
    def gone(self) -> Money:
        """Money that must be taken for gone."""
        names = self.spent.by_provider.keys() | self.presumed.keys()
        by_provider = {n: self.spent.of(n) + self.presumed.get(n, 0) for n in names}
        return Money(self.spent.total + sum(self.presumed.values()), by_provider)

    def presume(self, hold: Hold) -> None:
        """Take a hold for spent: its call may have cost all of it."""
        before = self.presumed.get(hold.provider, 0)
        self.presumed[hold.provider] = before + hold.most_nano_usd


class Permits:
    """Says no to probes beyond the day's budgets or of unknown price, and remembers to whom.

    Days are those of `zone`, which is the home zone. Who is probed without a price, the plan says.
    For one event loop.
    """

    def __init__(self, database: Database, plan: ProbePlan, zone: ZoneInfo) -> None:
        self._database = database
        self._plan = plan
        self._zone = zone
        self._purse = Purse(plan.budgets)
        self._day: _Day | None = None
        # A hold must not be laid down between reading what is spent and comparing it: its call
        # would be counted neither here nor there.
        self._turn = asyncio.Lock()
        self._spooled: list[Hold] = []
        self._refused: set[str] = set()
        self._told: dict[str, tuple[GapReason, int]] = {}

    def follow(self, plan: ProbePlan, zone: ZoneInfo) -> None:
        """Go by another plan from now on; what is in flight stays laid aside."""
        self._plan, self._zone = plan, zone
        self._purse.go_by(plan.budgets)

    async def ask(
        self, planned: PlannedProbe, now_ms: int, *, is_extra: bool = False
    ) -> Hold | GapReason:
        """The money for a probe, to be settled after it; or why none may be sent now.

        An extra probe is one that the plan has not: it gets only what the rest of the day's plan
        leaves over.
        """
        answer = await self._judge(planned, now_ms, is_extra=is_extra)
        if planned.purpose == INFER and not is_extra:
            if isinstance(answer, Hold):
                self._refused.discard(planned.endpoint)
            else:
                self._refused.add(planned.endpoint)
        if isinstance(answer, Hold):
            self._told.pop(planned.name, None)
        return answer

    def insist(self, planned: PlannedProbe) -> Hold:
        """The money for a probe that somebody asked for in person, whatever the budgets say."""
        hold = Hold(planned.provider, planned.most_nano_usd or 0)
        self._purse.insist(hold)
        return hold

    async def settle(self, hold: Hold, call: Call | None, receipt: Receipt | None) -> None:
        """Lay money down once its call is in the ledger; `None`: the call was not made known.

        A call of unknown cost, that may have been billed, is taken to have cost all of it. One
        that lies in the spool is held on to until the ledger takes calls again.
        """
        async with self._turn:
            if self._day is not None and (call is None or _may_be_billed(call)):
                self._day.presume(hold)
            if call is not None and receipt is not None and receipt.call_id is None:
                self._spooled.append(hold)
                return
            self._purse.lay_down(hold)
            if receipt is not None:
                while self._spooled:  # the spool is drained before anything else is written
                    self._purse.lay_down(self._spooled.pop())

    def was_refused(self, endpoint: str) -> bool:
        """Whether its infer probe was refused last time."""
        return endpoint in self._refused

    def is_news(self, name: str, reason: GapReason, now_ms: int) -> bool:
        """Whether this refusal has not been told yet: once a day is enough. Told after it."""
        telling = reason, day_of(now_ms, self._zone)
        is_told = self._told.get(name) == telling
        self._told[name] = telling
        return not is_told

    async def _judge(
        self, planned: PlannedProbe, now_ms: int, *, is_extra: bool
    ) -> Hold | GapReason:
        if planned.most_nano_usd is None:
            is_allowed = planned.pace is not Pace.UNPRICED
            return Hold(planned.provider, 0) if is_allowed else GapReason.UNPRICED
        hold = Hold(planned.provider, planned.most_nano_usd)
        if not hold.most_nano_usd:
            return hold
        async with self._turn:
            gone = await asyncio.to_thread(self._gone_today, now_ms)
            kept_back = self._rest_of_plan(now_ms) if is_extra else NOTHING
            return hold if self._purse.take(hold, gone, kept_back) else GapReason.CAPPED

    def _rest_of_plan(self, now_ms: int) -> Money:
        """What the plan still wants to spend today."""
        today = self._today(now_ms).window
        left_ms, day_ms = today.to_ms - now_ms, today.length_ms
        by_provider = {n: d * left_ms // day_ms for n, d in self._plan.day_by_provider.items()}
        return Money(self._plan.day_nano_usd * left_ms // day_ms, by_provider)

    def _today(self, now_ms: int) -> _Day:
        day = day_of(now_ms, self._zone)
        window = day_window(day, self._zone)
        if self._day is None or self._day.window != window:
            self._day = _Day(day, window)
        return self._day

    def _gone_today(self, now_ms: int) -> Money:
        """Today's probe money; as it was last known while the database cannot say."""
        day = self._today(now_ms)
        try:
            with self._database.reading() as session:
                if not day.is_read:
                    self._presume_unbilled(session, day)
                spent = probe_money.spent(session, day.day)
                day.spent, day.is_read = Money(sum(spent.values()), spent), True
        except DatabaseRefused as error:
            log.warning("the day's probe money cannot be read: %s", error)
        return day.gone

    def _presume_unbilled(self, session: Session, day: _Day) -> None:
        """After a start: what calls of unknown cost, made before it, may have cost today."""
        for each in probe_money.unbilled(session, day.window):
            most = [
                probe
                for probe in self._plan.probes
                if (probe.endpoint, probe.purpose.kind) == (each.endpoint, each.kind)
            ]
            if most:
                dearest = max(probe.most_nano_usd or 0 for probe in most)
                day.presume(Hold(most[0].provider, each.calls * dearest))


def _may_be_billed(call: Call) -> bool:
    """Whether a provider may charge more for a call than the ledger can tell.

    So it is where no usage was told, or a tier that may have no price.
    """
    is_dear = call.usage is None or call.service_tier is not None
    is_unknown = is_dear and call.cost_nano_usd is None
    is_answered = call.http_status is None or call.http_status in _OK_STATUSES
    return is_unknown and is_answered and call.phase in probe_money.SENT
