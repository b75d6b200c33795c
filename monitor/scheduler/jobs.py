"""Jobs: read the clock, call one service, log one line.

Here, and only here, any exception is caught: the next job still runs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.purposes import INFER, Purpose
from monitor.runtime.pulse import Pulse
from monitor.scheduler.entries import Loss
from monitor.services.probing import Prober
from monitor.services.rounds import Again, Probed, Skipped

log = logging.getLogger(__name__)

Chore = Callable[[int], None]
Care = Callable[[], Awaitable[object]]


class Jobs:
    """What the scheduler runs.

    `heartbeat`, `prune`, `plan_ahead`, `weigh`, `judge` and `watch` take the time now and may
    block; `look` looks at the settings file, `end_pauses` at the clock, `renew` at published
    prices, `ask_feeds` at those of sources that are due, and `ask_billers` at bills.
    """

    def __init__(  # noqa: PLR0913 -- one for each chore
        self,
        prober: Prober,
        now: Callable[[], int],
        pulse: Pulse,
        *,
        heartbeat: Chore,
        prune: Chore,
        plan_ahead: Chore,
        weigh: Chore,
        judge: Chore,
        watch: Chore,
        look: Care,
        end_pauses: Care,
        renew: Care,
        ask_feeds: Care,
        ask_billers: Care,
    ) -> None:
        self._prober = prober
        self._now = now
        self._pulse = pulse
        self._heartbeat = heartbeat
        self._prune = prune
        self._plan_ahead = plan_ahead
        self._weigh = weigh
        self._judge = judge
        self._watch = watch
        self._look = look
        self._end_pauses = end_pauses
        self._renew = renew
        self._ask_feeds = ask_feeds
        self._ask_billers = ask_billers

    async def probe(self, endpoint: Endpoint, purpose: Purpose = INFER) -> tuple[Again, ...]:
        """Ask the endpoint's model."""
        return await self._probe(purpose, endpoint.id, self._prober.probe(endpoint, purpose))

    async def reach(self, target: Target) -> tuple[Again, ...]:
        """Ask the target for its models."""
        return await self._probe(Purpose(Kind.REACH), target.id, self._prober.reach(target))

    async def beat(self) -> tuple[Again, ...]:
        """Show that the scheduler lives."""
        self._pulse.beat()
        return ()

    async def hold_lease(self) -> tuple[Again, ...]:
        """Show in the database that its writer lives."""
        await self._do("the lease's heartbeat", self._heartbeat)
        return ()

    async def prune(self) -> tuple[Again, ...]:
        """Drop what is older than the settings keep."""
        await self._do("retention", self._prune)
        return ()

    async def plan_ahead(self) -> tuple[Again, ...]:
        """Write down the maintenance that comes."""
        await self._do("planning maintenance", self._plan_ahead)
        return ()

    async def weigh(self) -> tuple[Again, ...]:
        """Tell of budgets that will not last."""
        await self._do("the look at the budgets", self._weigh)
        return ()

    async def judge(self) -> tuple[Again, ...]:
        """Open and close what the rules of alerts find."""
        await self._do("the look at the rules of alerts", self._judge)
        return ()

    async def watch(self) -> tuple[Again, ...]:
        """Tell what is worth it of money, prices and the monitor itself."""
        await self._do("the watchman's round", self._watch)
        return ()

    async def look(self) -> tuple[Again, ...]:
        """See whether the settings were edited."""
        await self._care("the look at the settings", self._look)
        return ()

    async def end_pauses(self) -> tuple[Again, ...]:
        """See whether a pause is over."""
        await self._care("the end of a pause", self._end_pauses)
        return ()

    async def renew(self) -> tuple[Again, ...]:
        """Write down prices that are announced, and plan by those that hold since."""
        await self._care("the look at announced prices", self._renew)
        return ()

    async def ask_feeds(self) -> tuple[Again, ...]:
        """Ask the sources of prices that are due."""
        await self._care("asking for prices", self._ask_feeds)
        return ()

    async def ask_billers(self) -> tuple[Again, ...]:
        """Ask the sources of bills that are due."""
        await self._care("asking for bills", self._ask_billers)
        return ()

    async def note_loss(self, loss: Loss) -> None:
        """Leave a gap where probes were not made."""
        await self._prober.note_gap(loss.probed, loss.at_ms, loss.reason, loss.runs)

    async def _probe(
        self, purpose: Purpose, watched: str, probing: Awaitable[Probed | Skipped]
    ) -> tuple[Again, ...]:
        started_ms = self._now()
        try:
            probed = await probing
        except Exception:
            log.exception("%s %s: the monitor itself failed", purpose, watched)
            await self._own_up(purpose.kind, watched, started_ms)
            return ()
        if isinstance(probed, Skipped):
            return probed.again
        is_good = RULINGS[probed.call.outcome].group is Group.GOOD
        log.log(
            logging.DEBUG if is_good else logging.WARNING,
            "%s %s: %s",
            purpose,
            watched,
            tell(probed),
        )
        return probed.again

    async def _own_up(self, kind: Kind, watched: str, started_ms: int) -> None:
        try:
            await self._prober.note_own_failure(watched, kind, started_ms)
        except Exception:
            log.exception("%s %s: nor could its failure be recorded", kind, watched)

    async def _care(self, name: str, care: Care) -> None:
        try:
            await care()
        except Exception:
            log.exception("%s failed; it is tried again", name)

    async def _do(self, name: str, chore: Chore) -> None:
        try:
            await asyncio.to_thread(chore, self._now())
        except Exception:
            log.exception("%s failed; it is tried again", name)


def tell(probed: Probed) -> str:
    """What a probe found, on one line."""
    call = probed.call
    words = [call.outcome.value]
    if call.timings.total_s is not None:
        words.append(f"in {call.timings.total_s * 1000:.0f} ms")
    words += [f"{each.kind} {each.id} again in {each.delay_s:.1f} s" for each in probed.again]
    return ", ".join(words)
