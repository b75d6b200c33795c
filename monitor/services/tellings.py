"""Tellings: an event that somebody told, as the call that the ledger records."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from json import dumps
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.domain.calls import NOBODY, Attribution, Call, Detail, Kind, Origin
from monitor.domain.dedupe import SHORTEST_RESPONSE_ID, dedupe_key
from monitor.domain.events import Event
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.prices import CostState
from monitor.domain.secrets import Secret, redact
from monitor.domain.tiers import read_service_tier
from monitor.domain.usage import ContradictoryUsage, Usage, UsageState
from monitor.storage.endpoints import Place
from monitor.wire.answers import tier_in
from monitor.wire.complaints import complaint_in
from monitor.wire.errors import OK_STATUSES, Fault, classify_answer, classify_status
from monitor.wire.finishes import outcome_of
from monitor.wire.openai_usage import cost_nano_usd
from monitor.wire.usages import USAGES

#: How far the clock of whoever tells may be ahead of ours.
AHEAD_MS = 300_000
_HASH_BYTES = 16
#: What makes two events without an id equal.
_SAID = tuple(name for name in Event.__slots__ if name not in {"to", "ordinal"})


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells: by which way, under which name, and whose calls are that do not say.

    `user_key` is what end users are hashed with; `secrets` are left out of every text.
    """

    origin: Origin
    name: str
    user_key: bytes
    attribution: Attribution = NOBODY
    secrets: tuple[Secret, ...] = ()
    _equals: Counter[str] = field(default_factory=Counter)

    def number(self, text: str) -> int:
        """How many events like this one were told before."""
        self._equals[text] += 1
        return self._equals[text] - 1


class Aside(NamedTuple):
    """What goes into quarantine of an event: why, and the usage object as it came."""

    reason: str
    usage: str


class Told(NamedTuple):
    """A call, and what of its event contradicts itself."""

    call: Call
    aside: Aside | None = None


def read(event: Event, place: Place, teller: Teller, now_ms: int) -> Told:
    """What an event says of a call at an endpoint."""
    fault, (usage, problem) = _fault(event, place, teller.secrets), _usage(event, place)
    whose = Attribution(
        *(a or b for a, b in zip(event.attribution, teller.attribution, strict=True))
    )
    is_ours = isinstance(fault.outcome, LocalFailure)  # of another machine's side, and so no tick
    call = Call(
        endpoint=place.slug,
        origin=teller.origin,
        kind=Kind.REQUEST,
        started_ms=event.started_ms,
        ended_ms=event.ended_ms,
        outcome=fault.outcome,
        http_status=event.http_status,
        timings=event.timings,
        usage=usage,
        usage_state=_state(event, usage),
        cost_nano_usd=_cost(event),
        cost_state=None if _cost(event) is None else CostState.REPORTED,
        service_tier=read_service_tier(_tier(event)),
        attribution=whose,
        is_live=event.ended_ms <= now_ms and not is_ours,
        dedupe_key=_key(event, place, teller),
        detail=_detail(event, fault, teller),
    )
    if problem is None:
        return Told(call)
    text = dumps(event.usage_reported, default=str, sort_keys=True)
    name = event.response_id or event.id or f"a call of {event.started_ms}"
    return Told(call, Aside(f"usage of {name} at {place.slug}: {problem}", text))


def _key(event: Event, place: Place, teller: Teller) -> bytes:
    """Whoever issued the id is its namespace, not whoever carried it."""
    if event.response_id is not None and len(event.response_id) >= SHORTEST_RESPONSE_ID:
        return dedupe_key("response", event.response_id, event.started_ms)
    if event.id is not None:
        return dedupe_key(f"event {teller.name}", event.id, event.started_ms)
    facts = (place.slug, *(getattr(event, name) for name in _SAID))
    text = blake2b(repr(facts).encode(), digest_size=_HASH_BYTES).hexdigest()
    number = teller.number(text) if event.ordinal is None else event.ordinal
    return dedupe_key("row", f"{text} {number}", event.started_ms)


def _fault(event: Event, place: Place, secrets: Iterable[Secret]) -> Fault:
    """What came of it: as told, else by status and error, else by whether anything was used."""
    host, error = urlsplit(place.base_url).hostname or "", (event.error or "").encode()
    excerpt = redact(event.error, secrets) if event.error else None
    if event.outcome is not None:
        return Fault(event.outcome, excerpt=excerpt)
    if event.http_status is None:
        is_used = event.usage is not None or event.usage_reported is not None
        return Fault(_finish(event, place) if is_used else Outcome.UNKNOWN, excerpt=excerpt)
    if event.http_status not in OK_STATUSES:
        found = classify_status(event.http_status, {}, error, host)
    elif error:
        found = classify_answer(complaint_in(error), {}, host)
    else:
        return Fault(_finish(event, place))
    code = None if found.provider_code is None else redact(found.provider_code, secrets)
    return Fault(
        found.outcome, code, None if found.excerpt is None else redact(found.excerpt, secrets)
    )


def _finish(event: Event, place: Place) -> Outcome:
    """A filter, or a server that gives up, answers with status 200, too."""
    return outcome_of(event.to.flavour or place.flavour, event.finish_reason)


def _usage(event: Event, place: Place) -> tuple[Usage | None, str | None]:
    """The leaves, or why what was reported cannot be them."""
    if event.usage_reported is None:
        return event.usage, None
    try:
        return USAGES[event.to.flavour or place.flavour](event.usage_reported), None
    except ContradictoryUsage as error:
        return None, str(error)


def _state(event: Event, usage: Usage | None) -> UsageState:
    if usage is None:
        return UsageState.MISSING
    return UsageState.MEASURED if event.estimated_by is None else UsageState.ESTIMATED


def _cost(event: Event) -> int | None:
    if event.cost_nano_usd is not None or event.usage_reported is None:
        return event.cost_nano_usd
    return cost_nano_usd(event.usage_reported)


def _tier(event: Event) -> object:
    return event.service_tier if event.service_tier is not None else tier_in(event.usage_reported)


def _detail(event: Event, fault: Fault, teller: Teller) -> Detail:
    user = event.user
    return Detail(
        request_id=event.request_id or event.response_id,
        provider_code=fault.provider_code,
        finish_reason=event.finish_reason,
        served_model=event.served_model,
        excerpt=fault.excerpt,
        usage_reported=None if event.usage_reported is None else dict(event.usage_reported),
        is_reused=event.is_reused,
        estimated_by=event.estimated_by,
        user_hash=None if user is None else hash_user(user, teller.user_key),
        tags=event.tags,
    )


def hash_user(user: str, key: bytes) -> bytes:
    """What stands for an end user; without the installation's key nobody finds out who."""
    return blake2b(user.encode(), key=key, digest_size=_HASH_BYTES).digest()
