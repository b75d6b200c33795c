"""Probing: the recipe of a check, from "may it be sent?" to "when again?".

capped? → probe → our own network? → the gap to the next one → record → confirmations to plan.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple, Protocol

from monitor.domain.calls import Call, Kind, Origin, Phase
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.outcomes import LocalFailure
from monitor.domain.plan import ProbePlan
from monitor.probes import infer, reach, witness
from monitor.services.cadence import Cadence, gap_s, next_delay_s
from monitor.services.calls import Receipt
from monitor.services.permits import Permits
from monitor.settings.model import Settings
from monitor.storage import gaps
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.gaps import GapReason
from monitor.wire.connect import Host
from monitor.wire.transport import Transport

_HTTPS = 443
log = logging.getLogger(__name__)


class Recorder(Protocol):
    """Where calls go: they are in the ledger, or safe in its spool, once this returns."""

    async def record(self, calls: Sequence[Call], *, is_bulk: bool = False) -> list[Receipt]:
        """The receipts, in the order of the calls."""

    def write(self, task: Callable[[Session], None]) -> Future[None]:
        """Do something else in a write transaction of its own, in turn with the calls."""


class Again(NamedTuple):
    """A probe to be made in `delay_s`; one that is planned earlier stays."""

    kind: Kind
    id: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class Probed:
    """A call that was made and recorded, and what is to be probed again because of it."""

    call: Call
    receipt: Receipt
    again: tuple[Again, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What probing works with. `now` gives UTC milliseconds of the anchored clock."""

    settings: Settings
    database: Database
    ledger: Recorder
    transport: Transport
    now: Callable[[], int]


def pace(endpoints: Iterable[Endpoint], plan: ProbePlan) -> list[Endpoint]:
    """The endpoints with the intervals of the plan, where it has one for them."""
    planned = {probe.endpoint: probe.interval_s for probe in plan.probes}
    return [replace(e, interval_s=planned.get(e.id) or e.interval_s) for e in endpoints]


class Prober:
    """Probes the endpoints of one installation.

    `endpoints` have the intervals that they are really probed at; `numbers` are the rows of
    endpoints and targets by id.
    """

    def __init__(
        self,
        around: Surroundings,
        plan: ProbePlan,
        numbers: Mapping[str, int],
        cadence: Cadence,
    ) -> None:
        self._around = around
        self.endpoints = {e.id: e for e in pace(around.settings.endpoints, plan) if e.is_probed}
        self._numbers = numbers
        self.cadence = cadence
        self._permits = Permits(around.database, plan, around.settings.zone)
        self._chance = Random()  # noqa: S311 - it spreads starts and keeps no secret
        self._is_offline = False

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the endpoints that are probed, each once."""
        return tuple({e.target.id: e.target for e in self.endpoints.values()}.values())

    async def infer(self, endpoint: Endpoint) -> Probed | None:
        """Ask the endpoint's model, unless that may not be paid now: then a gap is noted."""
        now_ms = self._around.now()
        refused = await asyncio.to_thread(self._permits.refuse, endpoint, now_ms)
        if refused is None:
            return await self.check(endpoint)
        if self._permits.is_news(endpoint, refused, now_ms):
            await self.note_gap(endpoint.id, now_ms, refused)
        return None

    async def check(self, endpoint: Endpoint) -> Probed:
        """Ask the endpoint's model now, whatever it costs."""
        around = self._around
        nonce = secrets.token_hex(8)
        call = await infer.probe(endpoint, around.transport, around.now, nonce)
        call = await self._witness(call, endpoint.target)
        failures = self.cadence.foresee(endpoint.id, call)
        delay_s = self._delay_s(endpoint, call, failures)
        call = replace(call, gap_s=gap_s(delay_s, endpoint.interval_s))
        receipt = await self._record(call, [endpoint])
        if self.cadence.failures(endpoint.id) != failures:
            delay_s = self._delay_s(endpoint, call, self.cadence.failures(endpoint.id))
        is_regular = delay_s == endpoint.interval_s
        return Probed(call, receipt, () if is_regular else (self._again(endpoint, delay_s),))

    async def reach(self, target: Target) -> Probed:
        """Ask the target for its list of models; a failure is confirmed on all its endpoints."""
        around = self._around
        call = await reach.probe(target, around.transport, around.now)
        call = await self._witness(call, target)
        behind = [e for e in self.endpoints.values() if e.target.id == target.id]
        before = {e.id: self.cadence.failures(e.id) for e in behind}
        delays_s = [self._delay_s(e, call, self.cadence.foresee(e.id, call)) for e in behind]
        longest_s = max(delays_s, default=target.reach_interval_s)
        call = replace(call, gap_s=gap_s(longest_s, max(e.interval_s for e in behind)))
        receipt = await self._record(call, behind)
        again = tuple(
            self._again(e, self._delay_s(e, call, self.cadence.failures(e.id)))
            for e in behind
            if self.cadence.failures(e.id) > before[e.id]
        )
        return Probed(call, receipt, again)

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

    def _delay_s(self, endpoint: Endpoint, call: Call, failures: int) -> float:
        retry_after_s = call.detail.retry_after_s if call.detail else None
        jitter = self._chance.uniform(-1, 1)
        return next_delay_s(failures, endpoint.interval_s, retry_after_s, jitter)

    def _again(self, endpoint: Endpoint, delay_s: float) -> Again:
        """The probe that confirms: free of charge where a paid one would be refused."""
        if self._permits.was_refused(endpoint):
            return Again(Kind.REACH, endpoint.target.id, delay_s)
        return Again(Kind.INFER, endpoint.id, delay_s)

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
