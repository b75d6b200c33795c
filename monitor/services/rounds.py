"""Rounds: what goes into probing and what comes out of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from monitor.domain.calls import Call, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint
from monitor.domain.plan import ProbePlan
from monitor.domain.purposes import INFER
from monitor.services.calls import Receipt
from monitor.services.recall import Memory
from monitor.settings.model import Settings
from monitor.storage.engine import Database, Session
from monitor.storage.gaps import GapReason
from monitor.wire.transport import Transport


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
    capability: Capability | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """A call that was made and recorded, and what is to be probed again because of it."""

    call: Call
    receipt: Receipt
    again: tuple[Again, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A probe that was not made. Without a reason, it was not needed: traffic vouches."""

    reason: GapReason | None
    again: tuple[Again, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What probing works with. `now` gives UTC milliseconds of the anchored clock."""

    settings: Settings
    database: Database
    ledger: Recorder
    transport: Transport
    now: Callable[[], int]


class Arranged(Protocol):
    """What is to be probed, and what is known of it.

    `numbers` are the rows of endpoints and targets by id.
    """

    @property
    def plan(self) -> ProbePlan: ...

    @property
    def numbers(self) -> Mapping[str, int]: ...

    @property
    def memory(self) -> Memory: ...


def pace(endpoints: Iterable[Endpoint], plan: ProbePlan) -> list[Endpoint]:
    """The endpoints with the intervals of the plan, where it has one for them."""
    planned = {p.endpoint: p.interval_s for p in plan.probes if p.purpose == INFER}
    return [replace(e, interval_s=planned.get(e.id) or e.interval_s) for e in endpoints]


def settle_probing(endpoints: Iterable[Endpoint], plan: ProbePlan) -> list[Endpoint]:
    """The endpoints as the ledger judges them: one without a price or money has no probes.

    Its own traffic decides then. A check of its target could fail it, and nothing could heal it.
    """
    return [replace(e, is_probed=plan.of(e.id).interval_s is not None) for e in endpoints]
