"""Probing: the recipe of a check, from "may it be sent?" to "when again?".

held? → vouched for by traffic? → capped? → probe → our own network? → the gap to the next one →
record → confirmations to plan.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace

from monitor.domain.cadence import Look, Need
from monitor.domain.calls import Call, Kind, Origin, Phase
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.outcomes import LocalFailure
from monitor.domain.purposes import INFER, Purpose
from monitor.domain.purse import Hold
from monitor.probes import PROBES, reach, witness
from monitor.services.calls import Receipt
from monitor.services.permits import Permits
from monitor.services.recall import newest_health
from monitor.services.rounds import Again, Arranged, Probed, Skipped, Surroundings, pace
from monitor.services.turns import Turns
from monitor.storage import gaps, newest
from monitor.storage.engine import DatabaseRefused
from monitor.storage.gaps import GapReason
from monitor.wire.connect import Host

_HTTPS = 443
log = logging.getLogger(__name__)


class Prober:
    """Probes the endpoints of one installation.

    `endpoints` have the intervals that they are really probed at, `begun_ms` tells when each
    purpose was last probed before. One that takes over from another `before` it goes on with what
    is in flight there: neither budgets nor turns are given twice, and no wait is forgotten.
    """

    def __init__(
        self, around: Surroundings, arranged: Arranged, before: "Prober | None" = None
    ) -> None:
        settings, memory = around.settings, arranged.memory
        self._around = around
        self.plan, self._numbers = arranged.plan, arranged.numbers
        self.endpoints = {e.id: e for e in pace(settings.endpoints, self.plan) if e.is_probed}
        self.cadence, self.holds = memory.cadence, memory.holds
        self.begun_ms = memory.begun_ms
        self.permits = Permits(around.database, self.plan, settings.zone)
        self.turns = Turns()
        self._is_offline = False
        #: Whoever schedules is told here of probes that cannot wait for their turn.
        self.bring_forward: Callable[[Iterable[Again]], None] = lambda _: None
        if before is not None:
            self.permits, self.turns, self.holds = before.permits, before.turns, before.holds
            self.permits.follow(self.plan, settings.zone)
            self.holds.follow(memory.holds)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the endpoints that are probed, each once."""
        return tuple({e.target.id: e.target for e in self.endpoints.values()}.values())

    async def probe(self, endpoint: Endpoint, purpose: Purpose) -> Probed | Skipped:
        """Ask the endpoint's model, unless it need not or may not be asked now."""
        now_ms = self._around.now()
        wait_s = self.holds.wait_s(endpoint.id, endpoint.target, now_ms)
        if wait_s:
            return await self._skip(endpoint, purpose, GapReason.HELD, wait_s)
        early_s = None
        if purpose == INFER:
            await self._hear(endpoint)
            vouched_s = self.cadence.vouched_s(endpoint.id, endpoint.interval_s, now_ms)
            if vouched_s is not None and self._is_paid(endpoint):
                return Skipped(None, (Again(Kind.INFER, endpoint.id, vouched_s),))
            early_s = self.cadence.early_s(endpoint.id, endpoint.interval_s, now_ms)
        planned = self.plan.of(endpoint.id, purpose)
        granted = await self.permits.ask(planned, now_ms, is_extra=early_s is not None)
        if isinstance(granted, GapReason):
            if early_s is not None:
                return Skipped(None, (Again(Kind.INFER, endpoint.id, early_s),))
            return await self._skip(endpoint, purpose, granted)
        if purpose == INFER and early_s is None:
            self.cadence.begin(endpoint.id, now_ms)
        return await self._make(endpoint, purpose, granted)

    async def check(self, endpoint: Endpoint, purpose: Purpose = INFER) -> Probed:
        """Ask the endpoint's model now, whatever it costs."""
        return await self._make(
            endpoint, purpose, self.permits.insist(self.plan.of(endpoint.id, purpose))
        )

    async def reach(self, target: Target) -> Probed | Skipped:
        """Ask the target for its list of models; a failure is confirmed on all its endpoints."""
        around = self._around
        wait_s = self.holds.wait_s(target.id, target, around.now())
        if wait_s:
            return Skipped(GapReason.HELD, (Again(Kind.REACH, target.id, wait_s),))
        async with self.turns.of(target):
            call = await reach.probe(target, around.transport, around.now)
        call = await self._witness(call, target)
        self.holds.take(target.id, target, call)
        behind = [e for e in self.endpoints.values() if e.target.id == target.id]
        before = {e.id: self.cadence.failures(e.id) for e in behind}
        looks = [self.cadence.foresee(e.id, call, e.interval_s) for e in behind]
        longest_s = max((look.gap_s for look in looks), default=target.reach_interval_s)
        call = replace(call, gap_s=longest_s)
        receipt = await self._record(call, behind)
        again = tuple(
            self._again(e, self.cadence.look(e.id, call, e.interval_s))
            for e in behind
            if self.cadence.failures(e.id) > before[e.id]
        )
        return Probed(call, receipt, again)

    def alarm(self, endpoint_id: str) -> None:
        """Look now: the users' own calls of an endpoint fail. Nothing where it is not probed."""
        endpoint = self.endpoints.get(endpoint_id)
        if endpoint is None:
            return
        number, at_ms = self._numbers[endpoint_id], self._around.now()
        log.warning("%s: its users' own calls fail; it is probed now", endpoint.id)
        self.cadence.alarm(endpoint.id, at_ms)
        self._around.ledger.write(lambda session: newest.note_traffic(session, number, at_ms))
        self.bring_forward((self._again(endpoint, Look(Need.CONFIRM, 0.0, 0.0)),))

    async def note_gap(self, watched: str, at_ms: int, reason: GapReason, runs: int = 1) -> None:
        """Note probes of an endpoint or target that were not sent; said in the log at least."""
        number = self._numbers[watched]
        log.warning("%s: %d probe(s) not sent: %s", watched, runs, reason)
        try:
            await asyncio.wrap_future(
                self._around.ledger.write(
                    lambda session: gaps.add(session, number, at_ms, reason, runs)
                )
            )
        except DatabaseRefused as error:
            log.warning("%s: the gap is not noted: %s", watched, error)

    async def note_own_failure(self, watched: str, kind: Kind, started_ms: int) -> None:
        """Record that we failed while probing: the endpoint is not charged, nor vouched for."""
        failed = Call(
            endpoint=watched,
            origin=Origin.PROBE,
            kind=kind,
            started_ms=started_ms,
            ended_ms=max(started_ms, self._around.now()),
            outcome=LocalFailure.MONITOR_ERROR,
            phase=Phase.STARTED,
        )
        await self._around.ledger.record([failed])

    async def _make(self, endpoint: Endpoint, purpose: Purpose, hold: Hold) -> Probed:
        call = receipt = None
        try:
            call = await self._ask(endpoint, purpose)
            call = await self._witness(call, endpoint.target)
            self.holds.take(endpoint.id, endpoint.target, call)
            foreseen = self.cadence.foresee(endpoint.id, call, endpoint.interval_s)
            call = replace(call, gap_s=foreseen.gap_s)
            receipt = await self._record(call, [endpoint])
        finally:
            await self.permits.settle(hold, call, receipt)
        look = self.cadence.look(endpoint.id, call, endpoint.interval_s)
        is_regular = look.delay_s == endpoint.interval_s
        return Probed(call, receipt, () if is_regular else (self._again(endpoint, look),))

    async def _ask(self, endpoint: Endpoint, purpose: Purpose) -> Call:
        which = () if purpose.capability is None else (purpose.capability,)
        ask, nonce = PROBES[purpose.kind], secrets.token_hex(8)
        async with self.turns.of(endpoint.target):
            return await ask(endpoint, self._around.transport, self._around.now, nonce, *which)

    async def _hear(self, endpoint: Endpoint) -> None:
        """Take over what others' calls made of the endpoint, while the database can say."""
        number = self._numbers[endpoint.id]
        row = await asyncio.to_thread(newest_health, self._around.database, number)
        if row is not None:
            self.cadence.hear(endpoint.id, row)

    def _is_paid(self, endpoint: Endpoint) -> bool:
        return self.plan.of(endpoint.id).cost_nano_usd != 0

    async def _skip(
        self, endpoint: Endpoint, purpose: Purpose, reason: GapReason, wait_s: float | None = None
    ) -> Skipped:
        """Leave a probe out. Only infer probes leave a gap that somebody might wonder about."""
        now_ms = self._around.now()
        is_news = self.permits.is_news(self.plan.of(endpoint.id, purpose).name, reason, now_ms)
        if is_news and purpose == INFER:
            await self.note_gap(endpoint.id, now_ms, reason)
        elif is_news:
            log.warning("%s %s: not sent: %s", purpose, endpoint.id, reason)
        if wait_s is None:
            return Skipped(reason)
        return Skipped(reason, (Again(purpose.kind, endpoint.id, wait_s, purpose.capability),))

    def _again(self, endpoint: Endpoint, look: Look) -> Again:
        """The probe that looks again: free of charge where a paid one would be refused."""
        if self.permits.was_refused(endpoint.id) and look.need is not Need.CLOSER:
            return Again(Kind.REACH, endpoint.target.id, look.delay_s)
        return Again(Kind.INFER, endpoint.id, look.delay_s)

    async def _witness(self, call: Call, target: Target) -> Call:
        settings, transport = self._around.settings, self._around.transport
        defaults = [Host(name, port, is_tls=port == _HTTPS) for name, port in settings.witnesses]
        witnesses = witness.choose_witnesses(target, settings.targets, defaults)
        call = await witness.apply(call, witnesses, transport)
        is_offline = call.outcome is LocalFailure.NETWORK_LOCAL
        if is_offline and not self._is_offline:
            log.warning("our own network is away; endpoints are not charged until it is back")
            await self.note_gap(call.endpoint, call.started_ms, GapReason.OFFLINE)
        self._is_offline = is_offline
        return call

    async def _record(self, call: Call, endpoints: Iterable[Endpoint]) -> Receipt:
        receipt = (await self._around.ledger.record([call]))[0]
        failing = None if receipt.call_id is None else receipt.failing
        for endpoint in endpoints:
            self.cadence.take(endpoint.id, call, failing)
        return receipt
